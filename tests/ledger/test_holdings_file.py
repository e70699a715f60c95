"""The holdings file follows the newest commit, forward only, and never loses what a human put."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest

from quantetf_core.errors import ApprovalError, DamagedHistoryError, HoldingsFileError
from quantetf_core.findings import Severity
from quantetf_core.ledger import Approval, adopt, current_holdings, history
from quantetf_core.ledger.holdings_file import repair
from quantetf_core.portfolio.holdings import Basis
from tests.ledger.books import ADA, DAY, NOW, rebalance, rewrite

LEGACY = {
    "updated_at": "2023-12-29T21:00:00",
    "holdings": [
        {"ticker": "TLT", "weight": 0.5, "price": 90.0, "notional": 900.0, "shares": 10},
        {"ticker": "SPY", "weight": 0.5, "price": 450.0, "notional": 900.0, "shares": 2},
        {"ticker": "OLD", "weight": 0.0, "price": 10.0, "notional": 0.0, "shares": 0},
    ],
}
NOTED = Approval(approver="Ada", notes={"cash_not_stated": "there is none"})


def write(ledger, content):
    ledger.state.mkdir(exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    ledger.holdings_path.write_bytes(raw)
    return raw


def repaired(ledger):
    return repair(ledger.state, history(ledger.artifacts))


def test_without_file_and_history_there_is_no_book(ledger):
    assert current_holdings(ledger.artifacts, ledger.state) == (None, ())
    assert repaired(ledger) == ()


def test_a_missing_file_is_derived_again(ledger):
    ledger.chain(3)
    content = ledger.holdings_path.read_bytes()
    ledger.holdings_path.unlink()

    assert ledger.book.commit_id == "20240202"
    assert ledger.findings == ()
    assert repaired(ledger) == (
        "current_holdings.json: brought forward from no file to commit 20240202",
    )
    assert ledger.holdings_path.read_bytes() == content
    assert repaired(ledger) == ()


def test_a_file_older_than_the_newest_commit_is_brought_forward(ledger):
    ledger.chain(2)
    older = ledger.holdings_path.read_bytes()
    ledger.pay()
    newest = ledger.holdings_path.read_bytes()
    write(ledger, older)

    assert (ledger.book.commit_id, ledger.findings) == ("20240131-2", ())
    assert "from commit 20240201 to commit 20240131-2" in repaired(ledger)[0]
    assert ledger.holdings_path.read_bytes() == newest


def test_an_older_file_does_not_keep_anyone_from_committing(ledger):
    ledger.chain(2)
    older = ledger.holdings_path.read_bytes()
    ledger.pay()
    write(ledger, older)

    assert ledger.pay().commit_id == "20240131-3"
    assert json.loads(ledger.holdings_path.read_bytes())["commit_id"] == "20240131-3"


def test_a_file_of_an_unknown_commit_is_for_a_human(ledger):
    ledger.chain(3)
    shutil.rmtree(ledger.artifacts / "20240202")
    before = ledger.bytes_on_disk()

    assert ledger.book.commit_id == "20240201"
    assert [(f.severity, f.code) for f in ledger.findings] == [(Severity.BLOCK, "holdings_file")]
    with pytest.raises(HoldingsFileError, match="written by commit 20240202, which is not in"):
        ledger.commit(rebalance(ledger.book, {}))
    with pytest.raises(HoldingsFileError):
        repaired(ledger)
    assert ledger.bytes_on_disk() == before


def test_a_file_of_a_history_that_is_gone_is_for_a_human(ledger):
    ledger.begin()
    shutil.rmtree(ledger.artifacts)

    for call in (lambda: ledger.book, lambda: repaired(ledger), lambda: ledger.begin()):
        with pytest.raises(HoldingsFileError, match="not in this history"):
            call()


@pytest.mark.parametrize("newer", [False, True], ids=["newest", "older"])
def test_a_file_changed_by_hand_blocks_and_names_the_difference(ledger, newer):
    ledger.chain(2)
    content = json.loads(ledger.holdings_path.read_bytes())
    if newer:
        ledger.pay()
    content["holdings"][0]["shares"] = 99
    content["cash"] = 1.0
    write(ledger, content)
    before = ledger.bytes_on_disk()

    assert ledger.book.shares == {"SPY": 11.0, "TLT": 2.0}
    assert "SPY: 11 → 99 shares; cash: 99,718.86 → 1.00 USD" in ledger.findings[0].message
    with pytest.raises(HoldingsFileError, match="changed by hand after commit 20240201"):
        ledger.commit(rebalance(ledger.book, {}))
    with pytest.raises(HoldingsFileError, match="changed by hand"):
        repaired(ledger)
    assert ledger.bytes_on_disk() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        {"holdings": [3]},
        {"holdings": [{"ticker": "SPY", "shares": "2"}]},
        {"holdings": [{"ticker": "SPY", "shares": True}]},
        {"holdings": [{"ticker": "SPY", "shares": -2}]},
        {"holdings": [{"ticker": "SPY", "shares": 1}, {"ticker": "SPY", "shares": 2}]},
        {"holdings": [{"shares": 1}]},
        {"holdings": [], "cash": 10**400},
        {"holdings": [], "basis": "hoped"},
        {"holdings": [], "as_of": "today"},
        {"holdings": [], "schema": 9},
    ],
)
def test_a_malformed_file_is_refused_and_kept(ledger, content):
    raw = write(ledger, content)

    with pytest.raises(HoldingsFileError, match="is not a holdings file"):
        _ = ledger.book
    with pytest.raises(HoldingsFileError):
        ledger.begin()
    assert ledger.holdings_path.read_bytes() == raw


def test_a_malformed_file_beside_a_history_blocks(ledger):
    ledger.chain(1)
    write(ledger, b"{")

    assert ledger.book.shares == {"SPY": 10.0}
    assert [f.severity for f in ledger.findings] == [Severity.BLOCK]


def test_a_folder_in_its_place_is_refused(ledger):
    ledger.holdings_path.mkdir(parents=True)

    with pytest.raises(HoldingsFileError, match="cannot be read"):
        _ = ledger.book


def test_a_newest_commit_without_its_book_is_an_error(ledger):
    ledger.chain(1)
    rewrite(ledger.artifacts / "20240131" / "holdings_after.json", b"{}")

    with pytest.raises(DamagedHistoryError, match=r"holdings_after\.json: schema None"):
        _ = ledger.book


# A file from before there was a history


def test_a_legacy_file_is_a_book_that_is_not_in_the_history(ledger):
    write(ledger, LEGACY)
    held, findings = current_holdings(ledger.artifacts, ledger.state)

    assert held.shares == {"SPY": 2.0, "TLT": 10.0}
    assert (held.cash, held.commit_id, held.basis) == (0.0, None, Basis.ASSUMED_FILL)
    assert [(f.severity.value, f.code) for f in findings] == [
        ("block", "not_in_history"),
        ("warn", "cash_not_stated"),
    ]


def test_nothing_is_committed_over_a_legacy_file(ledger):
    raw = write(ledger, LEGACY)

    for call in (
        ledger.begin,
        lambda: ledger.commit(rebalance(ledger.book, {})),
        lambda: ledger.commit(rebalance(None, {}, flow=1.0)),
    ):
        with pytest.raises(HoldingsFileError, match="Import it first"):
            call()
    assert ledger.holdings_path.read_bytes() == raw
    assert ledger.history.entries == ()
    assert repaired(ledger) == ()


def adopted(ledger, approval=NOTED):
    return adopt(
        artifacts_dir=ledger.artifacts,
        state_dir=ledger.state,
        as_of=date(2023, 12, 29),
        now=NOW,
        approval=approval,
    )


def test_a_legacy_file_is_adopted_as_the_first_commit_and_kept_in_it(ledger):
    raw = write(ledger, LEGACY)
    receipt = adopted(ledger)

    assert receipt.commit_id == "20231229"
    assert (receipt.folder / "imported_holdings.json").read_bytes() == raw
    assert ledger.book.shares == {"SPY": 2.0, "TLT": 10.0}
    assert (ledger.book.commit_id, ledger.book.as_of) == ("20231229", date(2023, 12, 29))
    assert ledger.findings == ()
    assert json.loads(ledger.holdings_path.read_bytes())["commit_id"] == "20231229"
    assert ledger.verify().ok
    assert ledger.pay().commit_id == "20240131"


def test_an_adoption_killed_before_the_file_was_derived_is_brought_forward(ledger):
    raw = write(ledger, LEGACY)
    adopted(ledger)
    write(ledger, raw)

    assert ledger.findings == ()
    assert "from commit None to commit 20231229" in repaired(ledger)[0]


def test_a_legacy_file_without_cash_needs_a_note(ledger):
    raw = write(ledger, LEGACY)

    with pytest.raises(ApprovalError, match="cash_not_stated"):
        adopted(ledger, ADA)
    assert ledger.holdings_path.read_bytes() == raw


def test_a_legacy_file_with_cash_needs_none(ledger):
    write(ledger, {**LEGACY, "cash": 12.5})

    assert adopted(ledger, Approval()).commit_id == "20231229"
    assert ledger.book.cash == 12.5


def test_only_a_book_without_a_history_is_adopted(ledger):
    with pytest.raises(HoldingsFileError, match="is not there"):
        adopted(ledger)
    ledger.begin()
    with pytest.raises(HoldingsFileError, match="belongs to a history already"):
        adopted(ledger)


@pytest.mark.parametrize("begin", ["import", "rebalance"])
def test_a_file_that_appears_beside_a_history_blocks(ledger, begin):
    if begin == "import":
        ledger.begin(SPY=10.0)
    else:
        ledger.commit(rebalance(None, {}, flow=10.0))
    raw = write(ledger, LEGACY)

    assert "names no commit, though this portfolio has a history" in ledger.findings[0].message
    with pytest.raises(HoldingsFileError, match="names no commit"):
        ledger.pay()
    assert ledger.holdings_path.read_bytes() == raw


def test_weights_count_cash(ledger):
    ledger.begin(cash=500.0, SPY=10.0, TLT=5.0)
    rows = json.loads(ledger.holdings_path.read_bytes())["holdings"]

    assert [row["weight"] for row in rows] == [0.5, 0.25]


def test_a_book_worth_nothing_has_no_weights(ledger):
    ledger.begin(cash=-1_000.0, SPY=10.0)

    assert json.loads(ledger.holdings_path.read_bytes())["holdings"][0]["weight"] is None


def test_a_history_already_read_is_not_read_again(ledger):
    ledger.begin(SPY=10.0)
    found = history(ledger.artifacts)
    ledger.pay()

    assert current_holdings(ledger.artifacts, ledger.state, found=found)[0].as_of == DAY
    assert ledger.book.commit_id == "20240131-2"
