"""Order files of plans and of commits: what may be exported, what it says, what is refused."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.errors import CommitNotFoundError, OrderFileError
from quantetf_core.execution.fills import Fill
from tests import recorded
from tests.chains import IDS, NOW

NEWEST = IDS[0]


@pytest.fixture(scope="module")
def market(written: Path, sample_cache: Path) -> MarketData:
    portfolio = desk.open_portfolio(written, "sample", cache_dir=sample_cache)
    return desk.load_market(portfolio, now=NOW)


@pytest.fixture
def past(tmp_path: Path, written: Path, sample_cache: Path) -> desk.Portfolio:
    """A history of every common kind, this test's own; the newest commit is a rebalance."""
    shutil.copytree(written, tmp_path / "desk")
    return desk.open_portfolio(tmp_path / "desk", "sample", cache_dir=sample_cache)


def propose(past: desk.Portfolio, market: MarketData, **how: object) -> desk.RebalanceResult:
    """A plan that deposits, so that there is something to trade."""
    return desk.propose(past, market, now=NOW, **{"cash_flow": 250_000.0, **how})


def rows(file: desk.OrderFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


def test_the_file_of_a_commit_has_the_traded_lines_of_its_trades_sells_first(past):
    trades = desk.contents(desk.read(past, NEWEST)).trades
    traded = trades[trades["action"] != "HOLD"]
    file = desk.order_file(past, NEWEST, layout="csv")

    assert file.name == "orders-sample-20231229-committed-simulated.csv"
    found = rows(file)
    assert [(r["action"], r["ticker"], float(r["shares"]), float(r["close"])) for r in found] == [
        (row.action, row.ticker, abs(row.shares_delta), row.price) for row in traded.itertuples()
    ]
    assert {row["action"] for row in found} == {"BUY", "SELL"}
    plan_id = desk.read(past, NEWEST).manifest.head.plan_id
    assert {(r["plan_id"], r["state"], r["prices"]) for r in found} == {
        (plan_id, "committed", "simulated prices")
    }
    basket = rows(desk.order_file(past, NEWEST, layout=desk.Layout.IBKR))
    assert {row["BasketTag"] for row in basket} == {f"QESIM{plan_id[:16]}"}


def test_the_same_decision_is_the_same_bytes_before_and_after_its_commit_but_for_the_state(
    past, market
):
    plan = propose(past, market)
    before = json.loads(desk.order_file(past, plan, layout="json").content)
    receipt = desk.commit(
        past,
        plan,
        approver="Ada",
        notes={warning.code: "seen" for warning in plan.warnings},
        now=NOW + timedelta(minutes=1),
    )
    after = json.loads(desk.order_file(past, receipt.commit_id, layout="json").content)

    assert (before.pop("state"), before.pop("commit_id")) == ("not committed", None)
    assert (after.pop("state"), after.pop("commit_id")) == ("committed", receipt.commit_id)
    assert before == after
    assert desk.last_decision(past) == receipt.commit_id


def test_a_draft_is_marked_in_name_lines_and_tag(past, market):
    plan = propose(past, market)
    basket = desk.order_file(past, plan, layout="ibkr", limit_bps=25)

    assert basket.name == "orders-sample-2023-12-29-not-committed-simulated-ibkr.csv"
    assert {row["BasketTag"] for row in rows(basket)} == {f"QESIMDRAFT{plan.plan_id[:16]}"}
    assert {row["OrderType"] for row in rows(basket)} == {"LMT"}


def test_a_what_if_has_no_order_file(past, market):
    what_if = propose(past, market, cash_flow=None, portfolio_value=3_000_000.0)
    assert what_if.what_if
    with pytest.raises(OrderFileError, match="this plan is a what-if"):
        desk.order_file(past, what_if, layout="csv")


def test_a_blocked_plan_has_no_order_file_and_says_by_what(past, market):
    blocked = propose(past, market, as_of=date(2023, 11, 30))
    assert blocked.blocks
    first = blocked.blocks[0]
    said = f"a check blocks this plan: {first.subject}: {first.message}"
    with pytest.raises(OrderFileError, match=re.escape(said)):
        desk.order_file(past, blocked, layout="csv")


def test_a_plan_made_before_the_book_moved_has_no_order_file(past, market):
    plan = propose(past, market)
    recorded.moved_cash(
        past,
        market,
        flow="deposit",
        amount=10.0,
        as_of=date(2023, 12, 29),
        approved=desk.approval(market, approver="Ada"),
        now=NOW,
    )
    with pytest.raises(
        OrderFileError, match=r"the book has moved since .* 20231229-2, .* 20231229"
    ):
        desk.order_file(past, plan, layout="csv")


def test_the_file_says_that_the_orders_were_sent(past, market):
    entry = desk.propose_sent(past, market, NEWEST, how="IBKR basket")
    desk.record(past, entry, approved=desk.approval(market, approver="Ada"), now=NOW)
    file = desk.order_file(past, NEWEST, layout="json")

    assert file.name == "orders-sample-20231229-sent-simulated.json"
    assert json.loads(file.content)["state"] == "sent"
    about = desk.decision_records(desk.history(past), NEWEST)
    assert [(one.id, str(one.kind)) for one in about] == [("20231229-2", "sent")]


def test_orders_of_a_reverted_decision_are_not_to_be_sent(past, market):
    approved = desk.approval(market, approver="Ada", note="broker outage")
    desk.revert(past, NEWEST, as_of=date(2023, 12, 29), approved=approved, now=NOW)
    with pytest.raises(OrderFileError, match="was reverted"):
        desk.order_file(past, NEWEST, layout="csv")
    assert desk.last_decision(past) == "20231130"


def test_orders_are_never_read_from_files_that_were_changed(past):
    path = past.artifacts_dir / NEWEST / "trades.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b",BUY,", b",SELL,"))
    with pytest.raises(OrderFileError, match=r"was changed after it was committed: trades\.csv"):
        desk.order_file(past, NEWEST, layout="csv")


def test_only_a_rebalance_has_orders(past):
    with pytest.raises(OrderFileError, match="20231130-2 is not a rebalance"):
        desk.order_file(past, "20231130-2", layout="csv")
    with pytest.raises(CommitNotFoundError):
        desk.order_file(past, "20231230", layout="csv")


def fill_of(past, market, line, shares):
    given = (Fill(ticker=line.ticker, shares=shares, price=line.price),)
    entry = desk.propose_fills(
        past, market, NEWEST, fills=given, as_of=date(2023, 12, 29), source="by hand"
    )
    notes = {finding.code: "seen" for finding in entry.findings}
    approved = desk.approval(market, approver="Ada", note="seen", notes=notes)
    desk.record(past, entry, approved=approved, now=NOW)


def test_a_partly_filled_decision_has_orders_for_what_is_not_filled_yet(past, market):
    first, second, *others = desk.ordered_lines(past, NEWEST)
    side = 1 if second.shares > 0 else -1
    fill_of(past, market, first, first.shares)
    fill_of(past, market, second, side)
    file = desk.order_file(past, NEWEST, layout="json")

    said = json.loads(file.content)
    assert said["state"] == "rest of a partly filled decision"
    assert file.name == "orders-sample-20231229-rest-of-a-partly-filled-decision-simulated.json"
    expected = {second.ticker: second.shares - side} | {x.ticker: x.shares for x in others}
    assert {line.ticker: line.shares for line in file.ticket.orders} == expected
    assert {line["ticker"]: line["shares"] for line in said["orders"]} == {
        ticker: abs(shares) for ticker, shares in expected.items()
    }

    for line in file.ticket.orders:
        fill_of(past, market, line, line.shares)
    with pytest.raises(OrderFileError, match=r"20231229 is reconciled: .* nothing of it is left"):
        desk.order_file(past, NEWEST, layout="csv")
