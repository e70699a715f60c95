"""Fills on the record of a decision, without a browser: imported, named, seen, closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.execution.fills import OrderedLine

Open = Callable[..., AppTest]
NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)


@pytest.fixture
def portfolio(workspace: Path, sample_cache: Path) -> desk.Portfolio:
    return desk.open_portfolio(workspace, "sample", cache_dir=sample_cache)


@pytest.fixture
def market(portfolio: desk.Portfolio) -> MarketData:
    return desk.load_market(portfolio, now=NOW)


@pytest.fixture
def decision(portfolio: desk.Portfolio, market: MarketData) -> str:
    """Id of a rebalance that was just confirmed."""
    plan = desk.propose(portfolio, market, now=NOW)
    notes = {warning.code: "seen" for warning in plan.warnings}
    return desk.commit(portfolio, plan, approver="Ada", note="", notes=notes, now=NOW).commit_id


def listed(lines: Sequence[OrderedLine], header: str = "ticker,side,shares,price,fees,time") -> str:
    """Everything as ordered, a cent a share dearer, one dollar of fees each."""
    rows = [
        f"{x.ticker},{'BUY' if x.shares > 0 else 'SELL'},{abs(x.shares)},"
        f"{x.price + 0.01:.2f},1.00,2024-01-02 09:45:00"
        for x in lines
    ]
    return "\n".join([header, *rows, ""])


def begin(open_desk: Open, decision: str, choice: str) -> AppTest:
    at = open_desk("history", portfolio="sample", id=decision)
    (since,) = [c for c in at.segmented_control if c.label == "What happened since"]
    return checked(since.set_value(choice).run())


def upload(at: AppTest, text: str) -> AppTest:
    return checked(at.file_uploader[0].set_value(("fills.csv", text.encode(), "text/csv")).run())


def record(at: AppTest, button: str = "Record these fills") -> AppTest:
    next(box for box in at.text_input if box.label == "Your name").set_value("Ada")
    return checked(next(b for b in at.button if b.label == button).click().run())


def checked(at: AppTest) -> AppTest:
    assert not at.exception, [error.value for error in at.exception]
    return at


def words(at: AppTest) -> str:
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption, at.error, at.warning)
    return " ".join(str(e.value) for kind in kinds for e in kind).replace("\\", "")


def figures(at: AppTest) -> dict[str, str]:
    return {m.label.replace("\\", ""): m.value.replace("\\", "") for m in at.metric}


def test_fills_of_a_file_are_seen_confirmed_and_make_the_decision_reconciled(
    open_desk: Open, portfolio: desk.Portfolio, decision: str
) -> None:
    lines = desk.ordered_lines(portfolio, decision)
    shares = sum(abs(line.shares) for line in lines)

    at = upload(begin(open_desk, decision, "Import fills"), listed(lines))

    assert f"fills.csv: {len(lines)} fills read" in words(at)
    assert figures(at)["Orders filled"] == f"{len(lines)} of {len(lines)}"
    assert figures(at)["Price difference"] == f"+${shares * 0.01:,.2f}"
    assert figures(at)["Shortfall"] == f"+${shares * 0.01 + len(lines):,.2f}"
    at = record(at)
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.RECONCILED
    book, _ = desk.holdings(portfolio)
    assert book is not None
    assert book.basis is desk.Basis.RECONCILED
    paid = sum(line.shares * round(line.price + 0.01, 2) + 1.0 for line in lines)
    assert book.cash == pytest.approx(1_000_000.0 - paid, abs=0.005)
    at = checked(open_desk("history", portfolio="sample", id=decision))
    assert f"{len(lines)} fills recorded." in words(at)
    assert figures(at)["Fees"] == f"${len(lines):.2f}"


def test_columns_that_are_not_recognised_are_named_on_the_page(
    open_desk: Open, portfolio: desk.Portfolio, decision: str
) -> None:
    lines = desk.ordered_lines(portfolio, decision)
    text = listed(lines, header="Wertpapier,Seite,Menge,Kurs,Spesen,Wann")

    at = upload(begin(open_desk, decision, "Import fills"), text)

    assert "Say which column is which to go on: ticker, shares filled, price per share." in words(
        at
    )
    assert "Record these fills" not in [b.label for b in at.button]
    for label, header in {
        "Ticker": "Wertpapier",
        "Bought or sold": "Seite",
        "Shares filled": "Menge",
        "Price per share": "Kurs",
        "Other fees": "Spesen",
        "Time (or date and time)": "Wann",
    }.items():
        next(box for box in at.selectbox if box.label == label).set_value(header)
    at = checked(at.run())
    assert f"{len(lines)} fills read" in words(at)
    assert "Say which column" not in words(at)
    record(at)
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.RECONCILED
    assert len(desk.fills_so_far(portfolio, decision)) == len(lines)


def test_what_is_missing_stays_open_until_it_is_closed(
    open_desk: Open, portfolio: desk.Portfolio, decision: str
) -> None:
    first, *_ = lines = desk.ordered_lines(portfolio, decision)

    at = upload(begin(open_desk, decision, "Import fills"), listed([first]))

    assert figures(at)["Orders filled"] == f"1 of {len(lines)}"
    record(at)
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.PARTLY_FILLED
    book, _ = desk.holdings(portfolio)
    assert book is not None
    assert book.shares == {first.ticker: first.shares}
    held = words(checked(open_desk("holdings", portfolio="sample")))
    assert f"Of the rebalance {decision} only what was filled is in the book" in held
    assert "what the recorded trades should have given" not in held
    at = begin(open_desk, decision, "Nothing more will be filled")
    record(at, "Close the rest")
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.RECONCILED
    at = checked(open_desk("history", portfolio="sample", id=decision))
    assert "What is missing was closed: it will not be traded." in words(at)


def test_the_same_file_again_is_known_and_not_booked_twice(
    open_desk: Open, portfolio: desk.Portfolio, decision: str
) -> None:
    text = listed(desk.ordered_lines(portfolio, decision))
    record(upload(begin(open_desk, decision, "Import fills"), text))
    book, _ = desk.holdings(portfolio)

    at = upload(begin(open_desk, decision, "Import fills"), text)

    assert "Everything in this file is recorded already" in str(at.info[0].value)
    assert "Record these fills" not in [b.label for b in at.button]
    assert "is recorded already and is not booked again" not in words(at)  # line by line
    assert desk.holdings(portfolio)[0] == book


def test_what_was_not_ordered_needs_a_note_and_the_rest_can_be_closed_with_the_file(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData, decision: str
) -> None:
    first, *others = desk.ordered_lines(portfolio, decision)
    extra = OrderedLine(ticker="GLD", shares=1.0, price=market.close["GLD"].iloc[-1])
    assert "GLD" not in {line.ticker for line in (first, *others)}

    at = upload(begin(open_desk, decision, "Import fills"), listed([first, extra]))
    rest = next(r for r in at.radio if "something is missing" in r.label)
    at = record(checked(rest.set_value("Close the rest: it will not be traded").run()))

    assert "Still missing: a note on “not ordered”" in words(at)
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.COMMITTED
    next(b for b in at.text_input if "not ordered" in b.label).set_value("a client asked for it")
    record(at)
    assert desk.decision_states(portfolio)[decision] is desk.DecisionState.RECONCILED
    book, _ = desk.holdings(portfolio)
    assert book is not None
    assert book.shares == {first.ticker: first.shares, "GLD": 1.0}


def test_a_broken_file_says_every_problem_and_a_list_to_fill_in_is_offered(
    open_desk: Open, portfolio: desk.Portfolio, decision: str
) -> None:
    at = upload(
        begin(open_desk, decision, "Import fills"),
        "ticker,side,shares,price\nSPY,BUY,many,475\n=1+1,BUY,1,475\nSPY,HOLD,1,-4\n",
    )

    said = words(at)
    assert "line 2, column shares: found 'many'; accepted: a number of shares" in said
    assert "line 3, column ticker: found '=1+1'; accepted: a ticker" in said
    assert "line 4, column side: found 'HOLD'" in said
    assert "line 4, column price: found '-4'" in said
    assert "Record these fills" not in [b.label for b in at.button]
    assert "List to fill in by hand (CSV)" in [b.proto.label for b in at.get("download_button")]
    template = desk.fills_template(portfolio, decision).decode()
    assert [row.split(",")[0] for row in template.splitlines()[1:]] == [
        line.ticker for line in desk.ordered_lines(portfolio, decision)
    ]
