"""Files that cannot be read as prices or as the VIX: each refused by name, saying what is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from quantetf_core.data.sources.files import load_files
from quantetf_core.errors import SourceError

VIX = b"DATE,CLOSE\n2020-01-06,13.85\n"
GOOD = b"date,ticker,close\n2020-01-06,SPY,323.5\n"


def refusal(folder: Path, price: bytes | None, *, name: str = "p.csv", vix: bytes = VIX) -> str:
    """What is said of a price file with this content (None: no such file)."""
    if price is not None:
        (folder / name).write_bytes(price)
    (folder / "vix.csv").write_bytes(vix)
    with pytest.raises(SourceError) as caught:
        load_files([folder / name], folder / "vix.csv")
    return str(caught.value)


@pytest.mark.parametrize(
    ("price", "facts"),
    [
        (None, ("there is no such file or folder",)),
        (b"", ("is empty",)),
        (b" \n\n", ("is empty",)),
        (b"date,ticker,close\n", ("there is no row",)),
        (b"Date,Close\n", ("there is no row",)),
        (b"\xff\xfed\x00a\x00t\x00e\x00", ("is not text in UTF-8",)),
        (b"when,what,price\n1,2,3\n", ("'when', 'what', 'price'",)),
        (b"No data", ("'No data'",)),
        (b"date,close\n\x00\x01,\x02\n", ("a date cannot be read",)),
        (b"date,ticker\n2020-01-06,SPY\n", ("'date', 'ticker'",)),
        (b"date,ticker,close\n2020-01-06,SPY\n", ("cannot be read as CSV", "Expected 3 columns")),
        (b"date,ticker,close\n2020-01-06,SPY,x\n", ("row 1 (SPY)", "'x'")),
        (b"Date,Close\n2020-01-06,1.0\n2020-01-07,abc\n", ("row 2 (P)", "'abc'")),
        (b"date,ticker,close\n03/04/2020,SPY,1.0\n", ("'03/04/2020'",)),
        (b"date;ticker;close\n2020-01-06;SPY;1,5\n", ("'1,5'",)),
        (b"Price,Close\nTicker,SPY\nDate,\n2020-01-06,x\n", ("2020-01-06", "'x'", "close of SPY")),
        (
            b"Price,Close,Close\nTicker,SPY,SPY\nDate,,\n2020-01-06,1,2\n",
            ("two columns hold close",),
        ),
        (b"Price,Volume\nTicker,SPY\nDate,\n2020-01-06,1\n", ("no close for SPY",)),
        (b"Price,Close\nTicker,SPY\nDate,\n2020-01-06,\n", ("there is no value",)),
        (b"Price,Dividends\nTicker,SPY\nDate,\n2020-01-06,1\n", ("there is no row",)),
        (b"Price\n2020-01-06\n", ("'Price'",)),
        (b"<TICKER>,<PER>,<DATE>,<CLOSE>\nSPY.US,60,20200106,1.0\n", ("rows of period '60'",)),
        (
            b"<TICKER>,<PER>,<DATE>,<CLOSE>\nSPY.US,D,20200106,1.0\nSPY,D,20200106,1.0\n",
            ("both SPY and SPY.US",),
        ),
        (b"<TICKER>,<DATE>\nSPY.US,20200106\n", ("no column close",)),
    ],
)
def test_a_price_file_that_cannot_be_read_says_why_and_what_is_accepted(
    tmp_path: Path, price: bytes | None, facts: tuple[str, ...]
) -> None:
    message = refusal(tmp_path, price)
    assert message.startswith("p.csv: ")
    assert ". Accepted: " in message
    for fact in facts:
        assert fact in message


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"hello", "is not a Parquet file, or is damaged"),
        (b"PAR1 and then nothing that is Parquet", "cannot be read as Parquet"),
    ],
)
def test_a_damaged_parquet_is_refused(tmp_path: Path, content: bytes, fact: str) -> None:
    assert fact in refusal(tmp_path, content, name="p.parquet")


def test_a_truncated_parquet_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pd.DataFrame({"date": ["2020-01-06"], "ticker": ["SPY"], "close": [1.0]}).to_parquet(whole)
    content = whole.read_bytes()
    message = refusal(tmp_path, content[: len(content) // 2], name="p.parquet")
    assert message.startswith("p.parquet: cannot be read as Parquet")


@pytest.mark.parametrize(
    ("columns", "fact"),
    [
        ([("a", "b", "Close")], "columns have 3 levels"),
        ([("SPY", "x"), ("TLT", "x")], "not clear"),
        ([("Close", "Close")], "not clear"),
    ],
)
def test_a_wide_parquet_whose_levels_are_not_clear_is_refused(
    tmp_path: Path, columns: list[tuple[str, ...]], fact: str
) -> None:
    frame = pd.DataFrame(
        [[1.0] * len(columns)],
        index=pd.DatetimeIndex(["2020-01-06"], name="Date"),
        columns=pd.MultiIndex.from_tuples(columns),
    )
    frame.to_parquet(tmp_path / "w.parquet")
    assert fact in refusal(tmp_path, None, name="w.parquet")


def test_a_file_that_may_not_be_read_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "p.csv").write_bytes(GOOD)
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match=r"p\.csv: cannot be opened \(Permission denied\)"):
        load_files([tmp_path / "p.csv"], tmp_path / "vix.csv")


def test_a_folder_without_price_files_or_without_a_readable_one_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "etfs"
    folder.mkdir()
    (folder / "README.md").write_text("x")
    assert "etfs: the folder has no .csv or .txt file" in refusal(tmp_path, None, name="etfs")
    (folder / "A.csv").write_text("")
    (folder / "B.csv").write_text("nothing")
    message = refusal(tmp_path, None, name="etfs")
    assert "etfs/A.csv: is empty; etfs/B.csv: has the columns 'nothing'" in message


def test_a_folder_that_holds_a_ticker_twice_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "etfs"
    folder.mkdir()
    for name in ("SPY.csv", "spy.us.txt"):
        (folder / name).write_text("Date,Close\n2020-01-06,1.0\n")
    assert "SPY.csv and spy.us.txt both hold SPY" in refusal(tmp_path, None, name="etfs")


@pytest.mark.parametrize(
    ("vix", "facts"),
    [
        (b"", ("is empty",)),
        (b"DATE,CLOSE\n2020-01-06,0.1385\n", ("a fraction",)),
        (b"DATE,HIGH\n2020-01-06,14\n", ("no column is the VIX close", "'HIGH'")),
        (b"DATE,CLOSE\n2020-01-06,high\n", ("row 1 has 'high'",)),
        (b"Price,Close,Close\nTicker,SPY,TLT\nDate,,\n2020-01-06,1,2\n", ("several tickers",)),
    ],
)
def test_a_vix_file_that_is_none_is_refused(
    tmp_path: Path, vix: bytes, facts: tuple[str, ...]
) -> None:
    message = refusal(tmp_path, GOOD, vix=vix)
    for fact in ("vix.csv: ", *facts):
        assert fact in message


def test_a_missing_vix_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_bytes(GOOD)
    with pytest.raises(SourceError, match=r"volatility\.csv: there is no such file"):
        load_files([tmp_path / "p.csv"], tmp_path / "volatility.csv")
