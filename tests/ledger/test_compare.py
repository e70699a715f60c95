"""The list of commits, what one commit says, and two of them side by side."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import date, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.encoding import canonical_json
from quantetf_core.errors import CommitNotFoundError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import (
    Dividend,
    Split,
    corporate_action_request,
    history,
    read_commit,
    revert_request,
)
from quantetf_core.ledger.compare import compare
from quantetf_core.ledger.contents import MoneyStep, book_table, contents
from quantetf_core.ledger.listing import (
    Wanted,
    figure,
    history_table,
    matching,
    nearest,
    neighbours,
    offered,
)
from quantetf_core.portfolio.holdings import Holdings, Position
from tests.ledger.books import ADA, DAY, Ledger, rebalance, rewrite
from tests.ledger.test_history import place

SUMMARY = {
    "regime": "uptrend_low_vol",
    "strategy_used": "momentum",
    "num_trades": 3,
    "turnover": 0.25,
    "value_after": 1_000_000.5,
}


@pytest.fixture
def past(tmp_path):
    """Four commits: two rebalances in different regimes, a deposit and a revert."""
    parent = place(tmp_path, "20240131", summary=SUMMARY, as_of=date(2024, 1, 31))
    parent = place(
        tmp_path,
        "20240229",
        parent,
        as_of=date(2024, 2, 29),
        summary={**SUMMARY, "regime": "downtrend_high_vol", "strategy_used": "defensive"},
        approver="Ben",
        note="CPI is due tomorrow",
    )
    parent = place(tmp_path, "20240229-2", parent, kind="cash", summary={"flow": "deposit"})
    place(tmp_path, "20240328", parent, kind="revert", summary={"reverts": "20240229"}, approver="")
    return history(tmp_path)


# The list


def test_the_table_has_one_row_a_commit_newest_first(past):
    table = history_table(past)

    assert table["id"].tolist() == ["20240328", "20240229-2", "20240229", "20240131"]
    oldest = table.iloc[-1]
    assert oldest["as_of"] == pd.Timestamp(2024, 1, 31)
    assert oldest["committed_at"] == pd.Timestamp("2024-01-31 22:00", tz="UTC")
    assert (oldest["regime"], oldest["strategy"]) == ("uptrend_low_vol", "momentum")
    assert (oldest["num_trades"], oldest["turnover"], oldest["value"]) == (3.0, 0.25, 1_000_000.5)
    assert (oldest["approver"], oldest["note"], oldest["simulated"]) == ("Ada", "month-end", False)


def test_what_a_commit_does_not_record_is_empty_and_taken_from_nobody(past):
    deposit = history_table(past).iloc[1]

    assert (deposit["kind"], deposit["regime"], deposit["strategy"]) == ("cash", "", "")
    assert deposit[["num_trades", "turnover", "value"]].isna().all()


def test_an_empty_history_is_an_empty_table_that_can_be_asked(tmp_path):
    table = history_table(history(tmp_path))

    assert len(table) == 0
    assert len(matching(table, Wanted(text="x", since=DAY, regimes=("a",)))) == 0
    assert offered(table, "regime") == ()


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["20240328", "20240229-2", "20240229", "20240131"]),
        (Wanted(since=date(2024, 2, 29)), ["20240229"]),
        (Wanted(until=date(2024, 1, 31), regimes=("uptrend_low_vol",)), ["20240131"]),
        (Wanted(regimes=("downtrend_high_vol",)), ["20240229"]),
        (Wanted(strategies=("momentum", "defensive")), ["20240229", "20240131"]),
        (Wanted(approvers=("Ben",)), ["20240229"]),
        (Wanted(kinds=("cash", "revert")), ["20240328", "20240229-2"]),
        (Wanted(text="cpi TOMORROW"), ["20240229"]),
        (Wanted(text="cpi yesterday"), []),
        (Wanted(text="20240229"), ["20240328", "20240229-2", "20240229"]),
        (Wanted(text="deposit"), ["20240229-2"]),
        (Wanted(text="downtrend_high"), ["20240229"]),
        (Wanted(text=".*"), []),
    ],
)
def test_filters_keep_what_is_asked_for(past, wanted, ids):
    table = history_table(past)
    before = table.copy()
    found = matching(table, wanted)

    assert found["id"].tolist() == ids
    assert found.index.tolist() == list(range(len(ids)))
    pd.testing.assert_frame_equal(table, before)


def test_a_filter_offers_the_values_there_are_and_not_the_absence_of_one(past):
    table = history_table(past)

    assert offered(table, "strategy") == ("defensive", "momentum")
    assert offered(table, "kind") == ("cash", "rebalance", "revert")
    assert offered(table, "approver") == ("Ada", "Ben")


def test_neighbours_are_those_of_the_chain(past):
    assert neighbours(past, "20240229") == ("20240131", "20240229-2")
    assert neighbours(past, "20240131") == (None, "20240229")
    assert neighbours(past, "20240328") == ("20240229-2", None)
    with pytest.raises(CommitNotFoundError):
        neighbours(past, "20240330")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("20240215", ("20240131", "20240229")),
        ("19990101", ("20240131",)),
        ("zzz", ("20240328",)),
        ("", ("20240131",)),
    ],
)
def test_the_ids_nearest_to_a_wrong_one(past, asked, found):
    assert nearest(past, asked, each_side=1) == found


def test_hostile_summaries_and_times_never_break_the_list(tmp_path):
    first = datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))
    hostile = {
        "regime": ["a"],
        "strategy_used": {"x": 1},
        "num_trades": "many",
        "turnover": True,
        "value_after": 10**400,
        "reverts": 5,
    }
    place(tmp_path, "00010101", summary=hostile, committed_at=first, as_of=date(1, 1, 1))
    table = history_table(history(tmp_path))

    assert (table["regime"][0], table["strategy"][0]) == ("", "")
    assert table[["num_trades", "turnover", "value"]].isna().all(axis=None)
    assert pd.isna(table["committed_at"][0])
    assert figure(-math.inf) != figure(-math.inf)


@settings(max_examples=30)
@given(
    texts=st.lists(st.text(max_size=12), min_size=1, max_size=6),
    asked=st.text(max_size=4),
)
def test_a_row_is_found_exactly_when_its_text_holds_every_word(texts, asked):
    table = pd.DataFrame({"text": [text.lower() for text in texts]}).astype("str")
    found = matching(table, Wanted(text=asked))

    words = asked.lower().split()
    assert found["text"].tolist() == [t for t in table["text"] if all(w in t for w in words)]


# What one commit says


def rebalanced(ledger, **more):
    """A book of SPY, then one rebalance that sells part of it for TLT; the second's id."""
    ledger.begin(cash=1_000.0, SPY=10.0)
    record = {
        "rationale": "calm",
        "requested_date": "2024-02-03",
        "days_in_regime": 12,
        "metadata": {"regime_indicators": {"spy_price": 480.5, "spy_200ma": 450.0, "vix": 13.0}},
        "findings": [
            {"severity": "info", "code": "capped", "subject": "SPY", "message": "was capped"},
            {"severity": "loud", "code": "x", "subject": "y", "message": "z"},
        ],
        "ranking": [
            {"rank": 1, "ticker": "TLT", "score": 0.2, "gap": 0.1, "selected": True},
            {"rank": 2, "ticker": "SPY", "score": 0.1, "gap": -0.1, "selected": False},
            "not a row",
        ],
    }
    inputs = {"source": "files", "data_fingerprint": "abc", "configuration": {"a.yaml": "x: 1"}}
    request = rebalance(
        ledger.book,
        {"SPY": (-4.0, 100.0), "TLT": (5.0, 90.0)},
        flow=50.0,
        costs=0.43,
        as_of=date(2024, 2, 2),
    )
    files = {
        **request.files,
        "rebalance_result.json": canonical_json(record),
        "inputs.json": canonical_json(inputs),
        "target_portfolio.csv": b"ticker,weight,price,notional,shares\nSPY,0.4,100,600,6\n"
        b"'=TLT,0.3,90,450,5\n$CASH$,0.3,1,550,550\n",
    }
    changed = dataclasses.replace(request, files=files, summary=SUMMARY, **more)
    return ledger.commit(changed).commit_id


