"""Positions typed in by hand: every problem at once, by row, and a file that reads back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quantetf_core.errors import ImportFileError
from quantetf_core.ledger import TypedRow, parse_positions, positions_csv, typed_positions


def problems(*rows: TypedRow, cash: float | None = 0.0) -> tuple[str, ...]:
    with pytest.raises(ImportFileError) as caught:
        typed_positions(rows, cash=cash)
    return caught.value.problems


def test_tickers_are_capitals_sorted_and_empty_lines_are_skipped() -> None:
    rows = [TypedRow(" tlt ", 3.0, 90.0), TypedRow(), TypedRow("SPY", 10.0)]
    read = typed_positions(rows, cash=250.5)
    assert [(p.ticker, p.shares, p.cost) for p in read.positions] == [
        ("SPY", 10.0, None),
        ("TLT", 3.0, 90.0),
    ]
    assert read.cash == 250.5


def test_every_problem_is_told_at_once_with_its_row() -> None:
    found = problems(
        TypedRow("SPY", 10.0),
        TypedRow("=1+1", 1.0),
        TypedRow("SPY", 2.0),
        TypedRow(None, 4.0),
        TypedRow("TLT", -3.0),
        TypedRow("AGG", math.nan, -1.0),
        cash=None,
    )
    assert found == (
        "row 2: '=1+1' is not a ticker",
        "row 3: SPY is in row 1 already",
        "row 4: the ticker is missing",
        "row 5: TLT: the number of shares must be above 0",
        "row 6: AGG: the number of shares must be above 0",
        "row 6: AGG: the cost must be above 0, or empty",
        "cash: state how much there is, 0 if none",
    )


def test_nothing_at_all_is_no_book_and_cash_must_be_an_amount() -> None:
    assert problems(TypedRow()) == ("neither a position nor cash is stated",)
    assert problems(TypedRow("SPY", 1.0), cash=math.inf) == ("cash: not an amount of USD",)


@hypothesis_settings(max_examples=40)
@given(
    rows=st.lists(
        st.tuples(
            st.from_regex(r"[A-Z][A-Z0-9.]{0,5}", fullmatch=True).filter(
                lambda t: t not in ("USD", "CASH", "TOTAL")
            ),
            st.integers(1, 10**9).map(lambda n: n / 1000),
            st.none() | st.integers(1, 10**7).map(lambda n: n / 100),
        ),
        min_size=1,
        max_size=6,
        unique_by=lambda row: row[0],
    ),
    cash=st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
)
def test_the_file_kept_with_the_commit_reads_back_as_what_was_typed(
    rows: list[tuple[str, float, float | None]], cash: float
) -> None:
    read = typed_positions([TypedRow(*row) for row in rows], cash=cash)
    again = parse_positions(positions_csv(read), source_name="typed.csv")
    assert again.positions == read.positions
    assert again.cash == read.cash
