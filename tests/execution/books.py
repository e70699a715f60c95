"""Requests drawn to hurt: what the laws of the planner are tried on."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.execution import CostModel, PlanRequest, Reason, TradePlan

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG")
DAY = date(2023, 12, 29)

prices = st.one_of(
    st.sampled_from([0.01, 0.1, 1.0, 9.99, 25.0, 100.0, 237.220001220703, 99_999.99]),
    st.floats(0.01, 100_000.0),
    st.floats(5.0, 500.0),
)
whole_shares = st.one_of(st.just(0), st.integers(1, 30), st.integers(0, 20_000)).map(float)
odd_shares = st.one_of(whole_shares, st.floats(0.000001, 5_000.0))
amounts = st.one_of(
    st.sampled_from([0.0, 0.01, 99.99, 1_000.0, 1_000_000.0]),
    st.integers(0, 100_000_000).map(lambda cents: cents / 100),
)


@st.composite
def configs(draw: st.DrawFn, **fixed: Any) -> RebalanceConfig:
    """Rules: whole shares, lots or fractions, with and without each threshold."""
    kind = draw(st.sampled_from(["whole", "whole", "lots", "fractions"]))
    rules: dict[str, Any] = {
        "min_trade_value": draw(st.sampled_from([0.0, 1.0, 100.0, 2_500.0])),
        "min_weight_change": draw(st.sampled_from([0.0, 0.001, 0.01, 0.05])),
        "allow_fractional": kind == "fractions",
        "round_lots": kind == "lots",
        "lot_size": draw(st.sampled_from([7, 10, 100])),
        "max_single_weight": draw(st.sampled_from([1.0, 1.0, 0.4, 0.15])),
        "cash_floor": draw(st.sampled_from([0.0, 0.0, 500.0, 20_000.0])),
    }
    return RebalanceConfig(**(rules | fixed))


@st.composite
def weights_over(draw: st.DrawFn, n: int) -> list[float]:
    """Weights that sum to 1 or less, many of them 0."""
    parts = draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    cash = draw(st.sampled_from([0, 0, 1, 10]))
    whole = sum(parts) + cash
    return [part / whole for part in parts] if whole else [0.0] * n


@st.composite
def near_target(
    draw: st.DrawFn, weights: dict[str, float], price: dict[str, float]
) -> tuple[dict[str, float], float]:
    """A book that drifted a little from its weights: what thresholds are for."""
    value = draw(st.sampled_from([2_000.0, 100_000.0, 1_000_000.0]))
    drift = st.sampled_from([0.9, 0.98, 0.995, 0.9999, 1.0, 1.0001, 1.003, 1.02, 1.1])
    shares = {t: float(round(w * value / price[t] * draw(drift))) for t, w in weights.items()}
    worth = sum(shares[t] * price[t] for t in shares)
    return shares, max(0.0, round(value - worth, 2))


@st.composite
def requests(draw: st.DrawFn, **fixed: Any) -> PlanRequest:
    """Books with something to size: positions, cash, flows, blocked lines, odd lots."""
    tickers = TICKERS[: draw(st.integers(1, len(TICKERS)))]
    config = fixed.pop("config", None) or draw(configs())
    weights = dict(zip(tickers, draw(weights_over(len(tickers))), strict=True))
    price = {t: draw(prices) for t in tickers}
    if draw(st.booleans()):
        shares, cash = draw(near_target(weights, price))
    else:
        held = whole_shares if draw(st.booleans()) else odd_shares
        shares, cash = {t: draw(held) for t in tickers}, draw(amounts)
    worth = cash + sum(shares[t] * price[t] for t in tickers)
    flow = draw(st.sampled_from([0.0, 0.0, 0.0, 5_000.0, -0.005, -0.05, -0.6]))
    if flow < 0.0:
        flow = round(flow * worth, 2)
    if round(worth + flow, 2) < 1.0:
        cash += 10_000.0
    blocked = draw(st.dictionaries(st.sampled_from(tickers), st.sampled_from(PRICE_BLOCKS)))
    unheld = [t for t in tickers if shares[t] == 0.0]
    if unheld and draw(st.booleans()):
        price.pop(draw(st.sampled_from(unheld)))
    facts: dict[str, Any] = {
        "shares": shares,
        "weights": weights,
        "prices": price,
        "cash": cash,
        "cash_flow": flow,
        "blocked": blocked if draw(st.booleans()) else {},
        "config": config,
        "costs": CostModel(draw(st.sampled_from([0.0, 5.0, 5.0, 80.0]))),
    }
    return PlanRequest.from_mappings(**(facts | fixed))


PRICE_BLOCKS = [Reason.CARRIED_PRICE, Reason.STALE_PRICE, Reason.SUSPECT_SPLIT]


def facts_of(request: PlanRequest) -> dict[str, Any]:
    """The mappings a request was made of, to make another one that differs in something."""
    t = request.tickers
    return {
        "shares": dict(zip(t, request.current_shares.tolist(), strict=True)),
        "weights": dict(zip(t, request.target_weights.tolist(), strict=True)),
        "prices": dict(zip(t, request.price.tolist(), strict=True)),
        "cash": request.cash,
        "cash_flow": request.cash_flow,
        "blocked": {
            ticker: reason
            for ticker, reason in zip(t, request.block_reason, strict=True)
            if reason is not None
        },
        "config": request.config,
        "costs": request.costs,
    }


def again(request: PlanRequest, plan: TradePlan) -> PlanRequest:
    """The same wish at the same prices, after the plan was carried out."""
    after = {
        "shares": dict(zip(plan.tickers, plan.target_shares.tolist(), strict=True)),
        "cash": plan.cash_after,
        "cash_flow": 0.0,
    }
    return PlanRequest.from_mappings(**(facts_of(request) | after))