def test_a_rebalance_says_what_was_decided_and_why(ledger):
    said = contents(read_commit(ledger.artifacts, rebalanced(ledger)))

    assert (said.regime, said.strategy, said.rationale) == ("uptrend_low_vol", "momentum", "calm")
    assert (said.days_in_regime, said.requested_date) == (12, "2024-02-03")
    assert said.indicators == {"spy_price": 480.5, "spy_200ma": 450.0, "vix": 13.0}
    assert said.findings == (Finding(Severity.INFO, "capped", "SPY", "was capped"),)
    assert said.ranking["ticker"].tolist() == ["TLT", "SPY"]
    assert said.ranking["selected"].tolist() == [True, False]
    assert said.target["ticker"].tolist() == ["SPY", "=TLT", "$CASH$"]
    assert said.target["weight"].tolist() == [0.4, 0.3, 0.3]
    assert said.trades["action"].tolist() == ["SELL", "BUY"]
    assert said.trades["shares_delta"].tolist() == [-4.0, 5.0]
    assert said.trades["reason"].tolist() == ["", ""]
    assert said.trades["price"].isna().all()
    assert said.inputs["source"] == "files"
    assert said.configuration == {"a.yaml": "x: 1"}
    assert said.files["name"].tolist()[0] == "manifest.json"
    assert said.files["holds"].all()


