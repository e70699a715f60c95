"""The file of accepted findings: read strictly, and added to without touching what is there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config import ACCEPTED_FINDINGS, AcceptedFinding, load_portfolio
from quantetf_core.config.accepted import with_accepted_finding
from quantetf_core.errors import ConfigError
from tests.workspace import ROOT

FILE = ACCEPTED_FINDINGS
ENTRY = AcceptedFinding(
    ticker="XLK", date=dt.date(2023, 11, 15), code="unadjusted_split", note="vendor lag", by="Ada"
)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")),
    min_size=1,
    max_size=40,
).filter(str.strip)


def accepted(root: Path) -> tuple[AcceptedFinding, ...]:
    return load_portfolio(root, "sample").accepted


def write(root: Path, text: str) -> None:
    (root / FILE).write_text(text, encoding="utf-8")


def test_the_shipped_file_accepts_nothing_and_its_example_is_readable(workspace: Path) -> None:
    assert accepted(workspace) == ()
    shipped = (ROOT / FILE).read_text(encoding="utf-8")
    example = "\n".join(line[2:] for line in shipped.splitlines() if line.startswith("#  "))
    write(workspace, f"accepted:\n{example}\n")
    (one,) = accepted(workspace)
    assert (one.ticker, one.date, one.by) == ("XLK", dt.date(2023, 11, 15), "Ada Approver")


def test_a_file_nobody_named_need_not_be_there_and_a_named_one_must(workspace: Path) -> None:
    (workspace / FILE).unlink()
    assert accepted(workspace) == ()
    portfolio = workspace / "configs/portfolios/sample.yaml"
    text = portfolio.read_text(encoding="utf-8")
    portfolio.write_text(f"{text}\naccepted_findings: configs/mine.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="a file that does not exist"):
        accepted(workspace)


def test_an_entry_is_added_at_the_end_and_the_rest_stays(workspace: Path) -> None:
    mine = "# my words\naccepted:\n  # the merger\n  - {ticker: A, date: 2020-01-02, code: x, "
    mine += "note: n, by: b}   # kept\n"
    written = with_accepted_finding(FILE, mine, ENTRY)
    assert written.startswith(mine)
    write(workspace, written)
    assert accepted(workspace)[1] == ENTRY


@pytest.mark.parametrize("text", [None, "", "accepted: []\n", "accepted:\n", "accepted: [] # none"])
def test_a_file_without_entries_gets_its_first(workspace: Path, text: str | None) -> None:
    write(workspace, with_accepted_finding(FILE, text, ENTRY))
    assert accepted(workspace) == (ENTRY,)


@settings(max_examples=40)
@given(note=WORDS, by=WORDS, ticker=WORDS)
def test_whatever_is_typed_is_read_back(note: str, by: str, ticker: str) -> None:
    entry = AcceptedFinding(
        ticker=ticker, date=ENTRY.date, code="x", note=note.strip(), by=by.strip()
    )
    once = with_accepted_finding(FILE, None, entry)
    twice = with_accepted_finding(FILE, once, ENTRY.model_copy(update={"code": "other"}))
    assert twice.startswith(once)  # and both were read back as they were meant


def test_the_same_entry_twice_is_refused() -> None:
    once = with_accepted_finding(FILE, None, ENTRY)
    with pytest.raises(ConfigError, match="each ticker, date and code once"):
        with_accepted_finding(FILE, once, ENTRY)


@pytest.mark.parametrize(
    "text",
    ["accepted: [{ticker: A, date: 2020-01-02, code: x, note: n, by: b}]\n", "acepted: []\n"],
)
def test_a_file_that_cannot_be_added_to_is_refused_whole(text: str) -> None:
    with pytest.raises(ConfigError):
        with_accepted_finding(FILE, text, ENTRY)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("date: 15.11.2023", "a date such as 2023-12-29"),
        ("note: ' '", "text that is not only spaces"),
        ("cod: x", "did you mean 'code'"),
    ],
)
def test_a_mistake_is_told_by_its_line(workspace: Path, line: str, message: str) -> None:
    good = {"ticker": "A", "date": "2020-01-02", "code": "x", "note": "n", "by": "b"}
    good.pop(line.partition(":")[0], None)
    rows = [line, *(f"{key}: {value}" for key, value in good.items())]
    write(workspace, "accepted:\n  - " + "\n    ".join(rows) + "\n")
    with pytest.raises(ConfigError) as refused:
        accepted(workspace)
    assert message in str(refused.value)
    assert f"{FILE}:2" in str(refused.value)
