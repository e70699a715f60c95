"""The sample market: believable, prefix-stable, and the same with and without its cache."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources import sample
from quantetf_core.data.sources.sample import CACHE_FILE, load_sample
from quantetf_core.errors import InvalidValueError, SessionError

TWENTY = "AGG BIL DBC EEM EFA EWJ GLD HYG IWM LQD QQQ SPY TLT VNQ XLE XLF XLK XLP XLU XLV"
INCEPTION = {"DBC": "2006-02-06", "HYG": "2007-04-11", "BIL": "2007-05-30"}


def night_of(day: str) -> datetime:
    """Late on a day, after the close in New York."""
    return datetime.fromisoformat(f"{day}T23:00:00").replace(tzinfo=UTC)


def fresh(day: str) -> MarketData:
    return load_sample(now=night_of(day), cache_dir=None)


@pytest.fixture(scope="module")
def market() -> MarketData:
    return fresh("2026-06-30")


@pytest.fixture(scope="module")
def returns(market: MarketData) -> pd.DataFrame:
    return market.adj_close.pct_change(fill_method=None)


def same(left: MarketData, right: MarketData) -> bool:
    """Equal to the bit, labels included."""
    return (
        left.fields == right.fields
        and left.vix.equals(right.vix)
        and all(left.panel(name).equals(right.panel(name)) for name in left.fields)
    )


def test_the_sample_says_that_it_is_simulated(market: MarketData) -> None:
    assert market.source == "Sample market (simulated prices)"
    assert market.simulated
    assert not market.single_close
    assert market.findings == ()


def test_the_sample_has_twenty_funds_on_every_session_since_2005(market: MarketData) -> None:
    assert list(market.tickers) == TWENTY.split()
    assert market.fields == ("close", "adj_close", "volume")
    assert market.sessions.equals(sessions_between("2005-01-03", "2026-06-30"))
    assert market.sessions[0] == pd.Timestamp("2005-01-03")


def test_the_sample_is_the_one_that_was_published(market: MarketData) -> None:
    """Golden. When this fails on purpose, change `MODEL_VERSION` too, or old caches are read."""
    assert sample.MODEL_VERSION == "1"
    assert market.as_of("2023-12-29").fingerprint == (
        "4d2263dee3e43ed1a6d01e8faf610fd115782430607ecd807552256f1e7ce4af"
    )


def test_the_last_session_is_the_last_completed_one() -> None:
    noon = datetime(2024, 4, 1, 16, 0, tzinfo=UTC)  # before the close of Easter Monday
    assert load_sample(now=noon, cache_dir=None).last_session == pd.Timestamp("2024-03-28")


def test_the_first_evening_has_one_session() -> None:
    market = fresh("2005-01-03")
    assert len(market.sessions) == 1
    assert market.close.loc["2005-01-03", "SPY"] == 120.30
    assert market.close.loc["2005-01-03"].isna().sum() == len(INCEPTION)


def test_before_its_first_close_there_is_no_sample() -> None:
    with pytest.raises(SessionError, match="sample market: 2005-01-03"):
        fresh("2004-12-31")


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidValueError):
        load_sample(now=datetime(2024, 1, 2), cache_dir=None)  # noqa: DTZ001


@settings(max_examples=15)
@given(st.dates(pd.Timestamp("2005-01-04").date(), pd.Timestamp("2026-06-30").date()))
def test_a_later_day_appends_and_changes_nothing(market: MarketData, day: object) -> None:
    earlier = fresh(str(day))
    assert same(earlier, market.as_of(day))
    assert earlier.fingerprint == market.as_of(day).fingerprint


def test_every_value_is_there_from_inception_on_and_none_before(market: MarketData) -> None:
    for name in market.fields:
        for ticker, column in market.panel(name).items():
            start = pd.Timestamp(INCEPTION.get(str(ticker), "2005-01-03"))
            assert column[column.index < start].isna().all()
            assert np.isfinite(column[column.index >= start]).all()
            assert (column[column.index >= start] > 0.0).all()


def test_closes_are_whole_cents_and_the_vix_hundredths(market: MarketData) -> None:
    assert all(float(f"{close:.2f}") == close for close in market.close["SPY"])
    assert all(float(f"{close:.4f}") == close for close in market.adj_close["TLT"])
    assert all(float(f"{value:.2f}") == value for value in market.vix)
    volume = market.volume
    assert volume is not None
    assert all(float(shares).is_integer() for shares in volume["SPY"])


def test_adjusted_and_paid_closes_begin_together(market: MarketData) -> None:
    for ticker in TWENTY.split():
        start = market.close[ticker].first_valid_index()
        assert market.close.loc[start, ticker] == market.adj_close.loc[start, ticker]


def distributions(market: MarketData, ticker: str) -> pd.Series[float]:
    """What the total return has beyond the return of the close, where it is more than rounding."""
    close, total = market.close[ticker].dropna(), market.adj_close[ticker].dropna()
    beyond = total.pct_change() - close.pct_change()
    return beyond[beyond > 0.02 / close]


@pytest.mark.parametrize(
    ("ticker", "per_year", "low", "high"),
    [("SPY", 4, 0.012, 0.025), ("TLT", 12, 0.02, 0.04), ("EFA", 2, 0.02, 0.035)],
)
def test_distributions_leave_the_close_and_stay_in_the_total_return(
    market: MarketData, ticker: str, per_year: int, low: float, high: float
) -> None:
    paid = distributions(market, ticker).loc["2006":"2025"]
    assert len(paid) == 20 * per_year
    assert low < paid.sum() / 20 < high


def test_quarterly_distributions_go_ex_after_the_third_friday(market: MarketData) -> None:
    ex = distributions(market, "SPY").loc["2008":"2008"].index
    # The third Friday of March 2008 was Good Friday.
    assert [str(day.date()) for day in ex] == [
        *("2008-03-24", "2008-06-20", "2008-09-19", "2008-12-19"),
    ]


def test_gold_and_commodities_pay_nothing(market: MarketData) -> None:
    assert distributions(market, "GLD").empty
    assert distributions(market, "DBC").empty


def test_cash_like_bills_hold_their_price_and_earn_the_short_rate(market: MarketData) -> None:
    close, total = market.close["BIL"].dropna(), market.adj_close["BIL"].dropna()
    assert close.between(91.0, 93.0).all()
    assert 1.3 < total.iloc[-1] / total.iloc[0] < 1.9
    assert (total / total.cummax() - 1.0).min() > -0.005


def test_the_market_grows_and_crashes_like_one(market: MarketData) -> None:
    total = market.adj_close["SPY"]
    years = len(total) / 252
    assert 0.08 < (total.iloc[-1] / total.iloc[0]) ** (1 / years) - 1 < 0.11
    depth = deepest_of_each_drawdown(total)
    assert 2 <= sum(-0.55 < low < -0.30 for low in depth) <= 4
    assert min(depth) > -0.56


def deepest_of_each_drawdown(total: pd.Series[float]) -> list[float]:
    under = (total / total.cummax() - 1.0).tolist()
    spells = itertools.groupby(under, key=lambda below: below < 0.0)
    return [min(spell) for is_under, spell in spells if is_under]


def test_volatility_clusters(returns: pd.DataFrame) -> None:
    for ticker in ("SPY", "EEM", "HYG"):
        size = returns[ticker].abs()
        assert size.autocorr(1) > 0.1
        assert size.autocorr(20) > 0.05


def test_assets_move_together_and_apart_as_their_kinds_do(returns: pd.DataFrame) -> None:
    correlation = returns.corr()["SPY"]
    assert correlation["QQQ"] > 0.7
    assert correlation["EFA"] > 0.7
    assert 0.4 < correlation["HYG"] < 0.8
    assert correlation["TLT"] < 0.2
    assert abs(correlation["GLD"]) < 0.15
    volatility = returns.std() * np.sqrt(252)
    assert volatility["BIL"] < 0.005
    assert volatility["BIL"] < volatility["AGG"] < volatility["TLT"] < volatility["SPY"]
    assert 0.03 < volatility["AGG"] < 0.06
    assert 0.13 < volatility["SPY"] < volatility["EEM"] < 0.30


def test_no_move_looks_like_an_unadjusted_split(market: MarketData) -> None:
    moves = market.close.pct_change(fill_method=None).abs()
    assert moves.max().max() < 0.23


def test_the_vix_behaves_like_one(market: MarketData, returns: pd.DataFrame) -> None:
    vix = market.vix
    assert vix.between(9.0, 90.0).all()
    assert 17.0 < vix.mean() < 21.0
    assert 14.0 < vix.median() < 18.0
    assert vix.max() > 60.0
    assert (vix <= 9.0).mean() < 0.01
    change = vix.pct_change()
    assert returns["SPY"].corr(change) < -0.4
    assert returns["SPY"].corr(vix.diff()) < -0.4
    assert change.skew() > 0.0
    assert vix.autocorr(1) > 0.97


def test_spikes_of_the_vix_rise_fast_and_fall_slowly(market: MarketData) -> None:
    vix = market.vix.to_numpy()
    top = int(vix.argmax())
    half = vix[top] / 2
    rise = int((vix[:top][::-1] < half).argmax())
    fall = int((vix[top:] < half).argmax())
    assert 0 < rise < fall


def test_volume_is_higher_when_the_vix_is(market: MarketData) -> None:
    volume = market.volume
    assert volume is not None
    calm, panic = market.vix < 15, market.vix > 35
    assert (volume[panic].median() > 1.4 * volume[calm].median()).all()
    assert 6e7 < volume["SPY"].median() < 1e8
    assert volume["SPY"].skew() > 0.5


def regimes(closes: list[float], vixes: list[float]) -> list[str]:
    """The rules of the regime in plain Python, from the first session with 200 closes."""
    trend = volatility = ""
    labels = []
    for row in range(199, len(closes)):
        mean = sum(closes[row - 199 : row + 1]) / 200
        if closes[row] < mean * 0.98:
            trend = "downtrend"
        elif closes[row] > mean * 1.02:
            trend = "uptrend"
        elif not trend:
            trend = "uptrend" if closes[row] >= mean else "downtrend"
        if vixes[row] > 25:
            volatility = "high_vol"
        elif vixes[row] < 20 or not volatility:
            volatility = "low_vol"
        labels.append(f"{trend}_{volatility}")
    return labels


def test_all_four_regimes_are_visited_many_times(market: MarketData) -> None:
    labels = regimes(market.close["SPY"].tolist(), market.vix.tolist())
    sessions = Counter(labels)
    entries = Counter(label for label, _ in itertools.groupby(labels))
    names = {
        f"{trend}_{vol}" for trend in ("uptrend", "downtrend") for vol in ("low_vol", "high_vol")
    }
    assert set(sessions) == names
    assert all(sessions[name] > 0.04 * len(labels) for name in names)
    assert all(entries[name] >= 8 for name in names)


def test_a_cache_is_written_once_and_read_back_equal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "not" / "there yet"
    first = load_sample(now=night_of("2012-10-31"), cache_dir=folder)
    assert [path.name for path in folder.iterdir()] == [CACHE_FILE]
    monkeypatch.setattr(sample, "simulate", None)  # a second generation would fail
    second = load_sample(now=night_of("2012-10-31"), cache_dir=folder)
    assert same(first, second)
    monkeypatch.undo()
    assert same(first, fresh("2012-10-31"))


def test_a_cache_grows_with_the_sessions_and_equals_a_fresh_market(tmp_path: Path) -> None:
    load_sample(now=night_of("2012-10-26"), cache_dir=tmp_path)
    grown = load_sample(now=night_of("2012-11-01"), cache_dir=tmp_path)
    assert same(grown, fresh("2012-11-01"))
    assert pq.read_metadata(tmp_path / CACHE_FILE).num_rows == len(grown.sessions)


def test_an_earlier_moment_reads_a_longer_cache_and_leaves_it(tmp_path: Path) -> None:
    load_sample(now=night_of("2012-11-01"), cache_dir=tmp_path)
    before = (tmp_path / CACHE_FILE).read_bytes()
    assert same(load_sample(now=night_of("2010-06-01"), cache_dir=tmp_path), fresh("2010-06-01"))
    assert (tmp_path / CACHE_FILE).read_bytes() == before


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(b"not a table at all" * 100)


def foreign(path: Path) -> None:
    pq.write_table(pa.table({"session": [1, 2, 3]}), path)


def edited(path: Path) -> None:
    table = pq.read_table(path)
    column = table.schema.get_field_index("close SPY")
    values = table.column(column).to_numpy().copy()
    values[100] += 0.01
    pq.write_table(table.set_column(column, "close SPY", pa.array(values)), path)


def unstamped(path: Path) -> None:
    pq.write_table(pq.read_table(path).replace_schema_metadata(None), path)


def of_another_version(path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample, "MODEL_VERSION", "0")
        path.unlink()
        load_sample(now=night_of("2008-01-31"), cache_dir=path.parent)


def of_another_calendar(path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        days = pd.date_range("2005-01-03", "2008-03-31", freq="B")
        patch.setattr(sample, "sessions_between", lambda start, end: days)
        path.unlink()
        load_sample(now=night_of("2008-01-31"), cache_dir=path.parent)


DAMAGE = [truncated, emptied, garbage, foreign, edited, unstamped, of_another_version,
          of_another_calendar]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_a_cache_that_does_not_hold_is_replaced(damage: object, tmp_path: Path) -> None:
    path = tmp_path / CACHE_FILE
    load_sample(now=night_of("2008-01-31"), cache_dir=tmp_path)
    good = path.read_bytes()
    assert callable(damage)
    damage(path)
    assert path.read_bytes() != good
    assert same(load_sample(now=night_of("2008-01-31"), cache_dir=tmp_path), fresh("2008-01-31"))
    assert path.read_bytes() == good


def test_a_folder_that_cannot_be_written_costs_only_time(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    market = load_sample(now=night_of("2006-01-31"), cache_dir=blocked)
    assert same(market, fresh("2006-01-31"))
    assert "cannot be kept" in caplog.text


def test_a_failed_write_leaves_the_old_cache_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_sample(now=night_of("2006-01-31"), cache_dir=tmp_path)
    before = (tmp_path / CACHE_FILE).read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    market = load_sample(now=night_of("2006-02-28"), cache_dir=tmp_path)
    assert market.last_session == pd.Timestamp("2006-02-28")
    assert [path.name for path in tmp_path.iterdir()] == [CACHE_FILE]
    assert (tmp_path / CACHE_FILE).read_bytes() == before
