"""Every decision names the snapshot it was made on, and is made again from it."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import desk
from quantetf_core.data.sources.registry import Line
from quantetf_core.data.sources.vendors import Patience
from quantetf_core.desk import proposals
from quantetf_core.errors import (
    DamagedHistoryError,
    InvalidValueError,
    SnapshotError,
    SourceError,
)
from quantetf_core.ledger.first_difference import first_difference
from tests import recorded
from tests.builders import sessions
from tests.data.vendor_server import table, vendors
from tests.workspace import new_workspace

NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)
DAYS = sessions(300, start="2022-10-20")
TICKERS = ("SPY", "AGG", "TLT", "BIL", "GLD", "QQQ")


def closes(*, seed: int = 5) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0004, 0.01, (len(DAYS), len(TICKERS)))
    return pd.DataFrame(np.round(100 * np.exp(steps.cumsum(axis=0)), 2), DAYS, list(TICKERS))


def put_files(root: Path, prices: pd.DataFrame) -> None:
    folder = root / "data" / "files"
    folder.mkdir(parents=True, exist_ok=True)
    long = prices.rename_axis("date").melt(
        var_name="ticker", value_name="close", ignore_index=False
    )
    long["adj_close"] = long["close"] * 0.9
    long.reset_index().to_parquet(folder / "etf_prices.parquet")
    pd.DataFrame({"date": DAYS, "close": 15.0}).to_csv(folder / "vix.csv", index=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose files example has prices of its own."""
    folder = new_workspace(tmp_path / "desk")
    put_files(folder, closes())
    return folder


def opened(root: Path, name: str = "files_example") -> desk.Portfolio:
    return desk.open_portfolio(root, name)


def decide(
    portfolio: desk.Portfolio, *, as_of: date = date(2023, 12, 1), now: datetime = NOW
) -> str:
    """Fund the book with a million and confirm the plan."""
    market = desk.load_market(portfolio, now=now)
    book, _ = desk.holdings(portfolio)
    flow = {} if book else {"portfolio_value": 1e6, "cash_flow": 1_000_000}
    plan = desk.propose(portfolio, market, now=now, as_of=as_of, **flow)
    notes = {warning.code: "seen" for warning in plan.warnings}
    return desk.commit(portfolio, plan, approver="Ada", notes=notes, now=now).commit_id


def inputs(portfolio: desk.Portfolio, commit_id: str) -> dict:
    return desk.read(portfolio, commit_id).json("inputs.json")


# --- a decision and its snapshot ------------------------------------------------------------


