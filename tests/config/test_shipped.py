"""The shipped configuration, against the rest of the desk and against what it promises."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import (
    PortfolioSettings,
    StrategyConfig,
    check_workspace,
    load_portfolio,
    load_strategy,
    portfolio_names,
)

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = sorted((ROOT / "configs/strategies").glob("*.yaml"))


@pytest.fixture(params=portfolio_names(ROOT))
def settings(request: pytest.FixtureRequest) -> PortfolioSettings:
    return load_portfolio(ROOT, request.param, models=AlphaFactory)


def test_nothing_is_wrong_with_it() -> None:
    assert check_workspace(ROOT, models=AlphaFactory) == ()
    assert portfolio_names(ROOT) == ("files_example", "live_example", "paper_example", "sample")


@pytest.mark.parametrize("path", STRATEGIES, ids=lambda path: path.stem)
def test_every_strategy_names_a_model_that_can_be_created(path: Path) -> None:
    strategy = load_strategy(path, models=AlphaFactory)
    assert strategy.name == path.stem
    AlphaFactory.create(model_type=strategy.alpha_model, params=strategy.parameters)


def test_every_alpha_model_has_a_strategy() -> None:
    used = {load_strategy(path).alpha_model for path in STRATEGIES}
    assert used == set(AlphaFactory.names())


def test_the_sample_universe_is_the_sample_market() -> None:
    universe = load_portfolio(ROOT, "sample").universe
    assert " ".join(member.ticker for member in universe.tickers) == (
        "SPY QQQ IWM XLK XLF XLE XLV XLP XLU EFA EEM EWJ AGG TLT LQD HYG GLD VNQ DBC BIL"
    )
    assert set(universe.names) == set(universe.symbols)
    assert all(universe.names.values())
    assert sorted(set(universe.asset_classes.values())) == [
        "Bonds",
        "Cash-like",
        "International equity",
        "Real assets",
        "US equity",
        "US sectors",
    ]


@pytest.mark.real_data
def test_the_files_universe_is_the_real_file(market_data_dir: Path) -> None:
    tickers = pq.read_table(market_data_dir / "etf_prices.parquet", columns=["ticker"])
    universe = load_portfolio(ROOT, "files_example").universe
    assert list(universe.symbols) == sorted(set(tickers["ticker"].to_pylist()))


def test_in_a_panic_no_shares_are_bought_and_a_part_stays_in_cash(
    settings: PortfolioSettings,
) -> None:
    _, strategy = settings.strategy_for("downtrend_high_vol")
    assert strategy.tickers is not None
    classes = settings.universe.asset_classes
    assert {classes[ticker] for ticker in strategy.tickers} <= {
        "Bonds",
        "Real assets",
        "Cash-like",
    }
    assert not {"VNQ", "DBC", "HYG"} & set(strategy.tickers)  # these fall with shares
    assert strategy.construction.gross_exposure <= 0.7
    assert strategy.construction.unfilled == "cash"


def test_an_unknown_regime_is_answered_cautiously_and_says_so(settings: PortfolioSettings) -> None:
    entry, strategy = settings.strategy_for("unknown")
    assert "regime is unknown" in entry.rationale
    assert strategy.construction.gross_exposure <= 0.5


def largest_position(strategy: StrategyConfig) -> float:
    construction = strategy.construction
    even = construction.gross_exposure / construction.top_n
    return even if construction.weighting == "equal" else construction.max_weight


def test_an_ordinary_rebalance_does_not_cry_wolf(settings: PortfolioSettings) -> None:
    for strategy in settings.strategies:
        assert largest_position(strategy) <= settings.checks.position_size.max_weight
        assert largest_position(strategy) <= settings.config.rebalance.max_single_weight


def test_nothing_shipped_names_an_unknown_asset_class(settings: PortfolioSettings) -> None:
    classes = set(settings.universe.asset_classes.values())
    assert set(settings.checks.asset_class.exempt) <= classes
