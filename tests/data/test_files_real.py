"""Reading the real ETF history and VIX, compared with the files read directly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.files import load_files

pytestmark = pytest.mark.real_data

OVERLAP = ("AGG", "EFA", "EWJ", "GLD")


@pytest.fixture(scope="module")
def prices(market_data_dir: Path) -> MarketData:
    return load_files([market_data_dir / "etf_prices.parquet"], market_data_dir / "vix.csv")


@pytest.fixture(scope="module")
def both(market_data_dir: Path) -> MarketData:
    paths = [market_data_dir / "etf_prices.parquet", market_data_dir / "etf_panel.parquet"]
    return load_files(paths, market_data_dir / "vix.csv")


def direct(path: Path, ticker: str, field: str) -> dict[str, float]:
    """Date → value of one ticker, by nothing but the file format's own library."""
    table = pq.read_table(path, columns=["date", "ticker", field])
    table = table.filter(pc.equal(table["ticker"], ticker))
    days = [str(day)[:10] for day in table["date"].to_pylist()]
    return dict(zip(days, table[field].to_pylist(), strict=True))


def shown(market: MarketData, ticker: str, field: str) -> dict[str, float]:
    series = market.panel(field)[ticker].dropna()
    return {str(day.date()): float(value) for day, value in series.items()}


def test_the_liquid_etfs_are_all_there_from_1993_to_2023(prices: MarketData) -> None:
    assert len(prices.tickers) == 21
    assert str(prices.sessions[0].date()) == "1993-01-29"
    assert str(prices.last_session.date()) == "2023-12-29"
    assert len(prices.sessions) == 7786
    assert prices.single_close is False
    assert prices.close.isna().to_numpy()[-1].sum() == 0


@pytest.mark.parametrize("ticker", ["SPY", "TLT", "BIL"])
@pytest.mark.parametrize("field", ["close", "adj_close", "volume", "open"])
def test_every_value_is_the_one_in_the_file(
    prices: MarketData, market_data_dir: Path, ticker: str, field: str
) -> None:
    assert shown(prices, ticker, field) == direct(
        market_data_dir / "etf_prices.parquet", ticker, field
    )


def test_the_vix_is_the_file_without_its_days_that_are_no_sessions(
    prices: MarketData, market_data_dir: Path
) -> None:
    table = arrow_csv.read_csv(market_data_dir / "vix.csv")
    rows = dict(
        zip(
            [str(d)[:10] for d in table["DATE"].to_pylist()],
            table["CLOSE"].to_pylist(),
            strict=True,
        )
    )
    (finding,) = [f for f in prices.findings if f.subject == "VIX"]
    assert finding.code == "not_a_session"
    assert finding.message.startswith("13 rows")
    expected = [rows.get(str(day.date()), np.nan) for day in prices.sessions]
    np.testing.assert_array_equal(prices.vix.to_numpy(), expected)


def test_the_thin_etfs_join_with_spy_from_the_other_file(both: MarketData) -> None:
    assert len(both.tickers) == 21 + 186 - len(OVERLAP)
    assert "SPY" in both.tickers
    assert str(both.last_session.date()) == "2023-12-29"
    findings = {f.code: f for f in both.findings}
    assert findings["overlap"].message.startswith("4 tickers also in etf_prices.parquet")
    assert findings["overlap"].message.endswith(", ".join(OVERLAP))
    assert findings["single_close"].subject == "etf_panel.parquet"
    assert "186 of 186 tickers" in findings["single_close"].message


@pytest.mark.parametrize("ticker", OVERLAP)
def test_a_ticker_of_both_files_comes_from_the_first_alone(
    both: MarketData, market_data_dir: Path, ticker: str
) -> None:
    first = direct(market_data_dir / "etf_prices.parquet", ticker, "close")
    second = direct(market_data_dir / "etf_panel.parquet", ticker, "close")
    assert first != second
    assert shown(both, ticker, "close") == first


@pytest.mark.parametrize("ticker", ["AADR", "ERY", "IBIC"])
def test_a_thin_etf_keeps_its_own_values_and_gaps(
    both: MarketData, market_data_dir: Path, ticker: str
) -> None:
    expected = direct(market_data_dir / "etf_panel.parquet", ticker, "close")
    assert shown(both, ticker, "close") == expected
    assert shown(both, ticker, "adj_close") == expected
