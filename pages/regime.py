from pages.ui.entry import require_app

require_app()

from pages.ui import (  # noqa: E402 - nothing may run before the guard
    context,
    regime_context,
    regime_now,
    regime_past,
    regime_rules,
    regime_trial,
    regime_view,
    show,
)

with show.error_boundary():
    seen = regime_view.view(context.current())
    regime_now.title(seen)
    regime_now.indicators(seen)
    regime_now.mapping(seen)
    regime_past.strip(seen)
    regime_past.indicators(seen)
    regime_past.changes(seen)
    regime_past.shares(seen)
    regime_rules.rules(seen)
    regime_context.render(seen)
    regime_trial.render(seen)
    regime_rules.record(seen)
