from pages.ui.entry import require_app

require_app()

import streamlit as st  # noqa: E402 - nothing may run before the guard

from pages.ui import (  # noqa: E402
    commit_outcome,
    context,
    paper,
    review_headline,
    review_plan,
    review_regime,
    review_strategy,
    show,
)
from quantetf_core import desk  # noqa: E402

with show.error_boundary():
    ctx = context.current()
    commit_outcome.outcome(ctx.portfolio, session=ctx.session.date())
    with st.spinner("Working out the plan … the first one after a start can take some seconds."):
        book = desk.propose(ctx.portfolio, ctx.market, now=ctx.now, as_of=ctx.requested)
    review_headline.title(ctx, book)
    paper.notice(ctx)
    headline = st.container(border=True, key="headline").empty()
    review_regime.render(ctx, book)
    review_strategy.render(book)
    review_plan.render(review_plan.lay_out(ctx, book, headline))
