from pages.ui.entry import require_app

require_app()

from pages.ui import (  # noqa: E402 - nothing may run before the guard
    commit_outcome,
    context,
    holdings_book,
    holdings_entry,
    holdings_time,
    loaders,
    show,
)
from quantetf_core import desk  # noqa: E402

with show.error_boundary():
    ctx = context.current()
    # First, so that the book is the one after what has ended.
    commit_outcome.outcome(ctx.portfolio, session=ctx.session.date())
    past = loaders.past(ctx.portfolio)
    held = desk.mark_book(ctx.portfolio, ctx.market, as_of=ctx.session, found=past.history)
    holdings_book.render(ctx, held, past)
    with show.error_boundary():
        holdings_time.render(ctx, past)
    with show.error_boundary():
        holdings_entry.render(ctx, held, past)
