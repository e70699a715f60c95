"""Overlays on the screens: state, number and exposure of each, on Review and in a record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import format, loaders
from quantetf_core import desk
from quantetf_core.portfolio.overlays import OverlayState
from tests.workspace import use_everywhere

OpenDesk = Callable[..., AppTest]


def said(at: AppTest) -> list[str]:
    """The texts of the page, as a reader sees them."""
    texts = (one.value for group in (at.markdown, at.caption, at.subheader) for one in group)
    return [str(text).replace("\\", "").replace("\u2060", "") for text in texts]


@pytest.fixture
def guarded(workspace: Path) -> Path:
    """The shipped example in every regime, held back hard, with its limit switched off."""
    use_everywhere(workspace, "guarded_momentum")
    strategy = workspace / "configs/strategies/guarded_momentum.yaml"
    text = strategy.read_text("utf-8").replace("target: 0.12", "target: 0.04")
    text = text.replace("redistribute: true", "enabled: false")
    strategy.write_text(text, "utf-8")
    return workspace


def test_a_strategy_without_overlays_shows_no_empty_place_for_them(open_desk: OpenDesk) -> None:
    assert "Overlays" not in said(open_desk())


@pytest.mark.usefixtures("guarded")
def test_review_and_the_record_show_what_each_overlay_did(open_desk: OpenDesk) -> None:
    now = loaders.now()
    portfolio = loaders.portfolio("sample")
    market = loaders.market(portfolio, now=now)
    plan = desk.propose(portfolio, market, now=now)
    states = [step.state for step in plan.used.overlays]
    assert states == [
        OverlayState.WITHIN,
        OverlayState.OFF,
        OverlayState.APPLIED,
        OverlayState.UNKNOWN,  # there is no book yet
    ]
    after = format.percent(plan.used.overlays[2].exposure_after, places=1)
    shown = said(open_desk())
    assert_shown(plan.used.overlays, shown, after)

    notes = {warning.code: "seen" for warning in plan.warnings}
    receipt = desk.commit(portfolio, plan, approver="Ada", notes=notes, now=now)
    record = said(open_desk("history", portfolio="sample", id=receipt.commit_id))
    assert_shown(plan.used.overlays, record, after)


def assert_shown(steps: tuple[desk.OverlayStep, ...], shown: list[str], after: str) -> None:
    assert "Overlays" in shown
    for number, step in enumerate(steps, 1):
        assert f"**{number}. {step.title}**" in shown
        assert step.said in shown
    badges = [text for text in shown if "-badge[" in text]
    for label in ("Nothing to do", "Off", "Applied", "Not applied"):
        assert any(label in badge for badge in badges)
    volatility = format.percent(steps[2].measured, places=1)
    assert f"Expected yearly volatility {volatility}, target 4.0%" in shown
    assert f"Exposure 100.0% before, {after} after" in shown
    assert "Drawdown of the book not known, begins at −10.0%" in shown
    assert any(
        text.endswith(f"the rest is cash. Together: 100.0% before, {after} after.")
        for text in shown
    )