def test_the_money_of_a_record_adds_up(ledger):
    said = contents(read_commit(ledger.artifacts, rebalanced(ledger)))

    assert said.money == (
        MoneyStep("cash_before", 1_000.0),
        MoneyStep("flow", 50.0),
        MoneyStep("sells", 400.0),
        MoneyStep("buys", -450.0),
        MoneyStep("costs", -0.43),
        MoneyStep("adjustment", 0.0),
        MoneyStep("cash_after", 999.57),
    )


def test_the_books_are_valued_at_the_prices_they_were_recorded_with(ledger):
    said = contents(read_commit(ledger.artifacts, rebalanced(ledger)))

    assert said.after["ticker"].tolist() == ["SPY", "TLT", "$CASH$"]
    assert said.after["value"].tolist() == [600.0, 450.0, 999.57]
    assert said.after["weight"].sum() == pytest.approx(1.0)
    assert said.before["value"].tolist() == [1_000.0, 1_000.0]


def test_other_kinds_have_what_they_have(ledger):
    said = contents(read_commit(ledger.artifacts, ledger.begin(SPY=1.0).commit_id))
    assert (said.regime, said.strategy, said.rationale) == ("", "", "")
    assert said.target.empty
    assert said.ranking.empty
    assert said.inputs["source"] == "typed in"

    deposit = contents(read_commit(ledger.artifacts, ledger.pay().commit_id))
    assert (deposit.flow, deposit.trades.empty) == ("deposit", True)

    actions = [Dividend(ticker="SPY", amount=3.0), Split(ticker="SPY", ratio=2.0)]
    request = corporate_action_request(ledger.book, actions=actions, as_of=DAY, approval=ADA)
    split_id = ledger.commit(request).commit_id
    said = contents(read_commit(ledger.artifacts, split_id))
    assert said.actions["ticker"].tolist() == ["SPY", "SPY"]
    assert said.actions["dividend"].tolist()[0] == 3.0
    assert said.actions["split"].tolist()[1] == 2.0

    commit = read_commit(ledger.artifacts, split_id)
    request = revert_request(
        reverted_id=commit.id,
        reverted_kind=commit.manifest.head.kind,
        before=commit.holdings_before,
        after=commit.holdings_after,
        cash=commit.manifest.cash,
        current=ledger.book,
        as_of=DAY,
        approval=ADA,
    )
    said = contents(read_commit(ledger.artifacts, ledger.commit(request).commit_id))
    assert (said.reverts, said.reverted_kind) == (split_id, "corporate_action")


def test_a_position_that_was_never_priced_leaves_the_weights_open():
    unpriced = book_table(Holdings(positions=(Position(ticker="X", shares=1.0),), cash=5.0))
    assert unpriced["value"].tolist()[1] == 5.0
    assert unpriced["weight"].isna().all()
    assert book_table(Holdings())["weight"].isna().all()


NASTY = [
    b"",
    b"\xff\xfe\x00",
    b"[]",
    b"{",
    b'{"metadata": 5, "findings": {}, "ranking": [[]], "configuration": []}',
    b'"a\nb"c,d\n"',
    b"ticker,action\nSPY\nSPY,BUY,1,2,3,4,5,6,7,8\n",
    b"[" * 50_000,
]


@pytest.mark.parametrize("content", NASTY)
@pytest.mark.parametrize(
    "name",
    [
        "rebalance_result.json",
        "inputs.json",
        "trades.csv",
        "target_portfolio.csv",
        "holdings_before.json",
        "holdings_after.json",
    ],
)
def test_what_can_be_read_of_a_damaged_record_is_read(ledger, name, content):
    commit_id = rebalanced(ledger)
    rewrite(ledger.artifacts / commit_id / name, content)
    commit = read_commit(ledger.artifacts, commit_id)
    said = contents(commit)

    assert [finding.code for finding in commit.findings] == ["file_changed"]
    assert said.files.loc[~said.files["holds"], "name"].tolist() == [name]
    assert said.regime == "uptrend_low_vol"
    compare(commit, read_commit(ledger.artifacts, "20240131"))


def test_a_missing_file_is_listed_as_one_that_does_not_hold(ledger):
    commit_id = rebalanced(ledger)
    (ledger.artifacts / commit_id / "holdings_after.json").unlink()
    said = contents(read_commit(ledger.artifacts, commit_id))

    missing = said.files[said.files["name"] == "holdings_after.json"].iloc[0]
    assert (missing["sha256"], missing["holds"]) == ("", False)
    assert said.after.empty
    assert math.isnan(said.money[-1].usd)


