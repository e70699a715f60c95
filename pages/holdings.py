from pages.ui.entry import require_app

require_app()

import streamlit as st  # noqa: E402 - nothing may run before the guard

from pages.ui import (  # noqa: E402
    context,
    holdings_book,
    holdings_entry,
    holdings_time,
    loaders,
    review_commit,
    show,
)
from quantetf_core import desk  # noqa: E402

with show.error_boundary():
    ctx = context.current()
    what_is_held, record = st.container(), st.container()
    with record:
        outcome = st.container()
    with outcome:  # first, so that the book below is the one after a commit that has just ended
        review_commit.outcome(ctx)
    past = loaders.past(ctx.portfolio)
    held = desk.mark_book(ctx.portfolio, ctx.market, as_of=ctx.session, found=past.history)
    with what_is_held:
        holdings_book.render(ctx, held, past)
        with show.error_boundary():
            holdings_time.render(ctx, past)
    with record, show.error_boundary():
        holdings_entry.render(ctx, held, past)
