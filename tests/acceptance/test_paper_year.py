"""A year of monthly rebalances on paper, on real prices, to the share and to the cent."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from quantetf_core import desk
from quantetf_core.data.schedule import due_sessions
from tests.acceptance.conftest import NOW, ROOT, PlainPrices, RealDesk
from tests.paper_year import run

pytestmark = pytest.mark.real_data


def on_paper(real: RealDesk) -> desk.Portfolio:
    """The real portfolio with the rules of the shipped example."""
    root = real.portfolio.root
    example = yaml.safe_load((ROOT / "configs/portfolios/paper_example.yaml").read_text("utf-8"))
    path = root / "configs" / "portfolios" / "real.yaml"
    config = yaml.safe_load(path.read_text("utf-8")) | {"paper": example["paper"]}
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return desk.open_portfolio(root, "real")


def test_a_year_of_monthly_rebalances_keeps_every_share_and_every_cent(
    real_desk: RealDesk, plain_prices: PlainPrices
) -> None:
    portfolio = on_paper(real_desk)
    schedule = portfolio.settings.config.schedule
    sessions = due_sessions(schedule, date(2022, 12, 1), date(2023, 11, 30))
    plain = run(
        portfolio,
        real_desk.market,
        [session.date() for session in sessions],
        plain_prices.close,
        now=NOW,
    )
    states = desk.decision_states(portfolio)
    assert len(states) == 12
    assert set(states.values()) <= {desk.DecisionState.RECONCILED, desk.DecisionState.COMMITTED}
    assert plain.cut, "in no month did prices rise beyond the cash there was"
