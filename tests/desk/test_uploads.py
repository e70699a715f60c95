"""Files put where a portfolio reads them: understood first, whole, never outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.desk import Place, Target
from quantetf_core.errors import SourceError
from tests.desk.test_snapshots import NOW, closes, opened, put_files
from tests.workspace import new_workspace

ONE = b"""Date,Open,High,Low,Close,Adj Close,Volume
2023-12-28,1,1,1,10,9,5
2023-12-29,1,1,1,11,10,5
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose files example reads a folder of CSV files too."""
    folder = new_workspace(tmp_path / "desk")
    put_files(folder, closes())
    (folder / "data" / "more").mkdir()
    (folder / "data" / "more" / "XLK.csv").write_bytes(ONE)
    path = folder / "configs" / "portfolios" / "files_example.yaml"
    text = path.read_text()
    text = text.replace(
        "    - data/files/etf_prices.parquet",
        "    - data/files/etf_prices.parquet\n    - data/more\n    - ../outside.csv",
    )
    path.write_text(text)
    (folder.parent / "outside.csv").write_bytes(b"date,ticker,close\n2023-12-29,OUT,5\n")
    return folder


PRICES = Target("data/files/etf_prices.parquet", Place.PRICES)
FOLDER = Target("data/more", Place.FOLDER)
VIX = Target("data/files/vix.csv", Place.VIX)


def test_a_file_may_be_put_at_the_paths_of_the_source_inside_the_workspace(root):
    assert desk.upload_targets(opened(root)) == (PRICES, FOLDER, VIX)
    assert desk.upload_targets(opened(root, "sample")) == ()


def test_a_file_for_a_folder_is_understood_by_its_name_and_added(root):
    portfolio = opened(root)
    read = desk.understand(portfolio, ONE, name="XLE.csv", target=FOLDER)
    assert (read.file, read.replaces) == ("data/more/XLE.csv", False)
    line = read.table.iloc[0]
    assert (line["ticker"], line["rows"], line["last_close"], line["adjusted"]) == (
        "XLE",
        2,
        11.0,
        True,
    )
    assert not (root / read.file).exists()
    desk.store_upload(portfolio, read, now=NOW)
    assert (root / read.file).read_bytes() == ONE
    assert "XLE" in desk.load_market(portfolio, now=NOW).tickers


def test_a_file_of_the_same_name_is_replaced(root):
    read = desk.understand(opened(root), ONE, name="XLK.csv", target=FOLDER)
    assert read.replaces


def test_a_file_with_less_than_the_one_it_would_replace_says_what_would_be_lost(root):
    shorter = ONE.replace(b"2023-12-28,1,1,1,10,9,5\n", b"")
    read = desk.understand(opened(root), shorter, name="XLK.csv", target=FOLDER)
    (lost,) = [finding for finding in read.findings if finding.code == "history_lost"]
    assert "1 close would be lost, of XLK (2023-12-28 to 2023-12-28)" in lost.message
    more = desk.understand(opened(root), ONE, name="XLK.csv", target=FOLDER)
    assert not [finding for finding in more.findings if finding.code == "history_lost"]


def test_the_vix_is_read_as_the_vix(root):
    content = b"DATE,VIXCLS\n2023-12-28,15.5\n2023-12-29,16.5\n"
    read = desk.understand(opened(root), content, name="VIXCLS.csv", target=VIX)
    assert read.file == "data/files/vix.csv"
    assert read.table["last_close"].tolist() == [16.5]


@pytest.mark.parametrize(
    ("name", "content", "target", "said"),
    [
        ("../../etc.csv/x", ONE, FOLDER, "cannot be put into a folder"),
        (".hidden.csv", ONE, FOLDER, "cannot be put into a folder"),
        ("XLE.parquet", ONE, FOLDER, "cannot be put into a folder"),
        (
            "copy.csv",
            b"date,ticker,close\n2023-12-29,XLK,5\n",
            FOLDER,
            "holds XLK, as XLK.csv does",
        ),
        ("x.csv", ONE, PRICES, "a Parquet file there"),
        ("x.parquet", b"PAR1PAR1", VIX, "a CSV file there"),
        ("XLE.csv", b"a,b\n1,2\n", FOLDER, "has the columns"),
        ("vix.csv", b"DATE,VIXCLS\n2023-12-28,0.15\n2023-12-29,0.16\n", VIX, "a fraction"),
    ],
)
def test_what_may_not_stand_there_is_refused(root, name, content, target, said):
    with pytest.raises(SourceError, match=said):
        desk.understand(opened(root), content, name=name, target=target)
