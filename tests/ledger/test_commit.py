"""Laws 7 and 8: whole, once, on what was reviewed, and never edited."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.encoding import sha256
from quantetf_core.errors import (
    ApprovalError,
    ChecksBlockError,
    DamagedHistoryError,
    InvalidValueError,
    LedgerBusyError,
    LedgerWriteError,
    MixedHistoryError,
    StaleHoldingsError,
)
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import CashMovement, Kind, commit, read_commit, verify
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from tests.ledger.books import DAY, NOW, Ledger, book, names, rebalance, rewrite

FUNDING = {"SPY": (10.0, 100.0)}


def first(**more):
    return rebalance(None, FUNDING, flow=2_000.0, costs=0.5, **more)


def warning(code="turnover", subject="portfolio"):
    return Finding(Severity.WARN, code, subject, "too much")


def test_a_first_commit_writes_the_whole_folder_and_the_holdings_file(ledger):
    receipt = ledger.commit(first())

    assert receipt.commit_id == "20240131"
    assert receipt.folder == ledger.artifacts / "20240131"
    assert not receipt.already_committed
    assert names(receipt.folder) == [
        "holdings_after.json",
        "holdings_before.json",
        "inputs.json",
        "manifest.json",
        "trades.csv",
    ]
    held = json.loads(ledger.holdings_path.read_bytes())
    assert held["holdings"] == [
        {
            "ticker": "SPY",
            "weight": pytest.approx(1000 / 1999.5),
            "price": 100.0,
            "notional": 1000.0,
            "shares": 10.0,
            "cost": None,
        }
    ]
    assert (held["cash"], held["as_of"], held["basis"]) == (999.5, "2024-01-31", "assumed_fill")
    assert (held["commit_id"], held["updated_at"]) == ("20240131", "2024-01-31T22:00:00+00:00")


def test_the_manifest_hashes_every_other_file_and_names_its_parent(ledger):
    one, two = ledger.commit(first()), ledger.pay()
    manifest = json.loads((two.folder / "manifest.json").read_bytes())

    assert manifest["parent"] == {
        "id": one.commit_id,
        "manifest_sha256": sha256((one.folder / "manifest.json").read_bytes()),
    }
    assert manifest["files"] == {
        name: sha256((two.folder / name).read_bytes())
        for name in names(two.folder)
        if name != "manifest.json"
    }


def test_a_second_commit_of_a_session_is_numbered(ledger):
    ids = [ledger.commit(first()).commit_id] + [ledger.pay().commit_id for _ in range(10)]

    assert ids[:3] == ["20240131", "20240131-2", "20240131-3"]
    assert ids[-1] == "20240131-11"
    assert [entry.id for entry in ledger.history.entries] == ids[::-1]


def test_a_number_that_any_name_has_is_not_given_again(ledger):
    ledger.commit(first())
    (ledger.artifacts / "20240131-7").mkdir()
    (ledger.artifacts / "20240131-9").write_text("a file")

    assert ledger.pay().commit_id == "20240131-10"


def test_the_same_plan_twice_is_one_commit_and_two_receipts(ledger):
    request = first()
    receipt = ledger.commit(request)
    before = ledger.bytes_on_disk()
    again = ledger.commit(replace(request, approver="Bob"), NOW + timedelta(hours=1))

    assert again == replace(receipt, already_committed=True)
    assert ledger.bytes_on_disk() == before


def test_the_same_plan_is_recognised_below_newer_commits(ledger):
    request = first()
    ledger.commit(request)
    ledger.pay()

    assert ledger.commit(request).already_committed
    assert len(ledger.history.entries) == 2


def test_another_plan_on_a_parent_that_moved_is_refused_with_the_difference(ledger):
    ledger.commit(first())
    reviewed = ledger.book
    ledger.trade({"SPY": (-4.0, 100.0), "TLT": (3.0, 90.0)})
    before = ledger.bytes_on_disk()

    with pytest.raises(StaleHoldingsError) as refused:
        ledger.commit(rebalance(reviewed, {"SPY": (1.0, 100.0)}))
    assert refused.value.difference == (
        "SPY: 10 → 6 shares",
        "TLT: 0 → 3 shares",
        "cash: 999.50 → 1,129.50 USD",
    )
    assert (refused.value.reviewed, refused.value.newest) == ("20240131", "20240131-2")
    assert ledger.bytes_on_disk() == before


def test_a_parent_that_moved_is_refused_even_when_nothing_differs(ledger):
    ledger.commit(first())
    reviewed = ledger.book
    ledger.trade({})

    with pytest.raises(StaleHoldingsError, match="no share count differs"):
        ledger.commit(rebalance(reviewed, {"SPY": (1.0, 100.0)}))


def test_a_book_that_is_not_the_newest_commits_is_refused(ledger):
    ledger.commit(first())
    other = replace(book(cash=999.5, SPY=11.0), commit_id="20240131")

    with pytest.raises(StaleHoldingsError, match="SPY: 11 → 10 shares"):
        ledger.commit(rebalance(other, {}))


@pytest.mark.parametrize(
    "current", [book(SPY=1.0), replace(Holdings(), commit_id="20231229")], ids=["book", "parent"]
)
def test_a_first_commit_starts_from_nothing(ledger, current):
    with pytest.raises(StaleHoldingsError):
        ledger.commit(rebalance(current, {}))
    assert ledger.bytes_on_disk() == {}


def test_a_plan_without_trades_may_be_committed(ledger):
    ledger.commit(first())
    ledger.trade({})

    assert ledger.verify().ok
    assert len(ledger.history.entries) == 2


def test_order_is_by_parent_even_when_dates_and_clock_run_backwards(ledger):
    ledger.commit(first())
    second = ledger.commit(
        rebalance(ledger.book, {}, as_of=date(2023, 12, 29)), NOW - timedelta(days=30)
    )

    assert ledger.history.newest.id == second.commit_id == "20231229"
    assert ledger.verify().ok


def test_the_time_of_a_commit_is_utc(ledger):
    eastern = timezone(timedelta(hours=-5))
    receipt = ledger.commit(first(), datetime(2024, 1, 31, 17, 0, tzinfo=eastern))

    assert receipt.committed_at == NOW
    assert receipt.committed_at.tzinfo.utcoffset(None) == timedelta(0)


def test_a_time_without_an_offset_is_refused(ledger):
    with pytest.raises(InvalidValueError, match="UTC offset"):
        ledger.commit(first(), datetime(2024, 1, 31, 17, 0))  # noqa: DTZ001
    assert not ledger.root.joinpath("artifacts").exists()


# Approval


def test_a_block_forbids_the_commit(ledger):
    block = Finding(Severity.BLOCK, "stale_price", "SPY", "three weeks old")

    with pytest.raises(ChecksBlockError, match="stale_price"):
        ledger.commit(first(blocks=(block,)))
    assert ledger.bytes_on_disk() == {}


def test_warnings_need_a_name_and_a_note_on_each_code(ledger):
    warnings = (warning(), warning("volume", "SPY"), warning("volume", "TLT"))

    with pytest.raises(ApprovalError) as refused:
        ledger.commit(first(warnings=warnings, approver=" ", notes={"turnover": " "}))
    assert refused.value.missing == (
        "it needs the approver's name and a note on the warning turnover "
        "and a note on the warning volume"
    )
    assert ledger.bytes_on_disk() == {}


def test_acknowledged_warnings_are_kept_with_their_notes(ledger):
    warnings = (warning(), warning("volume", "SPY"))
    notes = {"turnover": "quarter end", "volume": "over two days"}
    receipt = ledger.commit(first(warnings=warnings, notes=notes, approver=" Ada "))
    manifest = read_commit(ledger.artifacts, receipt.commit_id).manifest

    assert manifest.head.approver == "Ada"
    assert manifest.notes == notes
    assert [(entry.finding, entry.note) for entry in manifest.acknowledged] == [
        (warnings[0], "quarter end"),
        (warnings[1], "over two days"),
    ]


def test_without_warnings_no_name_is_needed(ledger):
    assert not ledger.commit(first(approver="")).already_committed


# What may not be written


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".hidden", "", "manifest.json", "holdings_after.json", "x" * 101, "ä"]
)
def test_a_file_cannot_leave_its_folder_or_take_our_names(ledger, name):
    with pytest.raises(InvalidValueError, match="file name"):
        ledger.commit(first(files={**first().files, name: b""}))
    assert ledger.bytes_on_disk() == {}


@pytest.mark.parametrize(
    "more",
    [{"note": "\ud800"}, {"approver": "\udfff"}, {"summary": {"regime": "\ud800"}}],
    ids=["note", "approver", "summary"],
)
def test_half_characters_are_refused_before_anything_is_written(ledger, more):
    with pytest.raises(InvalidValueError, match="half characters"):
        ledger.commit(first(**more))
    assert ledger.bytes_on_disk() == {}


def test_hostile_notes_are_kept_as_they_are(ledger):
    note = '</script><img src=x onerror=alert(1)> =cmd|"/c calc"!A1 \u202e\u0000\n\r\t🦊'
    receipt = ledger.commit(first(note=note))

    assert ledger.history.entry(receipt.commit_id).note == note
    assert ledger.verify().ok


def test_a_plan_has_an_id(ledger):
    with pytest.raises(InvalidValueError, match="plan_id"):
        ledger.commit(first(plan_id=""))


def test_simulated_and_market_prices_never_share_a_history(ledger):
    ledger.commit(first(simulated=True))

    with pytest.raises(MixedHistoryError, match="on simulated prices, and this one is on market"):
        ledger.commit(rebalance(ledger.book, {}))
    ledger.commit(rebalance(ledger.book, {}, simulated=True))
    assert MixedHistoryError("x", False).holds_simulated is False


# The fold is checked before it is recorded


def wrong(**more):
    return replace(first(), **more)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (wrong(holdings_after=book(cash=999.5, SPY=11.0)), "SPY: trades.csv goes from 0 to 10"),
        (wrong(holdings_after=book(cash=999.5, SPY=10.0, TLT=1.0)), "TLT: its shares changed"),
        (wrong(holdings_after=book(cash=999.51, SPY=10.0)), "cash should be 999.50 USD"),
        (wrong(cash=CashMovement(flow=2000.0, buys=999.99, costs=0.5)), "BUY lines sum to 1,000"),
        (wrong(cash=CashMovement(flow=1999.5, buys=1000.0, adjustment=1.0)), "0 for a rebalance"),
        (wrong(files={}), "trades.csv among them"),
        (wrong(files={"trades.csv": b"ticker,action\n"}), "no column current_shares"),
        (wrong(files={"trades.csv": b"\xff"}), "not a CSV file"),
    ],
)
def test_a_request_whose_trades_do_not_lead_to_its_book_is_refused(ledger, request_, why):
    with pytest.raises(InvalidValueError, match=why):
        ledger.commit(request_)
    assert ledger.bytes_on_disk() == {}


# A history that does not hold


def test_nothing_is_added_to_a_newest_commit_that_was_changed(ledger):
    receipt = ledger.commit(first())
    current = ledger.book
    rewrite(receipt.folder / "inputs.json", b"{}")
    before = ledger.bytes_on_disk()

    with pytest.raises(DamagedHistoryError, match=r"inputs\.json was changed"):
        ledger.commit(rebalance(current, {}))
    assert ledger.bytes_on_disk() == before


def test_nothing_is_added_beside_a_folder_that_may_be_the_newest(ledger):
    ledger.commit(first())
    current = ledger.book
    (ledger.artifacts / "20240229").mkdir()
    (ledger.artifacts / "20240229" / "manifest.json").write_bytes(b"{")

    with pytest.raises(DamagedHistoryError, match="20240229"):
        ledger.commit(rebalance(current, {}))


# Locks and file systems


def test_a_writer_that_does_not_finish_is_an_error_in_words(ledger):
    ledger.artifacts.mkdir()

    with (
        FileLock(ledger.artifacts / ".ledger.lock"),
        pytest.raises(LedgerBusyError, match=r"more than 0\.05 seconds"),
    ):
        ledger.commit(first(), timeout=0.05)


def test_an_artifacts_folder_shared_by_two_states_has_one_lock(ledger):
    ledger.artifacts.mkdir()
    other = Ledger(ledger.root / "other")
    other.root.mkdir()
    other.artifacts.symlink_to(ledger.artifacts)

    with (
        FileLock(ledger.artifacts / ".ledger.lock"),
        pytest.raises(LedgerBusyError),
    ):
        other.commit(first(), timeout=0.05)


def test_one_folder_may_hold_artifacts_and_state(tmp_path):
    commit(first(), artifacts_dir=tmp_path, state_dir=tmp_path, now=NOW)

    assert verify(tmp_path, tmp_path).ok


def test_a_file_system_that_refuses_is_an_error_in_words(ledger):
    ledger.artifacts.write_text("a file where the folder should be")

    with pytest.raises(LedgerWriteError, match="cannot be written"):
        ledger.commit(first())


def test_a_name_taken_behind_our_back_is_never_replaced(ledger, monkeypatch):
    ledger.commit(first())
    current = ledger.book
    rename = os.rename

    def late(source, target):
        target.mkdir()
        (target / "theirs").write_text("kept")
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    with pytest.raises(LedgerWriteError):
        ledger.commit(rebalance(current, {}))
    assert names(ledger.artifacts / "20240131-2") == ["theirs"]
    assert not [name for name in names(ledger.artifacts) if name.startswith(".staging")]


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_leaves_nothing_behind(ledger, monkeypatch, call):
    ledger.commit(first())
    current, before = ledger.book, ledger.bytes_on_disk()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, full)
        with pytest.raises(LedgerWriteError, match="No space left"):
            ledger.commit(rebalance(current, {}))
    assert ledger.bytes_on_disk() == before
    assert ledger.commit(rebalance(current, {})).commit_id == "20240131-2"


def test_a_commit_stands_when_only_the_derived_files_cannot_be_written(ledger, monkeypatch):
    ledger.commit(first())
    (ledger.state / "history_index.jsonl").unlink()
    (ledger.state / "history_index.jsonl").mkdir()

    def refuse(*_):
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", refuse)
        receipt = ledger.pay()

    assert receipt.commit_id == "20240131-2"
    assert json.loads(ledger.holdings_path.read_bytes())["commit_id"] == "20240131"
    assert ledger.book.commit_id == "20240131-2"
    assert not [name for name in names(ledger.state) if name.endswith(".tmp")]


def test_a_full_disk_in_the_middle_of_a_write_is_finished_or_undone(ledger, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))

    ledger.commit(first())
    assert ledger.verify().ok


# Laws over chains


SHARES = st.one_of(st.integers(1, 500).map(float), st.floats(0.001, 500.0))
PRICES = st.integers(1, 90_000).map(lambda cents: cents / 100)


@st.composite
def steps(draw):
    return [
        (
            draw(st.dictionaries(st.sampled_from("ABCDE"), st.tuples(SHARES, PRICES))),
            draw(st.sets(st.sampled_from("ABCDE"))),
            draw(st.integers(0, 999)) / 100,
        )
        for _ in range(draw(st.integers(1, 4)))
    ]


@settings(max_examples=25)
@given(steps())
def test_the_newest_book_is_the_fold_of_all_trades_to_the_cent(tmp_path_factory, plan):
    ledger = Ledger(tmp_path_factory.mktemp("chain"))
    held: dict[str, float] = {}
    cents = 100_000_000
    ledger.commit(rebalance(None, {}, flow=1_000_000.0))
    for buys, exits, costs in plan:
        trades = {t: (-held[t], 50.25) for t in exits if t in held}
        trades |= {t: line for t, line in buys.items() if t not in trades}
        ledger.trade(trades, costs=costs)
        cents -= round(costs * 100)
        for ticker, (delta, price) in trades.items():
            cents += -round(round(abs(delta) * price, 2) * 100) * (1 if delta > 0 else -1)
            held[ticker] = held.get(ticker, 0.0) + delta
            if held[ticker] == 0:
                del held[ticker]

    assert ledger.book.shares == held
    assert round(ledger.book.cash * 100) == cents
    assert ledger.book.basis is Basis.ASSUMED_FILL
    assert ledger.verify().ok
    assert ledger.verify().checked == len(plan) + 1


@settings(max_examples=15)
@given(st.lists(st.sampled_from(["pay", "trade", "stale", "blocked"]), max_size=6))
def test_nothing_committed_is_ever_changed(tmp_path_factory, calls):
    ledger = Ledger(tmp_path_factory.mktemp("kept"))
    ledger.begin(SPY=10.0)
    old = ledger.book
    for number, call in enumerate(calls):
        kept = {p: c for p, c in ledger.bytes_on_disk().items() if p.startswith("artifacts")}
        if call == "pay":
            ledger.pay()
        elif call == "trade":
            ledger.trade({"SPY": (1.0, 100.0)})
        else:
            blocks = (warning(),) if call == "blocked" else ()
            refused = rebalance(
                replace(old, commit_id="20230101"), {"A": (1.0, 1.0)}, plan=number, blocks=blocks
            )
            with pytest.raises((StaleHoldingsError, ChecksBlockError)):
                ledger.commit(refused)
        assert kept.items() <= ledger.bytes_on_disk().items()


def test_each_kind_is_recorded_in_the_same_chain(ledger):
    ledger.begin(SPY=10.0)
    ledger.pay()
    ledger.trade({"SPY": (-1.0, 100.0)})

    assert [entry.kind for entry in ledger.history.entries] == [
        Kind.REBALANCE,
        Kind.CASH,
        Kind.IMPORT,
    ]


def test_cash_moves_are_finite_and_unsigned_where_they_must_be():
    with pytest.raises(InvalidValueError, match="flow"):
        CashMovement(flow=float("nan"))
    with pytest.raises(InvalidValueError, match="costs"):
        CashMovement(costs=-1.0)


def test_a_position_that_was_never_priced_has_no_weight(ledger):
    after = Holdings(positions=(Position(ticker="NEW", shares=3.0),), cash=10.0)
    ledger.commit(
        rebalance(None, {"NEW": (3.0, 0.0)}, flow=10.0, holdings_after=replace(after, as_of=DAY))
    )
    row = json.loads(ledger.holdings_path.read_bytes())["holdings"][0]

    assert (row["weight"], row["notional"], row["price"]) == (None, None, None)
