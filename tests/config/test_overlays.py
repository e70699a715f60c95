"""Overlays in a strategy file: both layouts, every mistake with its line and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import check_workspace, load_portfolio, load_strategy
from quantetf_core.config.schema_overlays import (
    DrawdownBrake,
    PositionLimit,
    VixShift,
    VolatilityTarget,
)
from quantetf_core.errors import ConfigError
from tests.config.test_strategies import FLAT, NESTED, problems_of, read

ROOT = Path(__file__).resolve().parents[2]

OVERLAYS = """\
overlays:
  - {type: vix_shift, start: 25, full: 40, max_shift: 0.5, defensive_tickers: [AGG, BIL]}
  - {type: position_limit, max_weight: 0.25, redistribute: false}
  - type: volatility_target
    target: 0.10
    lookback_days: 63
    max_exposure: 0.9
  - {type: drawdown_brake, start: -0.10, full: -0.20, min_exposure: 0.3, enabled: false}
"""
MEANT = (
    VixShift(
        type="vix_shift", start=25.0, full=40.0, max_shift=0.5, defensive_tickers=("AGG", "BIL")
    ),
    PositionLimit(type="position_limit", max_weight=0.25, redistribute=False),
    VolatilityTarget(type="volatility_target", target=0.10, lookback_days=63, max_exposure=0.9),
    DrawdownBrake(type="drawdown_brake", start=-0.10, full=-0.20, min_exposure=0.3, enabled=False),
)
LINES_ABOVE = FLAT.count("\n")


@pytest.mark.parametrize("layout", [FLAT, NESTED], ids=["flat", "nested"])
def test_both_layouts_list_overlays_and_keep_their_order(layout: str) -> None:
    strategy = read(layout + OVERLAYS)
    assert strategy.overlays == MEANT
    assert hash(strategy) == hash(read(layout + OVERLAYS))


def test_a_strategy_without_overlays_has_none() -> None:
    assert read(FLAT).overlays == ()
    assert read(FLAT + "overlays: []\n").overlays == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "found", "accepted"),
    [
        (
            "type: volatility_target",
            "type: vol_target",
            4,
            "overlays.2.type",
            "'vol_target'",
            "drawdown_brake, position_limit, vix_shift or volatility_target; did you mean "
            "'volatility_target'?",
        ),
        (
            "type: position_limit, ",
            "",
            3,
            "overlays.1.type",
            "nothing; the key is missing",
            "drawdown_brake, position_limit, vix_shift or volatility_target",
        ),
        (
            "target: 0.10",
            "target: 10",
            5,
            "overlays.2.target",
            "10",
            "a number above 0 and at most 1",
        ),
        (
            "max_exposure: 0.9",
            "max_exposure: 1.5",
            7,
            "overlays.2.max_exposure",
            "1.5",
            "a number above 0 and at most 1",
        ),
        (
            "max_exposure: 0.9",
            "max_exposure: 0.9\n    min_exposure: 0.95",
            8,
            "overlays.2.min_exposure",
            "0.95",
            "a number of at most max_exposure (0.9)",
        ),
        (
            "max_exposure: 0.9",
            "min_periods: 64",
            7,
            "overlays.2.min_periods",
            "64",
            "a whole number of at most lookback_days (63)",
        ),
        (
            "max_exposure: 0.9",
            "half_life: 11",
            7,
            "overlays.2.half_life",
            "the unknown key 'half_life'",
            "enabled, type, target, decay, lookback_days, min_periods, min_exposure and "
            "max_exposure",
        ),
        ("start: -0.10", "start: 0.10", 8, "overlays.3.start", "0.1", "a number from -1 to 0"),
        (
            "full: -0.20",
            "full: -0.05",
            8,
            "overlays.3.full",
            "-0.05",
            "a number from -1 to start (-0.1)",
        ),
        (
            "min_exposure: 0.3",
            "min_exposure: 0",
            8,
            "overlays.3.min_exposure",
            "0",
            "a number above 0 and at most 1 (0 only with lookback_days, because a book that is all "
            "cash never returns to its peak)",
        ),
        ("start: 25", "start: 0.25", 2, "overlays.0.start", "0.25", "a number from 1 to 200"),
        ("full: 40", "full: 20", 2, "overlays.0.full", "20", "a number from start (25) to 200"),
        (
            "[AGG, BIL]",
            "[AGG, AGG]",
            2,
            "overlays.0.defensive_tickers.1",
            "'AGG'",
            "each ticker once",
        ),
        (
            "redistribute: false",
            "enabled: 'no'",
            3,
            "overlays.1.enabled",
            "the text 'no'",
            "true or false",
        ),
    ],
)
@pytest.mark.parametrize("layout", [FLAT, NESTED], ids=["flat", "nested"])
def test_every_mistake_is_named_with_its_line_and_what_is_accepted(
    layout: str, old: str, new: str, line: int, key: str, found: str, accepted: str
) -> None:
    above = layout.count("\n")
    assert OVERLAYS.count(old) == 1
    problems = problems_of(layout + OVERLAYS.replace(old, new))
    assert problems == [(above + line, key, found, accepted)]


def test_a_mapping_where_a_list_belongs_is_said() -> None:
    ((line, key, found, accepted),) = problems_of(
        FLAT + "overlays: {type: position_limit, max_weight: 0.2}\n"
    )
    assert (line, key, found) == (LINES_ABOVE + 1, "overlays", "a mapping of keys")
    assert accepted.startswith("a list of a mapping with the key type:")


def test_no_least_exposure_is_needed_where_old_peaks_pass() -> None:
    text = OVERLAYS.replace("min_exposure: 0.3", "min_exposure: 0, lookback_days: 252")
    assert read(FLAT + text).overlays[3] == MEANT[3].model_copy(
        update={"min_exposure": 0.0, "lookback_days": 252}
    )


def test_a_defensive_ticker_must_be_in_the_universe(
    workspace: Path, edit: Callable[[str, str, str], int]
) -> None:
    file = "configs/strategies/momentum_acceleration.yaml"
    overlay = "unfilled: cash\noverlays:\n  - {type: vix_shift, start: 25, full: 40, "
    edit(file, "unfilled: cash\n", overlay + "defensive_tickers: [AGG, BLI]}\n")
    with pytest.raises(ConfigError) as caught:
        load_portfolio(workspace, "sample", models=AlphaFactory)
    assert [(p.file, p.key, p.found) for p in caught.value.problems] == [
        (file, "overlays.0.defensive_tickers.1", "'BLI'")
    ]
    assert "a ticker of the universe 'Sample universe'; did you mean 'BIL'?" in str(caught.value)


def test_the_example_in_the_readme_is_a_strategys_overlays() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(overlays:\n.*?)```", text, flags=re.S)
    assert [type(overlay) for overlay in read(FLAT + block).overlays] == [
        VixShift,
        PositionLimit,
        VolatilityTarget,
        DrawdownBrake,
    ]


def test_the_shipped_example_shows_all_four_and_fits_every_shipped_universe(
    workspace: Path, edit: Callable[[str, str, str], int]
) -> None:
    strategy = load_strategy(ROOT / "configs/strategies/guarded_momentum.yaml")
    shown = {type(overlay) for overlay in strategy.overlays if overlay.enabled}
    assert shown == {VixShift, PositionLimit, VolatilityTarget, DrawdownBrake}
    mapping = "configs/regimes/default_mapping.yaml"
    edit(mapping, "strategy: momentum_acceleration", "strategy: guarded_momentum")
    edit(mapping, "strategies/momentum_acceleration.yaml", "strategies/guarded_momentum.yaml")
    assert check_workspace(workspace, models=AlphaFactory) == ()
