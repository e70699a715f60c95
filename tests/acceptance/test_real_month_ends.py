"""Known month-ends on real prices, against a calculation that shares no code with ours."""

from __future__ import annotations

import math
import statistics
from datetime import date
from itertools import pairwise

import pytest

from quantetf_core import desk
from quantetf_core.decision import RebalanceResult
from quantetf_core.units import CASH
from tests.acceptance.conftest import NOW, PlainPrices, RealDesk

pytestmark = pytest.mark.real_data

MONTH_ENDS = [
    (date(2023, 12, 29), "uptrend_low_vol", "momentum_acceleration"),
    (date(2020, 3, 31), "downtrend_high_vol", "defensive"),
    (date(2008, 10, 31), "downtrend_high_vol", "defensive"),
    (date(2005, 6, 30), "uptrend_low_vol", "momentum_acceleration"),
]
VALUE = 1_000_000.0


def replayed_regime(prices: PlainPrices, session: date) -> str:
    """The four rules of the regime, day by day, as they are written down."""
    spy = sorted((day, price) for day, price in prices.close["SPY"].items() if day <= session)
    trend = volatility = ""
    for position in range(199, len(spy)):
        day, price = spy[position]
        mean = sum(close for _, close in spy[position - 199 : position + 1]) / 200
        if price < mean * 0.98:
            trend = "downtrend"
        elif price > mean * 1.02:
            trend = "uptrend"
        elif not trend:
            trend = "uptrend" if price >= mean else "downtrend"
        level = prices.vix.get(day)
        if level is not None and level > 25:
            volatility = "high_vol"
        elif (level is not None and level < 20) or not volatility:
            volatility = "low_vol"
    return f"{trend}_{volatility}"


def accelerating(prices: PlainPrices, session: date) -> dict[str, float]:
    """The five best by 63-close return less 252-close return, a fifth each."""
    scores = {}
    for ticker in prices.close:
        history = prices.last(ticker, 252, session)
        if session in prices.close[ticker] and len(history) >= 200:
            scores[ticker] = history[-1] / history[-63] - history[-1] / history[0]
    best = sorted(scores, key=lambda ticker: (-scores[ticker], ticker))[:5]
    return dict.fromkeys(best, 0.2)


def defensive(prices: PlainPrices, session: date) -> dict[str, float]:
    """The best three of bonds, gold and bills by half a year's return, quieter ones larger.

    70 % invested, at most 30 % each; what a capped position cannot take goes to the others.
    """
    scores, volatility = {}, {}
    for ticker in ("AGG", "TLT", "GLD", "BIL"):
        half_year = prices.last(ticker, 126, session)
        if session not in prices.close[ticker] or len(half_year) < 100:
            continue
        scores[ticker] = half_year[-1] / half_year[0] - 1
        quarter = half_year[-63:]
        returns = [b / a - 1 for a, b in pairwise(quarter)]
        volatility[ticker] = statistics.stdev(returns)
    best = sorted(scores, key=lambda ticker: (-scores[ticker], ticker))[:3]
    inverse = {ticker: 1 / volatility[ticker] for ticker in best}
    total = sum(inverse.values())
    weights = {ticker: 0.7 * share / total for ticker, share in inverse.items()}
    while any(weight > 0.30 + 1e-12 for weight in weights.values()):
        capped = {ticker for ticker, weight in weights.items() if weight >= 0.30}
        free = {ticker: share for ticker, share in inverse.items() if ticker not in capped}
        left = 0.7 - 0.30 * len(capped)
        weights = dict.fromkeys(capped, 0.30) | {
            ticker: left * share / sum(free.values()) for ticker, share in free.items()
        }
    return weights


EXPECTED_WEIGHTS = {"momentum_acceleration": accelerating, "defensive": defensive}


def decided(real_desk: RealDesk, session: date) -> RebalanceResult:
    return desk.propose(real_desk.portfolio, real_desk.market, now=NOW, as_of=session)


@pytest.mark.parametrize(("session", "regime", "strategy"), MONTH_ENDS)
def test_regime_and_strategy_are_those_of_the_written_rules(
    real_desk: RealDesk, plain_prices: PlainPrices, session: date, regime: str, strategy: str
) -> None:
    result = decided(real_desk, session)
    assert replayed_regime(plain_prices, session) == regime
    assert (result.regime, result.strategy_used) == (regime, strategy)


@pytest.mark.parametrize(("session", "regime", "strategy"), MONTH_ENDS)
def test_target_weights_agree_with_the_formulas_in_plain_python(
    real_desk: RealDesk, plain_prices: PlainPrices, session: date, regime: str, strategy: str
) -> None:
    expected = EXPECTED_WEIGHTS[strategy](plain_prices, session)
    ideal = {line.ticker: line.ideal_weight for line in decided(real_desk, session).orders}
    assert ideal == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("session", "regime", "strategy"), MONTH_ENDS)
def test_trades_buy_the_nearest_whole_shares_at_that_days_close(
    real_desk: RealDesk, plain_prices: PlainPrices, session: date, regime: str, strategy: str
) -> None:
    expected = EXPECTED_WEIGHTS[strategy](plain_prices, session)
    result = decided(real_desk, session)
    costs = sum(round(round(t.notional_value, 2) * 0.0005, 2) for t in result.orders)
    spent = 0.0
    for trade in result.orders:
        close = plain_prices.close[trade.ticker][session]
        wished = expected[trade.ticker] * (VALUE - costs) / close
        assert trade.action == "BUY"
        assert trade.price_date == session
        assert trade.notional_value == pytest.approx(trade.shares_delta * close, abs=0.005)
        assert trade.shares_delta == math.floor(trade.shares_delta)
        assert abs(trade.shares_delta - wished) < 1.0
        spent += trade.notional_value
    cash = result.target_portfolio.loc[CASH, "notional"]
    assert cash == pytest.approx(VALUE - spent - costs, abs=0.005)
    assert cash >= 0


def test_a_dry_run_leaves_no_trace_and_a_commit_writes_everything(real_desk: RealDesk) -> None:
    portfolio = real_desk.portfolio
    result = decided(real_desk, date(2023, 12, 29))
    assert not portfolio.artifacts_dir.exists()
    assert not portfolio.state_dir.exists()
    receipt = desk.commit(
        portfolio,
        result,
        approver="A. Manager",
        notes={finding.code: "seen" for finding in result.warnings},
        now=NOW,
    )
    assert receipt.commit_id == "20231229"
    assert sorted(path.name for path in receipt.folder.iterdir()) == [
        "execution_log.json",
        "holdings_after.json",
        "holdings_before.json",
        "inputs.json",
        "manifest.json",
        "rebalance_result.json",
        "target_portfolio.csv",
        "trades.csv",
    ]
    assert (portfolio.state_dir / "current_holdings.json").is_file()
    assert (portfolio.state_dir / "current_regime.json").is_file()