def test_a_decision_on_files_keeps_a_snapshot_and_names_it(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    (snapshot,) = desk.data_snapshots(portfolio)
    assert inputs(portfolio, commit_id)["snapshot"] == {
        "id": snapshot.id,
        "fingerprint": snapshot.fingerprint,
    }
    assert snapshot.fingerprint == desk.load_market(portfolio, now=NOW).fingerprint


def test_decisions_on_the_same_data_share_a_snapshot(root):
    portfolio = opened(root)
    decide(portfolio)
    decide(portfolio, as_of=date(2023, 12, 15))
    assert len(desk.data_snapshots(portfolio)) == 1


def test_the_sample_market_needs_no_snapshot_and_is_made_again(root):
    portfolio = opened(root, "sample")
    as_of = date(2023, 12, 29)
    commit_id = decide(portfolio, as_of=as_of, now=NOW)
    assert desk.data_snapshots(portfolio) == ()
    assert inputs(portfolio, commit_id)["snapshot"] is None
    made = desk.replay_decision(portfolio, commit_id)
    assert (made.verdict, made.snapshot) == (desk.Verdict.SAME, "")


# --- replaying ------------------------------------------------------------------------------


def test_decisions_are_made_again_byte_for_byte(root):
    portfolio = opened(root)
    first = decide(portfolio)
    second = decide(portfolio, as_of=date(2023, 12, 15))
    for commit_id in (first, second):
        made = desk.replay_decision(portfolio, commit_id)
        assert made.verdict is desk.Verdict.SAME, made.said
        assert made.said == f"all {len(made.files)} files came out byte for byte"
        assert set(made.files) == set(desk.read(portfolio, commit_id).manifest.files)


def test_a_restated_close_is_reported_and_the_old_decision_is_still_made_again(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    before = desk.load_market(portfolio, now=NOW).fingerprint
    prices = closes()
    prices.loc["2023-06-01", "TLT"] *= 1.07
    put_files(root, prices)

    assert desk.load_market(portfolio, now=NOW).fingerprint != before
    fetched = desk.fetch_data(portfolio, now=NOW)
    assert [(f.code, f.subject) for f in fetched.findings] == [("restated_close", "TLT")]
    assert "2023-06-01" in fetched.findings[0].message
    assert fetched.snapshot.findings == fetched.findings
    assert desk.replay_decision(portfolio, commit_id).verdict is desk.Verdict.SAME


def test_todays_configuration_has_no_say_in_a_replay(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    costs = root / "configs" / "costs" / "default.yaml"
    costs.write_text(costs.read_text().replace("cost_bps: 5", "cost_bps: 50"))
    assert desk.replay_decision(opened(root), commit_id).verdict is desk.Verdict.SAME


def test_what_code_decides_otherwise_is_named_with_file_key_and_both_values(root, monkeypatch):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    deciding = sys.modules["quantetf_core.decision.decide"]  # the package has a function so named
    monkeypatch.setattr(deciding, "VERSION", "9.9.9")
    made = desk.replay_decision(portfolio, commit_id)
    assert made.verdict is desk.Verdict.DIFFERENT
    assert (made.difference.file, made.difference.where) == ("execution_log.json", "plan_id")
    assert made.said.startswith("execution_log.json, plan_id: stored ")


def test_a_replay_without_its_snapshot_says_so(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    (snapshot,) = desk.data_snapshots(portfolio)
    (portfolio.snapshots_dir / snapshot.id).rename(root / "elsewhere")
    made = desk.replay_decision(portfolio, commit_id)
    assert made.verdict is desk.Verdict.IMPOSSIBLE
    assert f"{snapshot.id}: there is no such snapshot" in made.said


def test_a_replay_from_a_snapshot_that_was_changed_is_refused(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    (snapshot,) = desk.data_snapshots(portfolio)
    path = portfolio.snapshots_dir / snapshot.id / "prices.parquet"
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    made = desk.replay_decision(portfolio, commit_id)
    assert made.verdict is desk.Verdict.IMPOSSIBLE
    assert "was changed after it was written" in made.said


def test_only_a_rebalance_can_be_decided_again(root):
    portfolio = opened(root)
    decide(portfolio)
    market = desk.load_market(portfolio, now=NOW)
    paid = recorded.moved_cash(
        portfolio,
        market,
        flow="deposit",
        amount=500.0,
        as_of=date(2023, 12, 4),
        approved=desk.approval(market, approver="Ada"),
        now=NOW,
    )
    made = desk.replay_decision(portfolio, paid.commit_id)
    assert made.verdict is desk.Verdict.IMPOSSIBLE
    assert "only a rebalance is decided" in made.said


def test_a_record_that_was_tampered_with_is_not_made_again(root):
    portfolio = opened(root)
    commit_id = decide(portfolio)
    path = portfolio.artifacts_dir / commit_id / "inputs.json"
    path.chmod(0o644)
    kept = json.loads(path.read_bytes())
    kept["snapshot"] = None
    path.write_text(json.dumps(kept))
    made = desk.replay_decision(portfolio, commit_id)
    assert made.verdict is desk.Verdict.IMPOSSIBLE
    assert "the record itself does not hold" in made.said


@pytest.mark.parametrize(
    ("name", "stored", "again", "said"),
    [
        ("a.json", b'{"a": {"b": 1}}', b'{"a": {}}', "a.json, a.b: stored 1, now nothing"),
        ("a.json", b'{"a": [1]}', b'{"a": [1, 2]}', "a.json, a[1]: stored nothing, now 2"),
        ("a.json", b'{"a": 1}', b'{"a": 1.0}', "a.json, a: stored 1, now 1.0"),
        ("a.json", b"{", b"}", "a.json, line 1: stored {, now }"),
        ("a.json", b'{"a":1}', b'{"a": 1}', 'a.json, line 1: stored {"a":1}, now {"a": 1}'),
        ("a.csv", b"t,n\nA,1\n", b"t,n\n", "a.csv, line 2, t: stored A, now nothing"),
        (
            "a.csv",
            b"t\n",
            b"t\r\n",
            "a.csv, at its end: stored other line ends, now other line ends",
        ),
        ("a.csv", None, b"t\n", "a.csv: stored no such file, now a file"),
        ("a.txt", b"x\ny", b"x\nz", "a.txt, line 2: stored y, now z"),
    ],
)
def test_the_first_difference_is_said_as_people_look_for_it(name, stored, again, said):
    assert first_difference(name, stored, again).words == said


# --- pruning --------------------------------------------------------------------------------


def three_snapshots(root: Path) -> tuple[desk.Portfolio, list[str]]:
    """A decision on the oldest of three; newest first."""
    portfolio = opened(root)
    decide(portfolio)
    for day in ("2023-06-01", "2023-06-02"):
        prices = closes()
        prices.loc[day, "TLT"] *= 1.07
        put_files(root, prices)
        desk.fetch_data(portfolio, now=NOW)
    return portfolio, [one.id for one in desk.data_snapshots(portfolio)]


def test_looking_at_what_could_go_removes_nothing(root):
    _, (newest, middle, oldest) = three_snapshots(root)
    found = desk.pruning(root, keep=1)
    assert [one.id for one in found.unneeded] == [middle]
    assert (found.newest, dict(found.decided)) == ((newest,), {oldest: 1})
    assert found.size > 0
    assert len(desk.data_snapshots(opened(root))) == 3


def test_what_no_decision_needs_goes_and_decisions_are_still_made_again(root):
    portfolio, (newest, _, oldest) = three_snapshots(root)
    desk.prune(root, keep=1)
    assert [one.id for one in desk.data_snapshots(portfolio)] == [newest, oldest]
    commit_id = desk.history(portfolio).newest.id
    assert desk.replay_decision(portfolio, commit_id).verdict is desk.Verdict.SAME


def test_the_newest_always_stay(root):
    _, ids = three_snapshots(root)
    assert desk.prune(root, keep=5).unneeded == ()
    with pytest.raises(InvalidValueError, match="the newest snapshot is in use"):
        desk.prune(root, keep=0)
    assert len(ids) == 3


def test_decisions_of_a_portfolio_that_is_gone_still_count(root):
    _, (_, middle, oldest) = three_snapshots(root)
    (root / "configs" / "portfolios" / "files_example.yaml").unlink()
    found = desk.pruning(root, keep=1)
    assert [one.id for one in found.unneeded] == [middle]
    assert list(found.decided) == [oldest]


def test_nothing_is_removed_while_a_decision_cannot_be_read(root):
    portfolio, ids = three_snapshots(root)
    path = next(portfolio.artifacts_dir.glob("*/inputs.json"))
    path.chmod(0o644)
    path.write_bytes(b"{")
    with pytest.raises(DamagedHistoryError, match="what it was decided on is not known"):
        desk.prune(root, keep=1)
    assert [one.id for one in desk.data_snapshots(portfolio)] == ids


def test_pruning_waits_until_a_decision_names_the_snapshot_it_needs(root, monkeypatch):
    portfolio = opened(root)
    older = desk.load_market(portfolio, now=NOW)
    plan = desk.propose(
        portfolio, older, now=NOW, as_of=date(2023, 12, 1), portfolio_value=1e6, cash_flow=1_000_000
    )
    needed = desk.fetch_data(portfolio, now=NOW).snapshot
    put_files(root, closes(seed=6))
    newer = desk.fetch_data(portfolio, now=NOW).snapshot
    assert [one.id for one in desk.pruning(root, keep=1).unneeded] == [needed.id]
    other = threading.Thread(target=desk.prune, args=(root,), kwargs={"keep": 1})
    record = proposals.commit_to_ledger

    def recorded_late(*given, **how):
        other.start()
        other.join(0.3)
        assert other.is_alive()
        return record(*given, **how)

    monkeypatch.setattr(proposals, "commit_to_ledger", recorded_late)
    notes = {warning.code: "seen" for warning in plan.warnings}
    commit_id = desk.commit(portfolio, plan, approver="Ada", notes=notes, now=NOW).commit_id
    other.join(30)
    assert [one.id for one in desk.data_snapshots(portfolio)] == [newer.id, needed.id]
    assert desk.replay_decision(portfolio, commit_id).verdict is desk.Verdict.SAME


# --- a live portfolio -----------------------------------------------------------------------


@pytest.fixture
def live(root: Path) -> desk.Portfolio:
    """A portfolio of Yahoo's prices that holds nothing yet."""
    example = root / "configs" / "portfolios" / "files_example.yaml"
    text = example.read_text()
    start, end = text.index("source:"), text.index("# Files end in the past")
    source = "source:\n  type: yahoo\n  start: 2022-10-20\n"
    text = (text[:start] + source + text[end:]).replace("files_example", "live")
    (example.parent / "live.yaml").write_text(text.replace("clock: replay", "clock: exchange"))
    return opened(root, "live")


def test_a_live_portfolio_that_was_never_fetched_says_how_to(live):
    with pytest.raises(SourceError, match=r"press Refresh on the Data page, or run .* fetch"):
        desk.load_market(live, now=NOW)
    status = desk.data_status(live, now=NOW)
    assert (status.live, status.snapshot, status.age) == (True, None, None)


def test_a_live_portfolio_is_fetched_decided_on_and_made_again(live, tmp_path):
    prices = closes()
    wanted = {"SPY", *live.settings.universe.symbols}
    early, late = datetime(2023, 12, 15, 23, tzinfo=UTC), NOW
    with vendors() as server:
        server.charts = {t: table(prices[t], factor=0.9) for t in TICKERS}
        server.charts["^VIX"] = table(pd.Series(15.0, index=DAYS))
        line = Line(keep=tmp_path / "kept", patience=Patience(wait=lambda _: None))
        line = replace(line, route=server.route)
        first = desk.fetch_data(live, now=early, line=line)
        assert set(first.failed) == wanted - set(TICKERS)
        commit_id = decide(live, as_of=date(2023, 12, 15), now=early)
        assert inputs(live, commit_id)["snapshot"]["id"] == first.snapshot.id
        stamp = desk.market_stamp(live, now=late)
        second = desk.fetch_data(live, now=late, line=line)
        assert desk.market_stamp(live, now=late) != stamp
    assert second.snapshot.parent == first.snapshot.id
    assert desk.load_market(live, now=late).snapshot == second.snapshot.id
    assert desk.data_status(live, now=late).age == 0
    assert desk.replay_decision(live, commit_id).verdict is desk.Verdict.SAME


def test_a_plan_whose_snapshot_was_removed_is_not_confirmed(live, tmp_path):
    market = desk.load_market(opened(live.root), now=NOW)
    from quantetf_core.data.sources.snapshot_store import write_snapshot

    snapshot = write_snapshot(live.snapshots_dir, market, portfolio="live", now=NOW)
    plan = desk.propose(
        live, desk.load_market(live, now=NOW), now=NOW, portfolio_value=1e6, cash_flow=1e6
    )
    (live.snapshots_dir / snapshot.id).rename(tmp_path / "gone")
    (tmp_path / "again").mkdir()
    write_snapshot(
        live.snapshots_dir, market, portfolio="live", now=datetime(2024, 1, 2, 14, tzinfo=UTC)
    )
    notes = {warning.code: "seen" for warning in plan.warnings}
    with pytest.raises(SnapshotError, match="no such snapshot"):
        desk.commit(live, plan, approver="Ada", notes=notes, now=NOW)
    assert desk.history(live).newest is None


def test_the_sample_market_cannot_be_fetched(root):
    with pytest.raises(InvalidValueError, match="made on this machine"):
        desk.fetch_data(opened(root, "sample"), now=NOW)


# --- looking at snapshots -------------------------------------------------------------------


def test_two_snapshots_are_compared_in_the_order_they_were_made(root):
    portfolio = opened(root)
    put_files(root, closes().loc[:"2023-12-15"].drop(columns="GLD"))
    desk.fetch_data(portfolio, now=NOW)
    prices = closes().drop(columns="QQQ")
    prices.loc["2023-06-01", "TLT"] *= 1.07
    put_files(root, prices)
    desk.fetch_data(portfolio, now=NOW)
    newer, older = desk.data_snapshots(portfolio)
    found = desk.compare_snapshots(portfolio, newer.id, older.id)
    assert (found.earlier, found.later) == (older, newer)
    assert (found.added, found.removed) == (("GLD",), ("QQQ",))
    assert found.new_sessions == (
        date(2023, 12, 18),
        DAYS[-1].date(),
        int((DAYS > "2023-12-15").sum()),
    )
    assert [(f.code, f.subject) for f in found.findings] == [("restated_close", "TLT")]
    assert desk.verify_data(portfolio, newer.id) == ()


def test_the_status_of_files_has_no_age_before_anything_was_kept(root):
    portfolio = opened(root)
    status = desk.data_status(portfolio, now=NOW)
    assert (status.kind, status.live, status.age) == ("files", False, None)
    desk.fetch_data(portfolio, now=NOW)
    again = desk.fetch_data(portfolio, now=NOW)
    assert not again.written
    assert desk.data_status(portfolio, now=NOW).snapshot == again.snapshot
