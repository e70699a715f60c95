"""Each alpha model against an independent calculation, and the laws every one of them obeys."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.alpha import AlphaFactory, AlphaModel
from quantetf_core.alpha.panel import PricePanel
from quantetf_core.errors import InvalidValueError, SessionError, UnknownTickerError
from tests.alpha.reference import REFERENCE, SMALL, known_closes

NAN = math.nan
TICKERS = ("BIL", "EEM", "QQQ", "SPY", "TLT")
every_model = pytest.mark.parametrize("name", sorted(SMALL))
alone = pytest.mark.parametrize(
    "name", ["momentum", "momentum_acceleration", "residual_momentum", "vol_adjusted_momentum"]
)

usable = st.integers(200, 2000).map(lambda tenths: tenths / 10)
hurtful = st.sampled_from([NAN, NAN, 0.0, -5.0, math.inf, -math.inf])


@st.composite
def markets(draw: st.DrawFn, *, gaps: bool = True) -> pd.DataFrame:
    """A few dozen sessions of five tickers, with gaps and closes that cannot be used."""
    n = draw(st.integers(1, 24))
    cell = st.one_of(usable, usable, usable, hurtful) if gaps else usable
    columns = {t: draw(st.lists(cell, min_size=n, max_size=n)) for t in TICKERS}
    return pd.DataFrame(columns, index=pd.bdate_range("2021-03-01", periods=n))


def small(name: str) -> AlphaModel:
    return AlphaFactory.create(model_type=name, params=SMALL[name])


def frame(**columns: list[float]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.bdate_range("2021-03-01", periods=n), dtype=float)


def same_bits(a: pd.Series, b: pd.Series) -> bool:
    return list(a.index) == list(b.index) and a.to_numpy().tobytes() == b.to_numpy().tobytes()


def scores(name: str, prices: pd.DataFrame, **parameters: Any) -> dict[str, float]:
    model = AlphaFactory.create(model_type=name, params=parameters)
    return model.compute_scores(prices).to_dict()


# --- by hand -------------------------------------------------------------------------------------


def test_momentum_is_last_over_first_less_one_of_the_last_n_closes() -> None:
    found = scores("momentum", frame(A=[1, 10, 11, 15]), lookback_days=3, min_periods=2)
    assert found == {"A": 0.5}


def test_skipping_recent_days_moves_the_window_back_and_keeps_its_length() -> None:
    prices = frame(A=[8, 10, 11, 15])
    found = scores("momentum", prices, lookback_days=3, min_periods=2, skip_recent_days=1)
    assert found == {"A": 11 / 8 - 1}


def test_a_younger_ticker_ranks_with_what_it_has_from_min_periods_on() -> None:
    prices = frame(A=[NAN, 10, 11, 12], B=[NAN, NAN, 10, 12])
    found = scores("momentum", prices, lookback_days=4, min_periods=3)
    assert found["A"] == 12 / 10 - 1
    assert math.isnan(found["B"])


def test_a_missing_session_is_skipped_so_the_window_reaches_further_back() -> None:
    prices = frame(A=[8, 10, NAN, 11, 0.0, 15], B=[1, 2, 3, 4, 5, 6])
    found = scores("momentum", prices, lookback_days=3, min_periods=3)
    assert found == {"A": 0.5, "B": 0.5}


def test_a_ticker_without_a_close_at_the_session_is_not_eligible() -> None:
    found = scores(
        "momentum", frame(A=[1, 2, 3, NAN], B=[1, 2, 3, 4]), lookback_days=3, min_periods=2
    )
    assert math.isnan(found["A"])
    assert found["B"] == 1.0


def test_acceleration_is_the_short_return_less_the_long_return() -> None:
    prices = frame(A=[10, 8, 16])
    parameters = {"short_lookback_days": 2, "long_lookback_days": 3, "min_periods": 3}
    assert scores("momentum_acceleration", prices, **parameters) == {"A": pytest.approx(1.0 - 0.6)}


def test_volatility_below_the_floor_divides_by_the_floor() -> None:
    prices = frame(A=[10, 10, 10, 10], B=[16, 8, 16, 32])
    found = scores("vol_adjusted_momentum", prices, lookback_days=4, min_periods=3, vol_floor=0.5)
    # Returns of B: −1/2, 1, 1: mean 1/2, squares 1 + 1/4 + 1/4 over 2.
    yearly = math.sqrt(0.75) * math.sqrt(252)
    assert found == {"A": 0.0, "B": pytest.approx(1.0 / yearly)}
    steady = frame(A=[1, 2, 4])
    assert scores(
        "vol_adjusted_momentum", steady, lookback_days=3, min_periods=3, vol_floor=0.5
    ) == {"A": 6.0}


def test_residuals_of_what_moves_exactly_with_the_market_rank_nothing() -> None:
    spy = [100, 101, 103, 99, 104, 108]
    prices = frame(SPY=spy, TWIN=[3 * x for x in spy], FLAT=[7] * 6, OTHER=[5, 6, 5, 7, 5, 9])
    found = scores("residual_momentum", prices, lookback_days=6, formation_days=2, min_periods=6)
    assert [t for t, score in found.items() if not math.isnan(score)] == ["OTHER"]


def test_a_market_that_stands_still_explains_nothing_and_nobody_is_eligible() -> None:
    prices = frame(SPY=[100] * 6, OTHER=[5, 6, 5, 7, 5, 9])
    found = scores("residual_momentum", prices, lookback_days=6, formation_days=2, min_periods=6)
    assert all(math.isnan(score) for score in found.values())


def test_below_its_mean_only_the_defensive_tickers_are_eligible() -> None:
    parameters = {"momentum_lookback": 2, "ma_period": 3, "min_periods": 2}
    up = frame(SPY=[9, 9, 12], AGG=[1, 1, 2], XLK=[1, 1, 3])
    assert scores("trend_filtered_momentum", up, **parameters) == {
        "AGG": 1.0,
        "SPY": 12 / 9 - 1,
        "XLK": 2.0,
    }
    down = scores("trend_filtered_momentum", up.assign(SPY=[9.0, 9.0, 8.0]), **parameters)
    assert down["AGG"] == 1.0
    assert math.isnan(down["SPY"])
    assert math.isnan(down["XLK"])


@pytest.mark.parametrize("closes", [[90, 110, 100], [0.1, 0.1, 0.1], [9.9, 10.1, 10.0]])
def test_exactly_at_its_mean_is_not_above_it(closes: list[float]) -> None:
    parameters = {"momentum_lookback": 2, "ma_period": 3, "min_periods": 2}
    found = scores("trend_filtered_momentum", frame(SPY=closes, AGG=[1, 1, 2]), **parameters)
    assert math.isnan(found["SPY"])
    assert found["AGG"] == 1.0


@pytest.mark.parametrize("spy", [[NAN, 9, 12], [9, 12, NAN]])
def test_an_unknown_trend_leaves_nothing_eligible(spy: list[float]) -> None:
    parameters = {"momentum_lookback": 2, "ma_period": 3, "min_periods": 2}
    found = scores("trend_filtered_momentum", frame(SPY=spy, AGG=[1, 1, 2]), **parameters)
    assert all(math.isnan(score) for score in found.values())


def test_the_hurdle_is_scaled_to_the_window_and_must_be_exceeded() -> None:
    # 252 × 2/252 = a hurdle of exactly 0.5 over two closes at a yearly rate of 63.
    parameters = {"lookback": 2, "risk_free_rate": 63.0, "min_periods": 2}
    prices = frame(AT=[10, 15], ABOVE=[10, 16], AGG=[10, 11])
    found = scores("dual_momentum", prices, **parameters)
    assert found["ABOVE"] == pytest.approx(0.6)
    assert math.isnan(found["AT"])
    assert math.isnan(found["AGG"])


def test_when_nothing_beats_the_hurdle_the_safe_tickers_are_eligible() -> None:
    prices = frame(SPY=[10, 9], AGG=[10, 10], TLT=[10, 8])
    found = scores("dual_momentum", prices, lookback=2, min_periods=2)
    assert found["AGG"] == 0.0
    assert found["TLT"] == pytest.approx(-0.2)
    assert math.isnan(found["SPY"])


def test_value_momentum_adds_weighted_zscores() -> None:
    prices = frame(A=[10, 10, 20], B=[10, 20, 20])
    parameters = {"momentum_lookback": 3, "value_lookback": 2, "min_periods": 2}
    found = scores("value_momentum", prices, momentum_weight=2.0, value_weight=1.0, **parameters)
    # Momentum is equal (z = 0); A rose 100 % lately and B nothing, so B is cheaper.
    assert found == {"A": pytest.approx(-math.sqrt(0.5)), "B": pytest.approx(math.sqrt(0.5))}


def test_an_ensemble_of_one_ticker_scores_it_zero() -> None:
    found = scores("ensemble", frame(A=[1.0] * 250 + [2.0]), models=["momentum"])
    assert found == {"A": 0.0}


def test_a_ticker_not_eligible_in_one_member_is_not_eligible() -> None:
    short = {"type": "momentum", "parameters": {"lookback_days": 2, "min_periods": 2}}
    long = {"type": "momentum", "parameters": {"lookback_days": 4, "min_periods": 4}}
    prices = frame(A=[1, 2, 3, 4], B=[NAN, 2, 3, 4])
    found = scores("ensemble", prices, models=[short, long])
    assert math.isnan(found["B"])
    assert not math.isnan(found["A"])


# --- against the reference -----------------------------------------------------------------------


def test_every_registered_model_has_a_reference() -> None:
    assert set(REFERENCE) == set(SMALL) == set(AlphaFactory.names())


@every_model
@given(prices=markets())
@settings(max_examples=30)
def test_scores_are_those_of_the_plain_calculation(name: str, prices: pd.DataFrame) -> None:
    closes = known_closes(prices, prices.index[-1])
    expected = REFERENCE[name](closes, **SMALL[name])
    found = small(name).compute_scores(prices).to_dict()
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-7, nan_ok=True)


@pytest.fixture(scope="module")
def adjusted(market_data_dir: Path) -> pd.DataFrame:
    long = pd.read_parquet(market_data_dir / "etf_prices.parquet")
    return long.pivot(index="date", columns="ticker", values="adj_close").astype(float)


REAL = {name: {} for name in REFERENCE} | {
    "ensemble": {
        "models": [
            {"type": "vol_adjusted_momentum"},
            {"type": "residual_momentum"},
            {"type": "value_momentum"},
        ],
        "weights": [0.5, 0.3, 0.2],
    }
}


@pytest.mark.real_data
@pytest.mark.parametrize("as_of", ["2005-06-30", "2008-10-31", "2020-03-31", "2023-12-29"])
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_scores_are_those_of_the_plain_calculation(
    name: str, as_of: str, adjusted: pd.DataFrame
) -> None:
    found = AlphaFactory.create(model_type=name, params=REAL[name]).compute_scores(adjusted, as_of)
    expected = REFERENCE[name](known_closes(adjusted, as_of), **REAL[name])
    assert found.to_dict() == pytest.approx(expected, rel=1e-8, abs=1e-10, nan_ok=True)
    assert found.notna().any()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["momentum", "vol_adjusted_momentum", "residual_momentum"])
def test_thin_real_etfs_are_scored_on_their_own_closes(
    name: str, adjusted: pd.DataFrame, market_data_dir: Path
) -> None:
    long = pd.read_parquet(market_data_dir / "etf_panel.parquet")
    panel = long.pivot(index="date", columns="ticker", values="close").astype(float)
    panel = panel.loc["2008":"2012"].join(adjusted[["SPY"]])
    model = AlphaFactory.create(model_type=name)
    for as_of in ("2010-06-30", "2012-12-31"):
        found = model.compute_scores(panel, as_of)
        closes = known_closes(panel, as_of)
        assert found.to_dict() == pytest.approx(REFERENCE[name](closes), rel=1e-8, nan_ok=True)
        without = [t for t, c in closes.items() if math.isnan(c[-1])]
        assert without
        assert found[without].isna().all()
        gappy = [t for t, c in closes.items() if any(map(math.isnan, c[-252:]))]
        assert found[gappy].notna().any()


# --- laws ----------------------------------------------------------------------------------------


@every_model
@given(prices=markets(), data=st.data())
@settings(max_examples=15)
def test_nothing_after_the_session_is_looked_at(
    name: str, prices: pd.DataFrame, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(prices) - 1))
    garbage = prices.copy()
    garbage.iloc[row + 1 :] = data.draw(st.sampled_from([NAN, math.inf, -1.0, 1e300, 7.0]))
    model, as_of = small(name), prices.index[row]
    before = model.compute_scores(prices, as_of)
    assert same_bits(before, model.compute_scores(garbage, as_of))
    assert same_bits(before, model.compute_scores(prices.iloc[: row + 1]))


@every_model
@given(prices=markets())
@settings(max_examples=15)
def test_many_dates_at_once_are_the_same_bits_as_one_by_one(
    name: str, prices: pd.DataFrame
) -> None:
    model = small(name)
    together = model.score_panel(prices, prices.index)
    assert together.index.equals(prices.index)
    for session in prices.index:
        assert same_bits(together.loc[session], model.compute_scores(prices, session))


@every_model
@given(prices=markets(), order=st.permutations(TICKERS))
@settings(max_examples=15)
def test_the_order_of_columns_changes_nothing(
    name: str, prices: pd.DataFrame, order: list[str]
) -> None:
    model = small(name)
    assert same_bits(model.compute_scores(prices), model.compute_scores(prices[order]))


@every_model
@given(prices=markets(), data=st.data())
@settings(max_examples=15)
def test_a_session_on_which_nothing_has_a_close_changes_nothing(
    name: str, prices: pd.DataFrame, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(prices) - 1))
    gap = pd.DataFrame(
        NAN, index=[prices.index[row] - pd.Timedelta(hours=1)], columns=prices.columns
    )
    longer = pd.concat([prices.iloc[:row], gap, prices.iloc[row:]])
    model = small(name)
    assert same_bits(model.compute_scores(prices), model.compute_scores(longer))


@every_model
@given(
    prices=markets(),
    powers=st.lists(st.integers(-20, 20), min_size=5, max_size=5),
)
@settings(max_examples=15)
def test_the_unit_of_a_tickers_price_does_not_matter(
    name: str, prices: pd.DataFrame, powers: list[int]
) -> None:
    # Powers of 2 scale exactly, so the scores are the same bits.
    scaled = prices * [2.0**power for power in powers]
    model = small(name)
    assert same_bits(model.compute_scores(prices), model.compute_scores(scaled))


@alone
@given(prices=markets())
@settings(max_examples=15)
def test_a_ticker_scores_the_same_whoever_stands_beside_it(name: str, prices: pd.DataFrame) -> None:
    model = small(name)
    together = model.compute_scores(prices)
    for ticker in TICKERS:
        by_itself = model.compute_scores(prices, tickers=[ticker])
        assert same_bits(by_itself, together[[ticker]])


@every_model
@given(prices=markets())
@settings(max_examples=15)
def test_a_score_is_finite_or_not_there_and_needs_a_close_at_the_session(
    name: str, prices: pd.DataFrame
) -> None:
    found = small(name).compute_scores(prices)
    last = prices.iloc[-1]
    bad = ~(np.isfinite(last) & (last > 0))
    assert found[bad[bad].index].isna().all()
    assert not np.isinf(found.to_numpy()).any()
    assert found.name == "score"
    assert found.index.name == "ticker"
    assert list(found.index) == sorted(TICKERS)


@every_model
def test_absurd_closes_make_no_noise_and_no_infinite_score(name: str) -> None:
    rng = np.random.default_rng(3)
    wild = 10.0 ** rng.uniform(-300, 300, (20, 5))
    prices = pd.DataFrame(wild, index=pd.bdate_range("2021-03-01", periods=20), columns=TICKERS)
    found = small(name).compute_scores(prices).to_numpy()
    assert not np.isinf(found).any()


@every_model
def test_the_frame_handed_in_is_not_changed(name: str) -> None:
    prices = frame(**{t: [10.0, NAN, 12, 11, 13, 12, 14, 10, 15] for t in TICKERS})
    before = prices.copy()
    small(name).compute_scores(prices)
    pd.testing.assert_frame_equal(prices, before)


WINDOWS = {
    "dual_momentum": 6,
    "ensemble": 8,
    "momentum": 8,
    "momentum_acceleration": 7,
    "residual_momentum": 8,
    "trend_filtered_momentum": 6,
    "value_momentum": 7,
    "vol_adjusted_momentum": 6,
}
"""The most closes of one ticker that a score of `SMALL` may look at."""


@every_model
def test_a_score_looks_at_its_window_and_no_further_back(name: str) -> None:
    rng = np.random.default_rng(5)
    values = rng.uniform(50, 150, (40, 5))
    prices = pd.DataFrame(values, index=pd.bdate_range("2021-03-01", periods=40), columns=TICKERS)
    model = small(name)
    recent = prices.iloc[-WINDOWS[name] :]
    assert same_bits(model.compute_scores(prices), model.compute_scores(recent))
    shorter = recent.iloc[1:]
    assert not same_bits(model.compute_scores(prices), model.compute_scores(shorter))


# --- what is handed in ---------------------------------------------------------------------------


PRICES = frame(A=[1, 2, 4], B=[2, 2, 2])
TWO = AlphaFactory.create(model_type="momentum", params={"lookback_days": 2, "min_periods": 2})


def layout(fields: tuple[str, ...], names: tuple[str, str], prices: pd.DataFrame) -> pd.DataFrame:
    """Both tickers in the layout of `read_prices_as_of`; only the first field is right."""
    columns, data = [], []
    for ticker in prices.columns:
        for place, field in enumerate(fields):
            columns.append((ticker, field) if names[0] == "Ticker" else (field, ticker))
            data.append(prices[ticker] if place == 0 else prices[ticker] ** 2)
    wide = pd.concat(data, axis=1)
    wide.columns = pd.MultiIndex.from_tuples(columns, names=names)
    return wide


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        (("Adj Close", "Close", "Volume"), ("Ticker", "Price")),
        (("Close", "Open"), ("Ticker", "Price")),
        (("Adj Close", "Close"), ("Price", "Ticker")),
    ],
)
def test_prices_as_read_score_like_the_wide_frame(
    fields: tuple[str, ...], names: tuple[str, str]
) -> None:
    read = layout(fields, names, PRICES)
    assert same_bits(TWO.compute_scores(read), TWO.compute_scores(PRICES))


def test_a_ticker_with_only_one_of_two_closes_is_refused_not_dropped() -> None:
    read = layout(("Adj Close", "Close"), ("Ticker", "Price"), PRICES).drop(
        columns=[("B", "Adj Close")]
    )
    with pytest.raises(InvalidValueError, match="no 'Adj Close' for B"):
        TWO.compute_scores(read)


def test_nullable_and_whole_numbers_are_prices_too() -> None:
    nullable = PRICES.astype("Float64")
    nullable.iloc[0, 0] = pd.NA
    assert same_bits(TWO.compute_scores(nullable), TWO.compute_scores(PRICES))
    assert same_bits(TWO.compute_scores(PRICES.astype(int)), TWO.compute_scores(PRICES))


def test_a_date_between_two_sessions_is_the_session_before() -> None:
    weekend = frame(A=[1, 2, 3, 4, 5, 6])
    friday = TWO.compute_scores(weekend, "2021-03-05")
    for later in (date(2021, 3, 6), "2021-03-07", pd.Timestamp("2021-03-05 16:00")):
        assert same_bits(TWO.compute_scores(weekend, later), friday)
    assert friday["A"] == 0.25


def test_a_view_knows_the_session_it_looks_from() -> None:
    assert PricePanel.of(PRICES).at("2021-03-02").session == pd.Timestamp("2021-03-02")
    assert PricePanel.of(PRICES).at().session == pd.Timestamp("2021-03-03")


@pytest.mark.parametrize("as_of", ["2021-02-26", "not a date", ""])
def test_a_date_before_the_data_or_none_at_all_is_refused(as_of: str) -> None:
    with pytest.raises(SessionError, match="2021-03-01"):
        TWO.compute_scores(PRICES, as_of)


def test_rows_of_many_dates_are_labelled_as_asked() -> None:
    found = TWO.score_panel(PRICES, ["2021-03-03", "2021-03-02"])
    assert list(found.index) == [pd.Timestamp("2021-03-03"), pd.Timestamp("2021-03-02")]
    assert found["A"].tolist() == [1.0, 1.0]
    assert TWO.score_panel(PRICES, []).shape == (0, 2)


def test_only_the_competitors_are_scored_and_the_others_serve_as_reference() -> None:
    prices = frame(SPY=[9, 9, 12], AGG=[1, 1, 2], XLK=[1, 1, 3])
    parameters = {"momentum_lookback": 2, "ma_period": 3, "min_periods": 2}
    model = AlphaFactory.create(model_type="trend_filtered_momentum", params=parameters)
    assert model.compute_scores(prices, tickers=["XLK", "AGG"]).to_dict() == {"AGG": 1, "XLK": 2}
    assert model.score_panel(prices, ["2021-03-03"], tickers=["AGG"]).shape == (1, 1)
    with pytest.raises(UnknownTickerError, match="ZZZ"):
        model.compute_scores(prices, tickers=["XLK", "ZZZ"])


@pytest.mark.parametrize("name", ["residual_momentum", "trend_filtered_momentum", "dual_momentum"])
def test_a_reference_ticker_the_data_lacks_is_named(name: str) -> None:
    with pytest.raises(UnknownTickerError, match=f"of {name} needs"):
        AlphaFactory.create(model_type=name).compute_scores(PRICES)


def test_of_the_default_safe_list_those_there_count_and_of_ones_own_all() -> None:
    prices = frame(SPY=[10, 9], TLT=[10, 8])
    assert scores("dual_momentum", prices, lookback=2, min_periods=2)["TLT"] == pytest.approx(-0.2)
    for listed in (["TLT", "SHY"], ["SHY"]):
        with pytest.raises(UnknownTickerError, match="safe_tickers of dual_momentum needs SHY"):
            scores("dual_momentum", prices, lookback=2, min_periods=2, safe_tickers=listed)


@pytest.mark.parametrize(
    ("prices", "problem"),
    [
        ([1, 2], "a DataFrame of closes"),
        (pd.DataFrame({"A": [1.0]}), "sessions without time zone"),
        (PRICES.iloc[:0], "an index of 0"),
        (PRICES.tz_localize("UTC"), "sessions without time zone"),
        (PRICES.iloc[::-1], "ascending sessions"),
        (PRICES.iloc[[0, 0]], "ascending sessions"),
        (PRICES.set_axis(["A", "A"], axis=1), "one column per ticker"),
        (PRICES.set_axis(["A", 7], axis=1), "one column per ticker"),
        (PRICES.set_axis(pd.MultiIndex.from_tuples([("A", "B", "C")] * 2), axis=1), "3 column"),
    ],
)
def test_prices_that_are_not_closes_by_session_and_ticker_are_refused(
    prices: Any, problem: str
) -> None:
    with pytest.raises(InvalidValueError, match=problem):
        TWO.compute_scores(prices)


def test_text_among_the_closes_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="numbers"):
        TWO.compute_scores(PRICES.astype(object).replace(4.0, "four"))


def test_a_panel_of_scores_at_something_that_is_no_date_is_refused_by_name() -> None:
    days = pd.bdate_range("2020-01-01", periods=3)
    model = AlphaFactory.create(
        model_type="momentum", params={"lookback_days": 2, "min_periods": 2}
    )
    with pytest.raises(SessionError, match="someday"):
        model.score_panel(pd.DataFrame(100.0, days, ["SPY"]), ["someday"])


def test_a_safe_ticker_outside_the_universe_is_not_said_to_be_missing_in_the_data() -> None:
    days = pd.bdate_range("2020-01-01", periods=260)
    closes = pd.DataFrame(100.0, days, ["AGG", "BIL", "SPY"])
    model = AlphaFactory.create(model_type="dual_momentum", params={"safe_tickers": ["BIL"]})
    with pytest.raises(UnknownTickerError, match=r"needs BIL, which the list of tickers to score"):
        model.compute_scores(closes, tickers=["AGG", "SPY"])
    with pytest.raises(UnknownTickerError, match=r"needs BIL, which the market data"):
        model.compute_scores(closes[["AGG", "SPY"]])
