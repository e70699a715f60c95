"""Paper mode through the desk, on the sample market."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.errors import InvalidValueError, LedgerBusyError
from tests import recorded
from tests.paper_year import run
from tests.workspace import new_workspace

NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)
LATER = datetime(2024, 1, 2, 23, tzinfo=UTC)
NOVEMBER, DECEMBER = date(2023, 11, 30), date(2023, 12, 29)
FILLED = date(2023, 12, 1)


@pytest.fixture
def paper(tmp_path: Path, sample_cache: Path) -> desk.Portfolio:
    return desk.open_portfolio(new_workspace(tmp_path), "paper_example", cache_dir=sample_cache)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, sample_cache: Path) -> MarketData:
    folder = new_workspace(tmp_path_factory.mktemp("market"))
    return desk.load_market(
        desk.open_portfolio(folder, "paper_example", cache_dir=sample_cache), now=NOW
    )


def changed(opened: desk.Portfolio, **keys: object) -> desk.Portfolio:
    """The portfolio with other keys in its file."""
    path = opened.root / "configs" / "portfolios" / "paper_example.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text("utf-8")) | keys), "utf-8")
    return desk.open_portfolio(opened.root, opened.name, cache_dir=opened.cache_dir)


def commit(
    paper: desk.Portfolio,
    market: MarketData,
    as_of: date = NOVEMBER,
    cash_flow: float | None = None,
) -> str:
    plan = desk.propose(paper, market, now=NOW, as_of=as_of, cash_flow=cash_flow)
    notes = dict.fromkeys((w.code for w in plan.warnings), "seen")
    return desk.commit(paper, plan, approver="Ada", notes=notes, now=NOW).commit_id


def book(paper: desk.Portfolio, market: MarketData) -> str:
    entry = desk.propose_paper_fills(paper, market)
    assert entry is not None
    approved = desk.approval(
        market, approver="Ada", notes=dict.fromkeys((w.code for w in entry.warnings), "seen")
    )
    return desk.record(paper, entry, approved=approved, now=NOW).commit_id


def ids(paper: desk.Portfolio) -> list[str]:
    return [entry.id for entry in desk.history(paper).entries][::-1]


def test_month_after_month_keeps_every_share_and_every_cent(
    paper: desk.Portfolio, market: MarketData
) -> None:
    closes = {
        ticker: {day.date(): price for day, price in column.items()}
        for ticker, column in market.close.loc["2023-06":].items()
    }
    sessions = [date(2023, 6, 30), date(2023, 7, 31), date(2023, 8, 31)]
    run(paper, market, sessions, closes, now=NOW)


def test_a_confirmed_rebalance_is_sent_filled_at_the_next_close_and_reconciled(
    paper: desk.Portfolio, market: MarketData
) -> None:
    assert desk.paper_orders(paper, market) is None
    decision = commit(paper, market)
    assert ids(paper) == [decision, "20231130-2"]
    sent = desk.read(paper, "20231130-2").manifest.head
    assert (sent.kind, sent.summary["how"]) == (desk.Kind.SENT, "paper broker")
    assert desk.paper_orders(paper, market) == desk.PaperOrders(
        decision=decision,
        decided=NOVEMBER,
        sent=True,
        session=FILLED,
        ready=True,
        price="close",
    )
    reconciled = desk.read(paper, book(paper, market))
    head = reconciled.manifest.head
    assert (head.id, head.kind, head.as_of) == ("20231201", desk.Kind.RECONCILE, FILLED)
    assert head.summary["source"] == "paper broker, closes of 2023-12-01"
    assert {"fills.csv", "fill_report.csv", "paper_blotter.csv"} <= set(reconciled.files)
    assert desk.decision_states(paper) == {decision: desk.DecisionState.RECONCILED}
    assert desk.propose_paper_fills(paper, market) is None
    assert desk.verify(paper).ok


def test_looking_at_the_fills_writes_nothing(paper: desk.Portfolio, market: MarketData) -> None:
    commit(paper, market)
    before = ids(paper)
    first, second = (desk.propose_paper_fills(paper, market) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.request.plan_id == second.request.plan_id
    assert ids(paper) == before


def test_before_the_next_close_the_orders_wait_for_it(
    paper: desk.Portfolio, market: MarketData
) -> None:
    commit(paper, market)
    known = market.as_of(NOVEMBER)
    orders = desk.paper_orders(paper, known)
    assert orders is not None
    assert (orders.ready, orders.session) == (False, FILLED)
    assert desk.propose_paper_fills(paper, known) is None


def test_orders_that_did_not_go_out_with_the_commit_are_sent_afterwards(
    paper: desk.Portfolio,
    market: MarketData,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LedgerBusyError(str(paper.artifacts_dir), 1.0)

    with monkeypatch.context() as patch:
        patch.setattr("quantetf_core.desk.paper.commit", busy)
        decision = commit(paper, market)
    assert "the commit stands, its orders are not sent" in caplog.text
    assert desk.decision_states(paper) == {decision: desk.DecisionState.COMMITTED}
    orders = desk.paper_orders(paper, market)
    assert orders is not None
    assert not orders.sent
    assert desk.propose_paper_fills(paper, market) is None
    entry = desk.propose_paper_sent(paper, market)
    assert entry is not None
    desk.record(paper, entry, approved=desk.approval(market, approver="Ada"), now=NOW)
    assert desk.propose_paper_sent(paper, market) is None
    assert book(paper, market) == "20231201"


def test_the_same_plan_confirmed_twice_is_sent_once(
    paper: desk.Portfolio, market: MarketData
) -> None:
    plan = desk.propose(paper, market, now=NOW, as_of=NOVEMBER)
    notes = dict.fromkeys((w.code for w in plan.warnings), "seen")
    for _ in range(2):
        desk.commit(paper, plan, approver="Ada", notes=notes, now=NOW)
    assert ids(paper) == ["20231130", "20231130-2"]


def test_the_next_plan_warns_while_orders_are_not_filled(
    paper: desk.Portfolio, market: MarketData
) -> None:
    decision = commit(paper, market)

    def codes() -> list[str]:
        plan = desk.propose(paper, market, now=NOW, as_of=DECEMBER)
        return [w.message for w in plan.warnings if w.code == "paper_orders_open"]

    assert codes() == [
        f"the paper orders of {decision} are not filled yet; this plan takes them as filled whole "
        "at the closes of 2023-11-30. Fill and reconcile them on Holdings first"
    ]
    book(paper, market)
    assert codes() == []


def test_without_the_key_nothing_is_sent_and_nothing_waits(
    paper: desk.Portfolio, market: MarketData
) -> None:
    path = paper.root / "configs" / "portfolios" / "paper_example.yaml"
    config = yaml.safe_load(path.read_text("utf-8"))
    del config["paper"]
    path.write_text(yaml.safe_dump(config), "utf-8")
    plain = desk.open_portfolio(paper.root, paper.name, cache_dir=paper.cache_dir)
    commit(plain, market)
    assert ids(plain) == ["20231130"]
    assert desk.paper_orders(plain, market) is None
    assert desk.propose_paper_fills(plain, market) is None


def test_money_moved_since_stays_and_the_record_goes_forward(
    paper: desk.Portfolio, market: MarketData
) -> None:
    commit(paper, market)
    before = desk.propose_paper_fills(paper, market)
    approved = desk.approval(market, approver="Ada")
    recorded.moved_cash(
        paper, market, flow="deposit", amount=1234.56, as_of=DECEMBER, approved=approved, now=NOW
    )
    after = desk.propose_paper_fills(paper, market)
    assert before is not None
    assert after is not None
    assert round(after.after.cash - before.after.cash, 2) == 1234.56
    assert after.request.as_of == DECEMBER
    assert {fill.time.date() for fill in after.new if fill.time} == {FILLED}


def test_what_is_withdrawn_with_a_rebalance_is_raised_by_its_sells_before_anything_is_bought(
    paper: desk.Portfolio, market: MarketData
) -> None:
    commit(paper, market)
    book(paper, market)
    held, _ = desk.holdings(paper)
    assert held is not None
    commit(paper, market, DECEMBER, cash_flow=-600_000.0)
    entry = desk.propose_paper_fills(paper, desk.load_market(paper, now=LATER))
    assert entry is not None
    assert held.cash - 600_000.0 < 0.0
    moved = [round(fill.shares * fill.price, 2) + fill.fees for fill in entry.new]
    assert entry.after.cash == pytest.approx(held.cash - 600_000.0 - sum(moved), abs=0.02)
    cut = {f.subject for f in entry.findings if f.code == "paper_partly_filled"}
    bought = {fill.ticker for fill in entry.new if fill.shares > 0}
    assert entry.after.cash >= 0.0 or not bought - cut


def test_the_open_cannot_be_had_where_the_source_has_none(
    paper: desk.Portfolio, market: MarketData
) -> None:
    opening = changed(paper, paper={"fill_at": "next_open"})
    commit(opening, market)
    with pytest.raises(InvalidValueError, match="has no opening prices"):
        desk.propose_paper_fills(opening, market)


def test_at_the_open_the_fills_are_of_half_past_nine(
    paper: desk.Portfolio, market: MarketData
) -> None:
    panels = {name: market.panel(name) for name in market.fields}
    opens = MarketData.from_panels(
        panels | {"open": panels["close"].shift(1)},  # opens where it closed the day before
        market.vix,
        source="test",
        simulated=True,
    )
    opening = changed(
        paper, paper={"fill_at": "next_open", "commission": {"type": "bps", "bps": 0}}
    )
    commit(opening, opens)
    entry = desk.propose_paper_fills(opening, opens)
    assert entry is not None
    assert {line.price_difference_bps for line in entry.report.lines} == {0.0}
    assert {fill.time.isoformat() for fill in entry.new if fill.time} == {
        "2023-12-01T09:30:00-05:00"
    }


def test_a_ticker_without_a_price_that_day_stays_untraded_and_says_so(
    paper: desk.Portfolio, market: MarketData
) -> None:
    decision = commit(paper, market)
    line = desk.ordered_lines(paper, decision)[0]
    close = market.close.copy()
    close.loc[str(FILLED), line.ticker] = float("nan")
    panels = {name: market.panel(name) for name in market.fields} | {"close": close}
    gap = MarketData.from_panels(panels, market.vix, source="test", simulated=True)
    entry = desk.propose_paper_fills(paper, gap)
    assert entry is not None
    said = {f.subject: f.message for f in entry.findings if f.code == "paper_not_filled"}
    assert said == {
        line.ticker: f"0 of {line.shares:,.6g} shares bought: no close is known for 2023-12-01"
    }
    assert line.ticker not in entry.after.shares
    assert entry.request.summary["complete"] is True


def test_a_reverted_rebalance_leaves_no_orders(paper: desk.Portfolio, market: MarketData) -> None:
    decision = commit(paper, market)
    approved = desk.approval(market, approver="Ada", note="by mistake")
    desk.revert(paper, decision, as_of=NOVEMBER, approved=approved, now=NOW)
    assert desk.decision_states(paper) == {decision: desk.DecisionState.REVERTED}
    assert desk.paper_orders(paper, market) is None
