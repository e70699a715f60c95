from pages.ui.entry import require_app

require_app()

from pages.ui import (  # noqa: E402 - nothing may run before the guard
    commit_outcome,
    context,
    history_compare,
    history_link,
    history_list,
    history_record,
    history_undo,
    loaders,
    show,
)

with show.error_boundary():
    portfolio = loaders.portfolio(context.chosen_portfolio())
    history_undo.outcome(portfolio)
    commit_outcome.outcome(portfolio, after="It is the newest record of this history.")
    past = loaders.past(portfolio)
    asked = history_link.asked()
    if asked.other:
        history_compare.render(portfolio, past, asked)
    elif asked.commit_id:
        history_record.render(portfolio, past, asked.commit_id)
    else:
        history_list.render(portfolio, past)
