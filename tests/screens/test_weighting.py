"""What gave the weights, on the screens: the optimizer, or the fallback and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.ui import format, loaders
from quantetf_core import desk
from tests.workspace import use_everywhere

OpenDesk = Callable[..., AppTest]


def said(at: AppTest) -> str:
    """The texts of the page and its tables of facts, as a reader sees them."""
    texts = [str(one.value) for group in (at.markdown, at.caption) for one in group]
    tables = [frame.value.to_string() for frame in at.table]
    return "\n".join([*texts, *tables]).replace("\\", "").replace("\u2060", "")


def test_review_and_the_record_name_the_optimizer(workspace: Path, open_desk: OpenDesk) -> None:
    use_everywhere(workspace, "min_variance")
    now = loaders.now()
    portfolio = loaders.portfolio("sample")
    plan = desk.propose(portfolio, loaders.market(portfolio, now=now), now=now)
    line = "Weights: minimum variance (skfolio), 252 closes, Ledoit–Wolf covariance"
    shown = said(open_desk())
    volatility = format.percent(plan.used.weighting.volatility)
    assert f"{line}; expected volatility {volatility} a year of what it invests." in shown
    for fact in ("all with a score", "inverse volatility", "0% to 60%", "Cash-like together"):
        assert fact in shown
    notes = {warning.code: "seen" for warning in plan.warnings}
    receipt = desk.commit(portfolio, plan, approver="Ada", notes=notes, now=now)
    assert f"{line}." in said(open_desk("history", portfolio="sample", id=receipt.commit_id))


def test_review_says_when_it_fell_back_and_why(workspace: Path, open_desk: OpenDesk) -> None:
    use_everywhere(workspace, "hierarchical_risk_parity")
    strategy = workspace / "configs/strategies/hierarchical_risk_parity.yaml"
    text = strategy.read_text("utf-8")
    assert "    lookback_days: 252" in text
    longer = text.replace("    lookback_days: 252", "    lookback_days: 25000")
    strategy.write_text(longer, "utf-8")
    shown = said(open_desk())
    assert "fell back to inverse volatility, because no ticker has enough history." in shown
    assert "so inverse volatility is used: no ticker has enough history" in shown
