"""A broker's count against the book: marked, left alone by every plan, settled, confirmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quantetf_core import desk
from quantetf_core.decision import decide
from quantetf_core.errors import ImportFileError, InvalidValueError
from quantetf_core.execution import Action, Reason
from quantetf_core.execution.fills import Fill
from quantetf_core.ledger import Dividend, Split, read_commit
from quantetf_core.portfolio.holdings import Basis, Dispute, Holdings, Position
from tests.builders import book as made_book
from tests.builders import random_market, situation
from tests.builders import settings as made_settings
from tests.desk.test_entries import MARKET, NOW, day
from tests.desk.test_reconciling import basis, begin, held, opened, record, sound, trade
from tests.ledger.books import rewrite

SOURCE = "positions.csv"


@pytest.fixture
def book(tmp_path: Path) -> desk.Portfolio:
    made = opened(tmp_path)
    begin(made)
    return made


def counted(**shares: float) -> list[Position]:
    return [Position(ticker=ticker, shares=count) for ticker, count in shares.items()]


def compare(book: desk.Portfolio, cash: float | None = None, **shares: float) -> desk.PositionCheck:
    return desk.compare_positions(
        book, MARKET, counted(**shares), cash, as_of=day(1), source=SOURCE
    )


def mark(book: desk.Portfolio, **shares: float) -> str:
    entry = desk.propose_dispute(
        book, MARKET, counted(**shares), None, as_of=day(1), source=SOURCE, files={"p.csv": b"x"}
    )
    return record(book, entry)


def disputed(book: desk.Portfolio) -> dict[str, tuple[float, float]]:
    found, _ = desk.holdings(book)
    assert found is not None
    return {d.ticker: (d.book_shares, d.broker_shares) for d in found.disputed}


def resolve(book: desk.Portfolio, ticker: str, keep: str) -> str:
    return record(book, desk.propose_resolution(book, MARKET, ticker=ticker, keep=keep))


# --- comparing ------------------------------------------------------------------------------


def test_every_ticker_of_either_side_is_compared(book: desk.Portfolio) -> None:
    found = compare(book, 9_990.0, SPY=12.0, XLK=1.0)
    lines = [(x.ticker, x.book_shares, x.broker_shares, x.difference) for x in found.lines]
    assert lines == [("SPY", 10, 12, 2), ("TLT", 20, 0, -20), ("XLK", 0, 1, 1)]
    assert (found.agrees, found.cash_difference) == (False, -10.0)
    assert compare(book, SPY=10.0000004, TLT=20.0).agrees
    assert compare(book, SPY=10.0, TLT=20.0).cash_difference == 0.0


def test_comparing_writes_nothing_and_does_not_go_back_in_time(book: desk.Portfolio) -> None:
    before = len(desk.history(book).entries)
    compare(book, SPY=1.0)
    assert len(desk.history(book).entries) == before
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=1.0, as_of=day(2)))
    with pytest.raises(InvalidValueError, match="the newest record"):
        compare(book, SPY=1.0)


# --- marking --------------------------------------------------------------------------------


def test_a_difference_is_marked_and_changes_no_share(book: desk.Portfolio) -> None:
    before = held(book)
    entry = desk.propose_dispute(
        book, MARKET, counted(SPY=12.0, TLT=20.0), None, as_of=day(1), source=SOURCE
    )
    said = f"SPY: disputed, book 10, broker 12 shares (positions.csv, {day(1)})"
    assert entry.differences == entry.marks == (said,)
    name = record(book, entry)
    assert held(book) == before
    assert disputed(book) == {"SPY": (10.0, 12.0)}
    assert json.loads((book.state_dir / "current_holdings.json").read_bytes())["disputed"] == [
        {
            "ticker": "SPY",
            "book_shares": 10.0,
            "broker_shares": 12.0,
            "source": SOURCE,
            "since": str(day(1)),
        }
    ]
    assert read_commit(book.artifacts_dir, name).findings == ()
    assert sound(book)


def test_a_book_without_disputes_is_written_as_before(book: desk.Portfolio) -> None:
    assert b"disputed" not in (book.state_dir / "current_holdings.json").read_bytes()
    commit = desk.read(book, desk.history(book).entries[0].id)
    assert b"disputed" not in commit.files["holdings_after.json"]


def test_nothing_is_marked_where_nothing_differs(book: desk.Portfolio) -> None:
    with pytest.raises(InvalidValueError, match="no difference"):
        mark(book, SPY=10.0, TLT=20.0)


def test_a_mark_stays_through_every_other_record(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=1.0, as_of=day(1)))
    paid = [Dividend(ticker="SPY", amount=1.0)]
    record(book, desk.propose_corporate_actions(book, MARKET, actions=paid, as_of=day(1)))
    assert disputed(book) == {"SPY": (10.0, 12.0)}
    assert sound(book)


def test_a_record_that_drops_a_mark_is_refused(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    with pytest.raises(InvalidValueError, match="neither marks nor settles"):
        trade(book, XLK=(1.0, 10.0))  # this test's rebalance knows of no disputes


def test_a_mark_taken_out_of_the_holdings_file_is_found(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    path = book.state_dir / "current_holdings.json"
    content = json.loads(path.read_bytes())
    del content["disputed"]
    rewrite(path, json.dumps(content).encode())
    _, findings = desk.holdings(book)
    assert [f.code for f in findings] == ["holdings_file"]
    assert "SPY" in findings[0].message


def test_a_newer_count_marks_anew_and_settles_what_agrees_by_then(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    mark(book, SPY=10.0, TLT=19.0)
    assert disputed(book) == {"TLT": (20.0, 19.0)}


# --- what a plan makes of it ----------------------------------------------------------------

TICKERS = ["AAA", "BBB", "CCC", "SPY"]
PRICES = random_market(TICKERS, n_sessions=320, seed=5)


@hypothesis_settings(max_examples=25)
@given(
    shares=st.fixed_dictionaries({t: st.integers(0, 400) for t in TICKERS}),
    marked=st.sets(st.sampled_from(TICKERS), min_size=1),
    cash=st.integers(0, 50_000),
)
def test_no_plan_trades_a_disputed_ticker_and_its_value_is_reserved(
    shares: dict[str, int], marked: set[str], cash: int
) -> None:
    counts = {ticker: float(count) for ticker, count in shares.items()}
    plain = made_book(counts, cash=float(cash) + 1000.0)
    disputes = tuple(
        Dispute(
            ticker=ticker,
            book_shares=float(shares[ticker]),
            broker_shares=float(shares[ticker] + 1),
            source=SOURCE,
            since=PRICES.last_session.date(),
        )
        for ticker in sorted(marked)
    )
    book = Holdings(
        positions=plain.positions, cash=plain.cash, as_of=plain.as_of, disputed=disputes
    )
    plan = decide(PRICES, made_settings(TICKERS), situation(PRICES, holdings=book))
    closes = PRICES.close.iloc[-1]
    for line in plan.trades:
        if line.ticker in marked:
            assert (line.action, line.reasons[0]) == (Action.HOLD, Reason.DISPUTED)
            assert line.target_shares == line.current_shares == shares[line.ticker]
    worth = sum(shares[t] * closes[t] for t in marked)
    after = plan.target_portfolio
    kept = after.loc[[t for t in after.index if t in marked], "notional"].sum()
    assert kept == pytest.approx(worth, abs=0.05)
    assert plan.used.plan.cash_after >= 0.0
    said = {f.subject: f for f in plan.findings if f.code == "disputed_position"}
    assert set(said) == marked
    assert all(str(f.severity) == "warn" and "broker" in f.message for f in said.values())


# --- settling -------------------------------------------------------------------------------


def test_the_brokers_count_can_be_taken_over(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, XLK=3.0)
    resolve(book, "SPY", "broker")
    resolve(book, "TLT", "broker")
    resolve(book, "XLK", "broker")
    assert held(book) == {"SPY": 12.0, "XLK": 3.0, "cash": 10_000.0}
    assert disputed(book) == {}
    found, _ = desk.holdings(book)
    assert found is not None
    assert [p.price for p in found.positions] == [100.0, 10.0]
    assert sound(book)


def test_the_books_count_can_be_kept_with_a_note(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    entry = desk.propose_resolution(book, MARKET, ticker="SPY", keep="book", as_of=day(2))
    assert [w.code for w in entry.warnings] == ["book_kept_against_broker"]
    assert entry.differences == ("SPY: settled",)
    record(book, entry)
    assert (disputed(book), held(book)["SPY"]) == ({}, 10.0)
    assert sound(book)


def test_an_old_count_is_not_taken_over_once_the_book_has_moved(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    split = [Split(ticker="SPY", ratio=2.0)]
    record(book, desk.propose_corporate_actions(book, MARKET, actions=split, as_of=day(1)))
    with pytest.raises(InvalidValueError, match="check a newer position file"):
        resolve(book, "SPY", "broker")
    resolve(book, "SPY", "book")
    assert held(book)["SPY"] == 20.0


def test_only_what_is_disputed_is_settled_and_by_one_of_two(book: desk.Portfolio) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    with pytest.raises(InvalidValueError, match="did you mean 'SPY'"):
        resolve(book, "SPI", "broker")
    with pytest.raises(InvalidValueError, match="book or broker"):
        resolve(book, "SPY", "nobody")


def test_an_undone_mark_is_gone_and_an_undone_settling_is_marked_again(
    book: desk.Portfolio,
) -> None:
    marked = mark(book, SPY=12.0, TLT=20.0)
    settled = resolve(book, "SPY", "broker")
    approved = desk.approval(MARKET, approver="Ada", note="no")
    with pytest.raises(InvalidValueError, match="SPY: settled"):
        desk.revert(book, marked, as_of=day(1), approved=approved, now=NOW)
    desk.revert(book, settled, as_of=day(1), approved=approved, now=NOW)
    assert (disputed(book), held(book)["SPY"]) == ({"SPY": (10.0, 12.0)}, 10.0)
    desk.revert(book, marked, as_of=day(1), approved=approved, now=NOW)
    assert disputed(book) == {}
    assert sound(book)


def test_fills_of_a_count_taken_over_are_refused(tmp_path: Path) -> None:
    book = opened(tmp_path)
    begin(book)
    decision = trade(book, XLK=(8.0, 10.0))
    mark(book, SPY=10.0, TLT=20.0, XLK=5.0)
    resolve(book, "XLK", "broker")
    fill = Fill(ticker="XLK", shares=5.0, price=10.0)
    with pytest.raises(ImportFileError, match="restated after the decision"):
        desk.propose_fills(book, MARKET, decision, fills=[fill], as_of=day(1), source="f.csv")


# --- confirming -----------------------------------------------------------------------------


def test_a_count_that_agrees_confirms_the_book_with_the_brokers_cash(tmp_path: Path) -> None:
    book = opened(tmp_path)
    begin(book)
    decision = trade(book, XLK=(8.0, 10.0))
    assert basis(book) is Basis.ASSUMED_FILL
    shares = {ticker: count for ticker, count in held(book).items() if ticker != "cash"}
    entry = desk.propose_confirmation(
        book, MARKET, counted(**shares), 9_900.0, as_of=day(1), source=SOURCE
    )
    assert [w.code for w in entry.warnings] == ["cash_differs"]
    record(book, entry)
    assert (held(book)["cash"], basis(book)) == (9_900.0, Basis.RECONCILED)
    assert str(desk.decision_states(book)[decision]) == "reconciled"
    assert sound(book)


def test_a_count_that_differs_confirms_nothing(book: desk.Portfolio) -> None:
    with pytest.raises(InvalidValueError, match="TLT"):
        desk.propose_confirmation(
            book, MARKET, counted(SPY=10.0), None, as_of=day(1), source=SOURCE
        )


def test_a_count_without_cash_leaves_the_books_and_settles_every_mark(
    book: desk.Portfolio,
) -> None:
    mark(book, SPY=12.0, TLT=20.0)
    both = counted(SPY=10.0, TLT=20.0)
    entry = desk.propose_confirmation(book, MARKET, both, None, as_of=day(1), source=SOURCE)
    assert entry.warnings == ()
    record(book, entry)
    assert (held(book)["cash"], disputed(book)) == (10_000.0, {})


def test_two_counts_of_one_ticker_are_no_book() -> None:
    twice = [
        Dispute(ticker="SPY", book_shares=1.0, broker_shares=2.0, source="x", since=day(0))
    ] * 2
    with pytest.raises(InvalidValueError, match="disputed"):
        Holdings(disputed=tuple(twice))
    with pytest.raises(InvalidValueError, match="broker shares of SPY"):
        Dispute(ticker="SPY", book_shares=1.0, broker_shares=-2.0, source="x", since=day(0))