def test_a_changed_manifest_is_listed_as_one_that_does_not_hold(ledger):
    commit_id = ledger.begin(SPY=1.0).commit_id
    path = ledger.artifacts / commit_id / "manifest.json"
    rewrite(path, path.read_bytes().replace(b'"as agreed"', b'"as  agreed"'))
    said = contents(read_commit(ledger.artifacts, commit_id))

    assert said.files.loc[~said.files["holds"], "name"].tolist() == ["manifest.json"]


# Two side by side


def test_weights_of_two_commits_differ_by_basis_points(ledger):
    second = rebalanced(ledger)
    first = "20240131"
    found = compare(read_commit(ledger.artifacts, first), read_commit(ledger.artifacts, second))
    rows = found.weights.set_index("ticker")

    assert found.weights["ticker"].tolist() == ["SPY", "TLT", "$CASH$"]
    assert rows.loc["SPY", "first"] == 0.5
    assert rows.loc["TLT", "first"] == 0.0
    assert rows.loc["TLT", "second"] == pytest.approx(450.0 / 2049.57)
    assert rows.loc["TLT", "difference_bps"] == pytest.approx(450.0 / 2049.57 * 1e4)
    assert rows["difference_bps"].sum() == pytest.approx(0.0, abs=1e-9)
    assert rows.loc["$CASH$", "name"] == "Cash"


def test_trades_of_two_commits_stand_beside_each_other(ledger):
    second = rebalanced(ledger)
    found = compare(
        read_commit(ledger.artifacts, second), read_commit(ledger.artifacts, "20240131")
    )
    spy, tlt = found.trades.to_dict("records")

    assert (spy["first_action"], spy["first_shares"], spy["first_notional"]) == ("SELL", -4, 400)
    assert (tlt["first_action"], tlt["second_action"]) == ("BUY", "")
    assert (spy["second_action"], spy["second_shares"]) == ("ADJUST", 10.0)
    assert math.isnan(tlt["second_notional"])


def test_money_of_two_commits_is_compared_line_by_line(ledger):
    second = rebalanced(ledger)
    found = compare(
        read_commit(ledger.artifacts, "20240131"), read_commit(ledger.artifacts, second)
    )
    money = found.money.set_index("code")

    assert money.loc["sells"].tolist() == [0.0, 400.0, 400.0]
    assert money.loc["costs", "difference"] == -0.43
    assert money.loc["cash_after", "difference"] == round(999.57 - 1_000.0, 2)


def test_facts_say_what_each_side_is(ledger):
    second = rebalanced(ledger)
    found = compare(
        read_commit(ledger.artifacts, "20240131"), read_commit(ledger.artifacts, second)
    )

    assert (found.first.id, found.second.id) == ("20240131", second)
    assert (found.first.regime, found.second.regime) == ("", "uptrend_low_vol")
    assert (found.second.turnover, found.second.value) == (0.25, 1_000_000.5)
    assert math.isnan(found.first.turnover)
    assert (found.second.costs, found.second.approver) == (0.43, "Ada")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.first = found.second


def test_a_commit_compared_with_itself_differs_in_nothing(ledger):
    commit = read_commit(ledger.artifacts, rebalanced(ledger))
    found = compare(commit, commit)

    assert found.weights["difference_bps"].eq(0.0).all()
    assert found.money["difference"].eq(0.0).all()
    assert found.trades["first_action"].tolist() == found.trades["second_action"].tolist()


def test_an_unreadable_book_leaves_its_side_open_and_says_so(ledger):
    commit_id = rebalanced(ledger)
    rewrite(ledger.artifacts / commit_id / "holdings_after.json", b"{}")
    found = compare(
        read_commit(ledger.artifacts, "20240131"), read_commit(ledger.artifacts, commit_id)
    )

    assert found.weights["second"].isna().all()
    assert found.weights["first"].notna().all()
    assert [finding.code for finding in found.second.findings] == ["file_changed"]


@settings(max_examples=25)
@given(st.data())
def test_swapping_the_sides_turns_every_difference_around(ledger_factory, data):
    ledger, ids = ledger_factory
    first, second = (
        read_commit(ledger.artifacts, data.draw(st.sampled_from(ids))) for _ in range(2)
    )
    ahead, back = compare(first, second), compare(second, first)
    merged = ahead.weights.merge(back.weights, on="ticker", suffixes=("", "_back"))

    assert len(merged) == len(ahead.weights) == len(back.weights)
    assert (merged["difference_bps"] == -merged["difference_bps_back"]).all()
    assert (ahead.money["difference"] == -back.money["difference"]).all()
    assert json.loads(json.dumps(ahead.trades["ticker"].tolist())) == back.trades["ticker"].tolist()


@pytest.fixture(scope="module")
def ledger_factory(tmp_path_factory):
    ledger = Ledger(tmp_path_factory.mktemp("compare"))
    return ledger, ledger.chain(5)
