"""Orders out, fills back: the book at each step, to the share and to the cent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core import desk
from quantetf_core.errors import (
    ApprovalError,
    CommitNotFoundError,
    DecisionStateError,
    ImportFileError,
    InvalidValueError,
    QuantEtfError,
    StaleHoldingsError,
)
from quantetf_core.execution.fills import Fill
from quantetf_core.ledger import Dividend, Kind, Split, commit
from quantetf_core.ledger.decisions import DecisionState
from quantetf_core.portfolio.holdings import Basis, Position
from quantetf_core.units import from_cents, to_cents
from tests.builders import settings as made_settings
from tests.desk.test_entries import MARKET, NOW, day, made_market
from tests.ledger.books import rebalance as rebalance_request
from tests.ledger.books import rewrite

SPY, TLT = Position(ticker="SPY", shares=10.0), Position(ticker="TLT", shares=20.0)


@pytest.fixture
def book(tmp_path: Path) -> desk.Portfolio:
    return opened(tmp_path)


def opened(root: Path) -> desk.Portfolio:
    made = made_settings(["SPY", "TLT", "XLK"])
    return desk.Portfolio(root=root, settings=made, cache_dir=root / "cache")


def record(book: desk.Portfolio, entry: desk.Entry, market=MARKET) -> str:
    notes = {warning.code: "seen" for warning in entry.warnings}
    approved = desk.approval(market, approver="Ada", note="as agreed", notes=notes)
    return desk.record(book, entry, approved=approved, now=NOW).commit_id


def begin(book: desk.Portfolio, cash: float = 10_000.0) -> str:
    entry = desk.propose_import(
        book, MARKET, positions=(SPY, TLT), cash=cash, as_of=day(0), source="broker.csv"
    )
    return record(book, entry)


def trade(book: desk.Portfolio, costs: float = 0.5, **trades: tuple[float, float]) -> str:
    """Commit a rebalance by these trades: shares and price."""
    found, _ = desk.holdings(book)
    request = rebalance_request(found, trades, costs=costs, as_of=day(0))
    return commit(
        request, artifacts_dir=book.artifacts_dir, state_dir=book.state_dir, now=NOW
    ).commit_id


def fill(ticker: str, shares: float, price: float, order: str = "", fees: float = 0.0) -> Fill:
    return Fill(ticker=ticker, shares=shares, price=price, order_id=order, fees=fees)


def fills(book: desk.Portfolio, decision: str, *given: Fill, **more: object) -> desk.FillsEntry:
    options = {"as_of": day(1), "source": "fills.csv", **more}
    return desk.propose_fills(book, MARKET, decision, fills=given, **options)


def held(book: desk.Portfolio) -> dict[str, float]:
    found, _ = desk.holdings(book)
    assert found is not None
    return {**found.shares, "cash": found.cash}


def basis(book: desk.Portfolio) -> Basis:
    found, _ = desk.holdings(book)
    assert found is not None
    return found.basis


def state(book: desk.Portfolio, decision: str) -> str:
    return str(desk.decision_states(book)[decision])


def sound(book: desk.Portfolio) -> bool:
    found = desk.verify(book)
    assert found.ok, found.findings
    return True


@pytest.fixture
def decision(book: desk.Portfolio) -> str:
    """10 SPY and 20 TLT with 10,000 USD; then 4 SPY sold at 100, 8 XLK bought at 10, 0.50 costs."""
    begin(book)
    return trade(book, SPY=(-4.0, 100.0), XLK=(8.0, 10.0))


# --- the whole way --------------------------------------------------------------------------


def test_from_committed_to_reconciled_every_share_and_cent_is_what_was_filled(
    book: desk.Portfolio, decision: str
) -> None:
    assert held(book) == {"SPY": 6.0, "TLT": 20.0, "XLK": 8.0, "cash": 10_319.5}
    assert (state(book, decision), basis(book)) == ("committed", Basis.ASSUMED_FILL)

    record(book, desk.propose_sent(book, MARKET, decision, how="IBKR basket"))
    assert held(book) == {"SPY": 6.0, "TLT": 20.0, "XLK": 8.0, "cash": 10_319.5}
    assert (state(book, decision), sound(book)) == ("sent", True)

    first = fills(book, decision, fill("SPY", -4.0, 99.5, "a", 1.0), fill("XLK", 3.0, 10.1, "b"))
    assert not first.report.complete
    record(book, first)
    assert held(book) == {"SPY": 6.0, "TLT": 20.0, "XLK": 3.0, "cash": 10_000 + 397.0 - 30.3}
    assert (state(book, decision), basis(book)) == ("partly_filled", Basis.ASSUMED_FILL)
    assert sound(book)

    rest = fills(book, decision, fill("XLK", 5.0, 10.2, "c", 0.35))
    assert rest.report.complete
    record(book, rest)
    assert held(book) == {"SPY": 6.0, "TLT": 20.0, "XLK": 8.0, "cash": 10_315.35}
    assert (state(book, decision), basis(book)) == ("reconciled", Basis.RECONCILED)
    assert sound(book)
    assert [f.order_id for f in desk.fills_so_far(book, decision)] == ["a", "b", "c"]

    following = trade(book, XLK=(-8.0, 10.0))  # trades from what was filled
    assert held(book)["cash"] == 10_315.35 + 80.0 - 0.5
    assert desk.last_decision(book) == following
    assert sound(book)


def test_the_commit_keeps_all_fills_the_report_and_the_brokers_file_byte_for_byte(
    book: desk.Portfolio, decision: str
) -> None:
    record(book, fills(book, decision, fill("XLK", 3.0, 10.1, "b")))
    came = b"Symbol;Menge\r\n\xff"
    name = record(
        book, fills(book, decision, fill("SPY", -4.0, 99.5, "a"), files={"from_broker.csv": came})
    )
    kept = desk.read(book, name)
    assert kept.files["from_broker.csv"] == came
    assert kept.files["fills.csv"].decode().splitlines() == [
        "ticker,side,shares,price,fees,time,order_id",
        "SPY,SELL,4.0,99.5,0.0,,a",
        "XLK,BUY,3.0,10.1,0.0,,b",
    ]
    assert b"SPY,filled,-4.0,-4.0" in kept.files["fill_report.csv"]
    head = kept.manifest.head
    assert head.kind is Kind.RECONCILE
    summary = {k: head.summary[k] for k in ("decision", "complete", "fills", "open_lines", "fees")}
    assert summary == {
        "decision": decision,
        "complete": False,
        "fills": 2,
        "open_lines": 1,
        "fees": 0.0,
    }


def test_money_that_moved_between_decision_and_fills_stays_in_the_book(
    book: desk.Portfolio, decision: str
) -> None:
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=50.0, as_of=day(0)))
    paid = [Dividend(ticker="SPY", amount=7.25)]
    record(book, desk.propose_corporate_actions(book, MARKET, actions=paid, as_of=day(1)))
    record(book, fills(book, decision, fill("SPY", -4.0, 100.0), fill("XLK", 8.0, 10.0)))
    assert held(book) == {"SPY": 6.0, "TLT": 20.0, "XLK": 8.0, "cash": 10_000 + 57.25 + 320.0}
    assert sound(book)


def test_closing_the_rest_takes_out_what_was_never_filled(
    book: desk.Portfolio, decision: str
) -> None:
    entry = fills(book, decision, fill("SPY", -1.0, 100.0), close_rest=True)
    assert [f.subject for f in entry.findings if f.code == "rest_closed"] == ["SPY", "XLK"]
    record(book, entry)
    assert held(book) == {"SPY": 9.0, "TLT": 20.0, "cash": 10_100.0}
    assert (state(book, decision), basis(book)) == ("reconciled", Basis.RECONCILED)
    assert sound(book)


def test_a_decision_of_which_nothing_was_filled_can_be_closed(
    book: desk.Portfolio, decision: str
) -> None:
    record(book, fills(book, decision, close_rest=True, source="cancelled"))
    assert held(book) == {"SPY": 10.0, "TLT": 20.0, "cash": 10_000.0}
    assert state(book, decision) == "reconciled"
    assert sound(book)


def test_what_came_back_is_priced_as_of_the_book_so_that_it_looks_like_no_split(
    book: desk.Portfolio,
) -> None:
    begin(book)
    decision = trade(book, SPY=(-10.0, 100.0))
    record(book, fills(book, decision, fill("SPY", -7.0, 30.0)))
    found, _ = desk.holdings(book)
    assert found is not None
    assert next((p.ticker, p.shares, p.price) for p in found.positions) == ("SPY", 3.0, 100.0)
    assert desk.suspected_splits(book, MARKET, as_of=day(5)) == {}


# --- the same file again --------------------------------------------------------------------


def test_the_same_file_twice_is_one_commit_with_two_receipts(
    book: desk.Portfolio, decision: str
) -> None:
    given = (fill("SPY", -4.0, 99.5, "a"), fill("XLK", 3.0, 10.1, "b"))
    first = record(book, fills(book, decision, *given))
    again = fills(book, decision, *given)
    assert (again.already, again.new, len(again.repeated)) == (first, (), 2)
    before = held(book)
    assert record(book, again) == first
    assert held(book) == before
    assert len(desk.history(book).entries) == 3


def test_a_longer_file_books_only_what_is_new_in_it(book: desk.Portfolio, decision: str) -> None:
    old, new = fill("SPY", -4.0, 99.5, "a"), fill("XLK", 8.0, 10.0, "b")
    record(book, fills(book, decision, old))
    entry = fills(book, decision, new, old)
    assert (entry.new, entry.repeated) == ((new,), (old,))
    record(book, entry)
    assert state(book, decision) == "reconciled"
    assert held(book)["SPY"] == 6.0


def test_fills_without_a_name_that_look_recorded_need_a_note(
    book: desk.Portfolio, decision: str
) -> None:
    record(book, fills(book, decision, fill("XLK", 2.0, 10.0)))
    entry = fills(book, decision, fill("XLK", 2.0, 10.0), fill("XLK", 1.0, 10.0))
    assert [w.code for w in entry.warnings] == ["fill_recorded_already"]
    record(book, entry)
    assert held(book)["XLK"] == 3.0


def test_two_like_fills_in_one_file_are_both_booked_with_a_note(
    book: desk.Portfolio, decision: str
) -> None:
    entry = fills(book, decision, *[fill("XLK", 2.0, 10.0, "a")] * 2)
    assert [w.code for w in entry.warnings] == ["fill_twice"]
    with pytest.raises(ApprovalError, match="fill_twice"):
        desk.record(book, entry, approved=desk.approval(MARKET, approver="Ada"), now=NOW)
    record(book, entry)
    assert held(book)["XLK"] == 4.0


# --- fills that are not what was ordered ----------------------------------------------------


def test_what_was_filled_is_booked_though_nobody_ordered_it(
    book: desk.Portfolio, decision: str
) -> None:
    entry = fills(
        book,
        decision,
        fill("SPY", -4.0, 100.0),
        fill("XLK", 9.0, 10.0),
        fill("TLT", 1.0, 50.0),
    )
    codes = {(w.code, w.subject) for w in entry.warnings}
    assert codes == {("overfilled", "XLK"), ("not_ordered", "TLT")}
    record(book, entry)
    assert held(book) == {"SPY": 6.0, "TLT": 21.0, "XLK": 9.0, "cash": 10_000 + 400 - 90 - 50}
    assert sound(book)


def test_a_ticker_that_was_not_ordered_is_held_against_the_close(
    book: desk.Portfolio, decision: str
) -> None:
    entry = fills(book, decision, fill("TLT", 1.0, 70.0), fill("ZZZ", 2.0, 5.0))
    codes = {(w.code, w.subject) for w in entry.warnings}
    assert codes == {
        ("not_ordered", "TLT"),
        ("price_disagrees", "TLT"),
        ("not_ordered", "ZZZ"),
        ("never_priced", "ZZZ"),
    }


def test_a_warning_is_asked_about_once(book: desk.Portfolio, decision: str) -> None:
    record(book, fills(book, decision, fill("TLT", 1.0, 50.0)))
    assert fills(book, decision, fill("SPY", -4.0, 100.0)).warnings == ()


def test_the_wrong_side_is_booked_as_it_happened(book: desk.Portfolio, decision: str) -> None:
    entry = fills(book, decision, fill("SPY", 4.0, 100.0))
    assert [w.code for w in entry.warnings] == ["wrong_side"]
    record(book, entry)
    assert held(book) == {"SPY": 14.0, "TLT": 20.0, "cash": 9_600.0}
    assert state(book, decision) == "partly_filled"


def test_nothing_is_ever_held_below_zero(book: desk.Portfolio, decision: str) -> None:
    wrong = (fill("SPY", -11.0, 100.0), fill("TLT", -20.5, 50.0), fill("XLK", -1.0, 10.0))
    with pytest.raises(ImportFileError) as refused:
        fills(book, decision, *wrong)
    assert [p.split(":")[0] for p in refused.value.problems] == ["SPY", "TLT", "XLK"]
    assert "the book holds 6 shares, and these fills would leave -1" in str(refused.value)


def test_cash_below_zero_is_booked_with_a_note(book: desk.Portfolio) -> None:
    begin(book, cash=100.0)
    decision = trade(book, costs=0.0, XLK=(10.0, 10.0))
    entry = fills(book, decision, fill("XLK", 10.0, 10.01))
    assert [w.code for w in entry.warnings] == ["cash_below_zero"]
    record(book, entry)
    assert held(book)["cash"] == -0.1


def test_fills_after_the_rest_was_closed_are_booked_with_a_note(
    book: desk.Portfolio, decision: str
) -> None:
    record(book, fills(book, decision, fill("SPY", -4.0, 100.0), close_rest=True))
    late = fills(book, decision, fill("XLK", 2.0, 10.0))
    assert [w.code for w in late.warnings] == ["fills_after_closing"]
    record(book, late)
    assert (held(book)["XLK"], state(book, decision)) == (2.0, "reconciled")


def test_a_fill_from_before_the_session_decided_on_needs_a_note(
    book: desk.Portfolio, decision: str
) -> None:
    early = Fill(ticker="SPY", shares=-4.0, price=100.0, time=datetime(2017, 12, 29, tzinfo=UTC))
    assert [w.code for w in fills(book, decision, early).warnings] == ["fill_before_decision"]


def test_fractions_a_broker_rounds_leave_no_crumb(book: desk.Portfolio) -> None:
    begin(book)
    decision = trade(book, costs=0.0, XLK=(1.23456789, 10.0))
    record(book, fills(book, decision, fill("XLK", 1.234568, 10.0)))
    assert state(book, decision) == "reconciled"
    selling = trade(book, costs=0.0, XLK=(-1.234568, 10.0))
    record(book, fills(book, selling, fill("XLK", -1.2345677, 10.0)))
    assert "XLK" not in held(book)
    assert sound(book)


# --- refusals and undoing -------------------------------------------------------------------


def test_fills_of_what_takes_none_are_refused_in_words(book: desk.Portfolio, decision: str) -> None:
    with pytest.raises(InvalidValueError, match="at least one, or the closing of the rest"):
        fills(book, decision)
    with pytest.raises(CommitNotFoundError):
        fills(book, "20990101", fill("SPY", -4.0, 100.0))
    following = trade(book, XLK=(-1.0, 10.0))
    with pytest.raises(DecisionStateError, match=f"another rebalance, {following}"):
        fills(book, decision, fill("SPY", -4.0, 100.0))
    with pytest.raises(DecisionStateError, match="cannot be marked as sent"):
        desk.propose_sent(book, MARKET, decision, how="by hand")
    with pytest.raises(InvalidValueError, match="how the orders were sent"):
        desk.propose_sent(book, MARKET, following, how=" ")
    assert fills(book, following, fill("XLK", -1.0, 10.0)).report.complete


def test_names_of_our_own_files_are_not_taken_by_the_brokers(
    book: desk.Portfolio, decision: str
) -> None:
    with pytest.raises(InvalidValueError, match="the ledger writes this file"):
        fills(book, decision, fill("SPY", -4.0, 100.0), files={"fills.csv": b""})


def test_fills_of_a_ticker_that_was_split_since_are_refused(
    book: desk.Portfolio, decision: str
) -> None:
    split = [Split(ticker="SPY", ratio=2.0)]
    name = record(book, desk.propose_corporate_actions(book, MARKET, actions=split, as_of=day(1)))
    with pytest.raises(ImportFileError, match=f"SPY: its shares were restated .* by {name}"):
        fills(book, decision, fill("SPY", -3.0, 100.0))
    filled = fills(book, decision, fill("SPY", -4.0, 99.0), fill("XLK", 8.0, 10.0))
    record(book, filled)  # as assumed, so the split's own count holds
    assert held(book)["SPY"] == 12.0
    assert sound(book)


def test_a_rebalance_is_not_undone_under_its_fills(book: desk.Portfolio, decision: str) -> None:
    as_assumed = (fill("SPY", -4.0, 100.0, fees=0.5), fill("XLK", 8.0, 10.0))
    name = record(book, fills(book, decision, *as_assumed))
    asked = {"as_of": day(1), "approved": desk.approval(MARKET, approver="Ada", note="no")}
    with pytest.raises(DecisionStateError, match=f"Fills of it are recorded, by {name}"):
        desk.revert(book, decision, now=NOW, **asked)
    found = desk.history(book)
    undo = desk.undo(book, found, desk.read(book, decision), session=day(1))
    assert "what the broker did is not undone by a record" in undo.problem

    desk.revert(book, name, now=NOW, **asked)
    assert (state(book, decision), basis(book)) == ("committed", Basis.ASSUMED_FILL)
    assert desk.fills_so_far(book, decision) == ()
    desk.revert(book, decision, now=NOW, **asked)
    assert held(book) == {"SPY": 10.0, "TLT": 20.0, "cash": 10_000.0}
    assert (state(book, decision), desk.last_decision(book)) == ("reverted", None)
    assert sound(book)


def test_fills_undone_can_be_recorded_again(book: desk.Portfolio, decision: str) -> None:
    given = (fill("SPY", -4.0, 99.0), fill("XLK", 8.0, 10.0))
    first = record(book, fills(book, decision, *given))
    approved = desk.approval(MARKET, approver="Ada", note="wrong file")
    desk.revert(book, first, as_of=day(1), approved=approved, now=NOW)
    again = fills(book, decision, *given)
    assert again.already is None
    assert record(book, again) != first
    assert state(book, decision) == "reconciled"


def test_a_plan_made_before_the_orders_were_marked_as_sent_is_refused_in_words(
    book: desk.Portfolio, decision: str
) -> None:
    stale = desk.propose_cash(book, MARKET, flow="deposit", amount=1.0, as_of=day(0))
    record(book, desk.propose_sent(book, MARKET, decision, how="by hand"))
    with pytest.raises(StaleHoldingsError, match="another commit was recorded since") as refused:
        record(book, stale)
    assert "no share count differs" in str(refused.value)


def test_marking_as_sent_twice_at_once_is_one_commit(book: desk.Portfolio, decision: str) -> None:
    entry = desk.propose_sent(book, MARKET, decision, how="by hand", order_file="basket.csv")
    assert record(book, entry) == record(book, entry)
    with pytest.raises(DecisionStateError, match="is sent already"):
        desk.propose_sent(book, MARKET, decision, how="by hand")
    summary = desk.history(book).entries[0].summary
    assert (summary["how"], summary["order_file"]) == ("by hand", "basket.csv")


def test_the_book_stays_assumed_when_what_the_decision_began_on_was(book: desk.Portfolio) -> None:
    begin(book)
    trade(book, XLK=(1.0, 10.0))
    second = trade(book, XLK=(1.0, 10.0))
    entry = fills(book, second, fill("XLK", 1.0, 10.0))
    assert [f.code for f in entry.findings] == ["book_still_assumed"]
    record(book, entry)
    assert (state(book, second), basis(book)) == ("reconciled", Basis.ASSUMED_FILL)


# --- proof ----------------------------------------------------------------------------------


def test_a_book_that_does_not_follow_from_its_fills_is_found(
    book: desk.Portfolio, decision: str
) -> None:
    # a commit whose files agree with each other, and not with the fills it names
    honest = fills(book, decision, fill("SPY", -4.0, 100.0), fill("XLK", 8.0, 10.0))
    other = fills(book, decision, fill("SPY", -4.0, 100.0), fill("XLK", 7.0, 10.0))
    name = commit(
        replace(
            honest.request,
            holdings_after=other.request.holdings_after,
            cash=other.request.cash,
            approver="Mallory",
        ),
        artifacts_dir=book.artifacts_dir,
        state_dir=book.state_dir,
        now=NOW,
    ).commit_id
    found = desk.verify(book)
    assert (found.ok, found.first_bad_link) == (False, name)
    assert [f.message for f in desk.verify_commit(book, name)] == [
        "XLK: its fills lead to 8 shares, the book has 7",
        "its fills lead to 10,320.00 USD, the book has 10,330.00",
    ]


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ({"decision": "19990101"}, "are missing"),
        ({"decision": "import"}, "is no rebalance"),
        ({"previous": "decision"}, "has no fills of"),
        ({"previous": "import"}, "has no fills of"),
    ],
)
def test_fills_that_name_what_is_no_decision_or_no_fills_are_found(
    book: desk.Portfolio, decision: str, said: dict[str, str], about: str
) -> None:
    ids = {"decision": decision, "import": desk.history(book).entries[-1].id}
    honest = fills(book, decision, fill("SPY", -4.0, 100.0)).request
    false = {**honest.summary, **{key: ids.get(name, name) for key, name in said.items()}}
    name = commit(
        replace(honest, summary=false),
        artifacts_dir=book.artifacts_dir,
        state_dir=book.state_dir,
        now=NOW,
    ).commit_id
    findings = desk.verify_commit(book, name)
    assert {f.code for f in findings} == {"fills_do_not_fold"}
    assert any(about in f.message for f in findings)
    assert not desk.verify(book).ok


def test_a_file_given_again_much_later_is_still_known(book: desk.Portfolio, decision: str) -> None:
    given = (fill("SPY", -4.0, 100.0, "a"), fill("XLK", 8.0, 10.0, "b"))
    first = record(book, fills(book, decision, *given))
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=1.0, as_of=day(2)))
    again = fills(book, decision, *given, as_of=day(3))
    assert again.already == first
    assert record(book, again) == first
    assert held(book)["cash"] == 10_321.0


def test_changed_fills_are_found(book: desk.Portfolio, decision: str) -> None:
    name = record(book, fills(book, decision, fill("SPY", -4.0, 100.0)))
    path = desk.read(book, name).folder / "fills.csv"
    rewrite(path, path.read_bytes().replace(b"SELL", b"BUY"))
    assert desk.verify(book).first_bad_link == name


# --- any order of events --------------------------------------------------------------------

CENTS = st.integers(900, 1100)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["deposit", "trade", "sent", "fill", "fill", "close", "undo", "undo"]),
        st.integers(0, 20),
        st.integers(-5, 5),
        CENTS,
    ),
    min_size=4,
    max_size=12,
)


class Told:
    """What was recorded, and what each commit does to the book while it is in force."""

    def __init__(self) -> None:
        self.kinds: list[tuple[str, str, str]] = []  # id, kind, what it is about
        self.does: dict[str, dict[str, int]] = {}  # shares, and cents under ""

    def add(self, name: str, kind: str, about: str = "", **does: int) -> None:
        if name not in self.does:
            self.kinds.append((name, kind, about))
            self.does[name] = does

    def stands(self, place: int) -> bool:
        name = self.kinds[place][0]
        return not any(
            kind == "undo" and about == name and self.stands(later)
            for later, (_, kind, about) in enumerate(self.kinds)
            if later > place
        )

    def standing(self) -> list[tuple[str, str, str]]:
        return [event for place, event in enumerate(self.kinds) if self.stands(place)]

    def book(self) -> dict[str, int]:
        """What stands, summed: of a decision its newest fills, else its trades."""
        total: dict[str, int] = {}
        standing = self.standing()
        for name, kind, _ in standing:
            fills = [n for n, k, about in standing if k == "fills" and about == name]
            counted = {"trade": fills[-1:] or [name], "deposit": [name]}.get(kind, [])
            for source in counted:
                for key, amount in self.does[source].items():
                    total[key] = total.get(key, 0) + amount
        return total


@settings(max_examples=12)
@given(EVENTS)
def test_the_book_is_the_sum_of_what_stands_after_any_order_of_events(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, int, int, int]]
) -> None:
    book, told = opened(tmp_path_factory.mktemp("any")), Told()
    begin(book)
    start = {"SPY": 10, "TLT": 20, "": 1_000_000}
    so_far: dict[str, tuple[Fill, ...]] = {}
    for number, (kind, which, shares, cents) in enumerate(events):
        try:
            happen(book, told, so_far, kind, which, shares, cents, number)
        except QuantEtfError:
            continue  # refused: nothing may have changed, as is checked next
        finally:
            want = {**start, **{k: start.get(k, 0) + v for k, v in told.book().items()}}
            now = held(book)
            assert to_cents(now.pop("cash")) == want.pop("")
            assert now == {ticker: float(n) for ticker, n in want.items() if n}
    standing = told.standing()
    for name, kind, _ in told.kinds:
        if kind == "trade":
            about = [k for _, k, decision in standing if decision == name]
            expected = "reverted"
            if (name, "trade", "") in standing:
                expected = "committed" if not about else "sent" if "fills" not in about else ""
            if expected:
                assert state(book, name) == expected
            else:
                assert state(book, name) in ("partly_filled", "reconciled")
    assert sound(book)


def happen(
    book: desk.Portfolio,
    told: Told,
    so_far: dict[str, tuple[Fill, ...]],
    kind: str,
    which: int,
    shares: int,
    cents: int,
    number: int,
) -> None:
    decisions = [name for name, k, _ in told.kinds if k == "trade"]
    about = decisions[which % len(decisions)] if which > 15 and decisions else None
    about = about or desk.last_decision(book) or (decisions or ["none"])[-1]
    if kind == "deposit":
        usd = from_cents(cents)
        name = record(
            book, desk.propose_cash(book, MARKET, flow="deposit", amount=usd, as_of=day(0))
        )
        told.add(name, "deposit", **{"": cents})
    elif kind == "trade":
        name = trade(book, costs=0.01, SPY=(float(shares or 1), cents / 100), XLK=(2.0, 10.0))
        spent = (shares or 1) * cents + 2000 + 1
        told.add(name, "trade", SPY=shares or 1, XLK=2, **{"": -spent})
    elif kind == "sent":
        name = record(book, desk.propose_sent(book, MARKET, about, how="by hand"))
        told.add(name, "sent", about)
    elif kind in ("fill", "close"):
        ticker = "SPY" if which % 2 else "XLK"
        given = fill(ticker, float(shares or 1), cents / 100, f"order {number}", 0.02)
        new = (given,) if kind == "fill" else ()
        before = tuple(desk.fills_so_far(book, about)) if about != "none" else ()
        entry = fills(book, about, *new, close_rest=kind == "close", as_of=day(0))
        name = record(book, entry)
        does = {"": 0}
        for made in (*before, *new):
            does[made.ticker] = does.get(made.ticker, 0) + int(made.shares)
            does[""] -= to_cents(made.shares * made.price) + to_cents(made.fees)
        told.add(name, "fills", about, **does)
    else:
        names = [name for name, _, _ in told.kinds]
        name = names[-1 - which % len(names)] if names else "none"
        approved = desk.approval(MARKET, approver="Ada", note="undone")
        receipt = desk.revert(book, name, as_of=day(0), approved=approved, now=NOW)
        told.add(receipt.commit_id, "undo", name)


def test_states_have_words_on_the_desk() -> None:
    assert desk.DecisionState is DecisionState
    assert made_market(rows=2).simulated is False
