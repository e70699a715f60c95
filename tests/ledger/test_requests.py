"""What is not a rebalance: imports, cash, splits, dividends, reverts, mappings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import ApprovalError, InvalidValueError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import (
    Approval,
    Dividend,
    Kind,
    Split,
    cash_request,
    corporate_action_request,
    import_request,
    mapping_request,
    read_commit,
    revert_request,
)
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from tests.ledger.books import ADA, DAY, Ledger, book, rebalance

LATER = date(2024, 3, 28)


def revert(ledger, commit_id, approval=ADA):
    commit = read_commit(ledger.artifacts, commit_id)
    return ledger.commit(
        revert_request(
            reverted_id=commit.id,
            reverted_kind=commit.manifest.head.kind,
            before=commit.holdings_before,
            after=commit.holdings_after,
            cash=commit.manifest.cash,
            current=ledger.book,
            as_of=LATER,
            approval=approval,
        )
    )


def act(ledger, *actions, as_of=LATER):
    return ledger.commit(
        corporate_action_request(ledger.book, actions=actions, as_of=as_of, approval=ADA)
    )


def cash(current, flow, amount):
    return cash_request(current, flow=flow, amount=amount, as_of=LATER, approval=ADA)


# Imports


def test_an_import_replaces_the_book_and_is_reconciled(ledger):
    ledger.begin(cash=10.0, SPY=10.0, TLT=1.0)
    positions = [Position(ticker="VTI", shares=3.0), Position(ticker="SPY", shares=12.5, cost=90.0)]
    request = import_request(
        ledger.book,
        positions=positions,
        cash=77.777,
        as_of=LATER,
        approval=ADA,
        source="positions.csv",
        kind=Kind.RECONCILE,
        files={"positions.csv": b"Symbol,Quantity\n"},
    )
    receipt = ledger.commit(request)

    assert ledger.book.shares == {"SPY": 12.5, "VTI": 3.0}
    assert (ledger.book.cash, ledger.book.basis) == (77.78, Basis.RECONCILED)
    assert ledger.book.as_of == LATER
    assert (receipt.folder / "positions.csv").read_bytes() == b"Symbol,Quantity\n"
    assert (receipt.folder / "trades.csv").read_text() == (
        "ticker,action,current_shares,target_shares,shares_delta,notional_value\n"
        "SPY,ADJUST,10.0,12.5,2.5,0.0\n"
        "TLT,ADJUST,1.0,0.0,-1.0,0.0\n"
        "VTI,ADJUST,0.0,3.0,3.0,0.0\n"
    )
    assert ledger.history.newest.summary["differences"] == 4
    assert ledger.verify().ok


def test_an_import_with_warnings_needs_notes(ledger):
    warning = Finding(Severity.WARN, "cash_not_stated", "x.csv", "no cash")
    request = import_request(
        None,
        positions=[],
        cash=1.0,
        as_of=DAY,
        approval=ADA,
        source="x.csv",
        warnings=(warning,),
    )

    with pytest.raises(ApprovalError, match="cash_not_stated"):
        ledger.commit(request)


@pytest.mark.parametrize("usd", [float("nan"), float("inf")])
def test_money_that_is_no_number_is_refused(usd):
    with pytest.raises(InvalidValueError, match="finite"):
        import_request(None, positions=[], cash=usd, as_of=DAY, approval=ADA, source="")
    with pytest.raises(InvalidValueError, match="finite"):
        cash(None, "deposit", usd)


# Cash


def test_deposits_withdrawals_and_fees_move_cash_alone(ledger):
    ledger.begin(cash=100.0, SPY=10.0)
    for flow, amount in (("deposit", 50.0), ("withdrawal", 20.25), ("fee", 1.255)):
        ledger.commit(cash(ledger.book, flow, amount))
    deposit, withdrawal, fee = (
        read_commit(ledger.artifacts, entry.id).manifest.cash
        for entry in reversed(ledger.history.entries[:3])
    )

    assert (deposit.flow, withdrawal.flow, fee.costs) == (50.0, -20.25, 1.25)
    assert (ledger.book.cash, ledger.book.shares) == (128.5, {"SPY": 10.0})
    assert ledger.book.as_of == DAY  # nothing was said about the shares
    assert ledger.verify().ok


def test_the_same_deposit_twice_on_one_parent_is_one_commit(ledger):
    ledger.begin()
    request = cash(ledger.book, "deposit", 5.0)
    again = cash(ledger.book, "deposit", 5.0)

    assert not ledger.commit(request).already_committed
    assert ledger.commit(replace(again, note="a double click")).already_committed
    assert not ledger.commit(cash(ledger.book, "deposit", 5.0)).already_committed


@pytest.mark.parametrize("amount", [0.0, -5.0, 0.004, 100.01])
def test_an_amount_that_cannot_be_taken_is_refused(amount):
    with pytest.raises(InvalidValueError, match="amount"):
        cash(book(cash=100.0), "withdrawal", amount)


def test_a_fee_above_the_cash_is_refused_and_a_deposit_into_a_debt_is_not():
    with pytest.raises(InvalidValueError, match=r"at most the cash held, 100\.00 USD"):
        cash(book(cash=100.0), "fee", 100.01)
    assert cash(book(cash=-100.0), "deposit", 50.0).holdings_after.cash == -50.0
    assert cash(None, "deposit", 50.0).holdings_after.cash == 50.0


# Corporate actions


def test_a_split_restates_shares_price_and_cost(ledger):
    ledger.commit(
        import_request(
            None,
            positions=[Position(ticker="SPY", shares=10.0, price=300.0, cost=150.0)],
            cash=5.0,
            as_of=DAY,
            approval=ADA,
            source="typed",
        )
    )
    act(ledger, Split(ticker="SPY", ratio=3.0))

    assert ledger.book.positions == (Position(ticker="SPY", shares=30.0, price=100.0, cost=50.0),)
    assert (ledger.book.cash, ledger.book.as_of) == (5.0, LATER)
    assert ledger.verify().ok


def test_a_reverse_split_pays_cash_for_the_fraction(ledger):
    ledger.begin(cash=1.0, SPY=25.0)

    with pytest.raises(InvalidValueError, match=r"the 0\.5 of a share that is left over"):
        act(ledger, Split(ticker="SPY", ratio=0.1))
    act(ledger, Split(ticker="SPY", ratio=0.1, cash_in_lieu=500.125))
    assert (ledger.book.shares, ledger.book.cash) == ({"SPY": 2.0}, 501.12)


def test_a_reverse_split_may_leave_nothing_but_cash(ledger):
    ledger.begin(cash=0.0, SPY=5.0)
    act(ledger, Split(ticker="SPY", ratio=0.1, cash_in_lieu=50.0))

    assert (ledger.book.shares, ledger.book.cash) == ({}, 50.0)
    assert ledger.verify().ok


def test_a_book_of_fractional_shares_keeps_its_fractions(ledger):
    ledger.begin(SPY=2.5)

    with pytest.raises(InvalidValueError, match="nothing is left over"):
        act(ledger, Split(ticker="SPY", ratio=0.5, cash_in_lieu=1.0))
    act(ledger, Split(ticker="SPY", ratio=0.5))
    assert ledger.book.shares == {"SPY": 1.25}


def test_cash_in_lieu_of_nothing_is_refused():
    with pytest.raises(InvalidValueError, match="nothing is left over"):
        corporate_action_request(
            book(SPY=10.0),
            actions=[Split(ticker="SPY", ratio=0.1, cash_in_lieu=5.0)],
            as_of=LATER,
            approval=ADA,
        )


def test_several_actions_are_one_commit_in_their_order(ledger):
    ledger.begin(cash=0.0, SPY=10.0, TLT=4.0)
    act(
        ledger,
        Dividend(ticker="SPY", amount=12.34),
        Split(ticker="TLT", ratio=2.0),
        Split(ticker="SPY", ratio=1.0),
    )

    assert (ledger.book.shares, ledger.book.cash) == ({"SPY": 10.0, "TLT": 8.0}, 12.34)
    assert ledger.history.newest.summary["actions"] == [
        {"ticker": "SPY", "dividend": 12.34},
        {"ticker": "TLT", "split": 2.0, "cash_in_lieu": None},
        {"ticker": "SPY", "split": 1.0, "cash_in_lieu": None},
    ]


def test_a_dividend_says_nothing_about_splits(ledger):
    ledger.begin(SPY=10.0)
    act(ledger, Dividend(ticker="SPY", amount=1.0))

    assert ledger.book.as_of == DAY


@pytest.mark.parametrize(
    ("action", "why"),
    [
        (Split(ticker="QQQ", ratio=2.0), "one held: SPY"),
        (Split(ticker="SPY", ratio=0.0), "ratio"),
        (Split(ticker="SPY", ratio=float("inf")), "ratio"),
        (Dividend(ticker="SPY", amount=-1.0), "amount"),
        (Split(ticker="SPY", ratio=0.15, cash_in_lieu=0.0), "cash_in_lieu"),
    ],
)
def test_an_impossible_action_is_refused(action, why):
    with pytest.raises(InvalidValueError, match=why):
        corporate_action_request(book(SPY=10.0), actions=[action], as_of=LATER, approval=ADA)


def test_an_action_before_the_books_date_is_refused_and_an_empty_book_has_none():
    action = Split(ticker="SPY", ratio=2.0)
    with pytest.raises(InvalidValueError, match="a date from the book's own"):
        corporate_action_request(
            book(SPY=1.0), actions=[action], as_of=date(2024, 1, 30), approval=ADA
        )
    with pytest.raises(InvalidValueError, match="ticker"):
        corporate_action_request(None, actions=[action], as_of=DAY, approval=ADA)


@settings(max_examples=60)
@given(st.integers(1, 100_000), st.sampled_from([2.0, 3.0, 1.5, 0.1, 0.25, 1 / 3, 1.0]))
def test_a_split_never_makes_a_share(shares, ratio):
    after = corporate_action_request(
        book(SPY=float(shares)),
        actions=[Split(ticker="SPY", ratio=ratio, cash_in_lieu=lieu(shares, ratio))],
        as_of=LATER,
        approval=ADA,
    ).holdings_after

    held = after.shares.get("SPY", 0.0)
    assert held == int(held)
    assert held <= shares * ratio + 1e-6 < held + 1 + 2e-6


def lieu(shares, ratio):
    """1 USD where the exact ratio leaves a fraction."""
    exact = shares * Fraction(ratio).limit_denominator(1000)
    return None if exact.denominator == 1 else 1.0


# Reverts


def test_a_revert_restores_the_book_before_and_says_why(ledger):
    ledger.begin(cash=1_000.0, SPY=10.0)
    before = ledger.book
    receipt = ledger.trade({"SPY": (-2.0, 100.0), "TLT": (5.0, 90.0)}, flow=300.0, costs=0.5)
    reverted = revert(ledger, receipt.commit_id)
    entry = ledger.history.newest

    assert (ledger.book.shares, ledger.book.cash) == (before.shares, before.cash)
    assert (ledger.book.basis, ledger.book.as_of) == (Basis.RECONCILED, DAY)
    assert (entry.kind, entry.note, entry.as_of) == (Kind.REVERT, "as agreed", LATER)
    assert entry.summary["reverts"] == receipt.commit_id
    cash_ = read_commit(ledger.artifacts, reverted.commit_id).manifest.cash
    assert (cash_.flow, cash_.adjustment) == (-300.0, 250.5)
    assert ledger.verify().ok


def test_reverts_go_back_one_by_one_and_forward_again(ledger):
    ledger.begin(cash=1_000.0, SPY=10.0)
    one, two = (ledger.trade({"SPY": (1.0, 100.0)}).commit_id for _ in range(2))

    with pytest.raises(InvalidValueError, match="since then: SPY: 11 → 12 shares"):
        revert(ledger, one)
    undone = revert(ledger, two).commit_id
    revert(ledger, one)
    assert ledger.book.shares == {"SPY": 10.0}
    with pytest.raises(InvalidValueError, match="a commit whose book is still held"):
        revert(ledger, undone)
    revert(ledger, ledger.history.newest.id)
    revert(ledger, undone)
    assert ledger.book.shares == {"SPY": 12.0}
    assert ledger.verify().ok


def test_a_first_commit_can_be_reverted_to_nothing(ledger):
    receipt = ledger.begin(cash=1_000.0, SPY=10.0)
    revert(ledger, receipt.commit_id)

    assert (ledger.book.shares, ledger.book.cash, ledger.book.as_of) == ({}, 0.0, None)


def test_a_revert_needs_a_reason(ledger):
    receipt = ledger.begin()

    with pytest.raises(InvalidValueError, match="the reason for reverting"):
        revert(ledger, receipt.commit_id, Approval(approver="Ada"))


@settings(max_examples=10)
@given(st.lists(st.integers(-5, 9), min_size=1, max_size=4))
def test_undoing_everything_ends_where_it_began(tmp_path_factory, deltas):
    ledger = Ledger(tmp_path_factory.mktemp("undo"))
    ledger.begin(cash=10_000.0, SPY=50.0)
    done = [ledger.trade({"SPY": (float(d), 100.0)}, costs=0.25).commit_id for d in deltas]
    for name in reversed(done):
        revert(ledger, name)

    assert (ledger.book.shares, ledger.book.cash) == ({"SPY": 50.0}, 10_000.0)
    assert ledger.verify().ok


# Mappings, and what all have in common


def test_a_mapping_is_recorded_and_leaves_the_book(ledger):
    ledger.begin(SPY=10.0)
    before = ledger.book
    request = mapping_request(
        before,
        files={"default_mapping.yaml": b"mapping: {}\n"},
        as_of=LATER,
        approval=ADA,
        summary={"changed": ["uptrend_low_vol"]},
    )
    receipt = ledger.commit(request)

    assert replace(ledger.book, commit_id=before.commit_id) == before
    assert ledger.history.newest.kind is Kind.MAPPING
    assert (receipt.folder / "default_mapping.yaml").exists()
    assert ledger.verify().ok


def test_a_mapping_may_come_before_any_book(ledger):
    ledger.commit(mapping_request(None, files={}, as_of=DAY, approval=ADA, summary={}))

    assert ledger.book == Holdings(commit_id="20240131")


def test_plan_ids_cover_the_deed_and_the_parent_and_not_the_words():
    base = replace(book(cash=100.0, SPY=1.0), commit_id="20240131")
    one = cash(base, "deposit", 5.0)
    worded = cash_request(
        base, flow="deposit", amount=5.0, as_of=LATER, approval=Approval(approver="Bob", note="x")
    )

    assert one.plan_id == worded.plan_id
    others = {
        cash(base, "deposit", 6.0).plan_id,
        cash(base, "withdrawal", 5.0).plan_id,
        cash(replace(base, commit_id="20240201"), "deposit", 5.0).plan_id,
        cash_request(
            base, flow="deposit", amount=5.0, as_of=LATER, approval=Approval(simulated=True)
        ).plan_id,
    }
    assert len(others | {one.plan_id}) == 5


def test_requests_change_nothing_they_are_given(ledger):
    ledger.commit(rebalance(None, {"SPY": (1.0, 100.0)}, flow=200.0))
    held = ledger.book
    kept = replace(held)
    cash(held, "deposit", 5.0)
    corporate_action_request(
        held, actions=[Split(ticker="SPY", ratio=2.0)], as_of=LATER, approval=ADA
    )

    assert held == kept
