"""The commands by name."""

from __future__ import annotations

from collections.abc import Callable

import typer

from quantetf_core.cli import changing, following, keeping, looking, paper

app = typer.Typer(
    help="QuantETF: run an ETF portfolio by market regime.",
    epilog=(
        "Exit codes: 0 done, 1 refused or failed, 2 bad usage. Only monitor, rebalance, sent, "
        "fills, positions, paper, import-holdings, adopt-holdings, cash, corporate-action, lock, "
        "unlock and revert record anything; fetch and prune change what market data is kept."
    ),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_COMMANDS: dict[str, Callable[..., None]] = {
    "status": looking.status,
    "monitor": changing.monitor,
    "rebalance": changing.rebalance,
    "history": looking.history,
    "show": looking.show,
    "compare": looking.compare,
    "verify": looking.verify,
    "orders": looking.orders,
    "sheet": looking.sheet,
    "sent": following.sent,
    "fills": following.fills,
    "holdings": looking.holdings,
    "import-holdings": changing.import_holdings,
    "adopt-holdings": changing.adopt_holdings,
    "cash": changing.cash,
    "lock": changing.lock,
    "unlock": changing.unlock,
    "revert": changing.revert,
    "quality": looking.quality,
    "fetch": keeping.fetch,
    "snapshots": keeping.snapshots,
    "replay": keeping.replay,
    "prune": keeping.prune,
    "check-config": looking.check_config,
}

for _name, _command in _COMMANDS.items():
    app.command(_name)(_command)

app.add_typer(following.positions, name="positions")
app.add_typer(paper.paper, name="paper")
app.add_typer(following.corporate_action, name="corporate-action")
