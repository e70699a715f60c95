"""Holdings without a browser: what it says of each book, and what each form records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import holdings_entry
from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.encoding import readable_json
from quantetf_core.portfolio.holdings import Position
from tests import recorded

Open = Callable[..., AppTest]
LAST = date(2023, 12, 29)


@pytest.fixture
def portfolio(workspace: Path, sample_cache: Path) -> desk.Portfolio:
    return desk.open_portfolio(workspace, "sample", cache_dir=sample_cache)


@pytest.fixture
def market(portfolio: desk.Portfolio) -> MarketData:
    return desk.load_market(portfolio, now=datetime(2024, 1, 2, 13, tzinfo=UTC))


def begin(
    portfolio: desk.Portfolio, market: MarketData, *, as_of: date = LAST, **shares: float
) -> str:
    positions = [Position(ticker=t, shares=n, cost=10.0) for t, n in sorted(shares.items())]
    return recorded.imported_positions(
        portfolio,
        market,
        positions=positions,
        cash=1000.0,
        as_of=as_of,
        source="broker.csv",
        approved=desk.approval(market, approver="Ada"),
        now=datetime(2024, 1, 2, 13, tzinfo=UTC),
    ).commit_id


def words(at: AppTest) -> str:
    kinds = (at.title, at.header, at.subheader, at.markdown, at.caption, at.text, at.error)
    return " ".join(str(e.value) for kind in kinds for e in kind).replace("\\", "")


def choose(at: AppTest, form: str) -> AppTest:
    at.segmented_control[0].set_value(form).run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def figures(at: AppTest) -> dict[str, str]:
    return {m.label.replace("\\", ""): m.value.replace("\\", "") for m in at.metric}


def test_without_a_book_the_page_explains_three_ways_to_start(open_desk: Open) -> None:
    at = open_desk("holdings")
    said = words(at)
    for way in ("Fund it with a first rebalance", "Import the broker’s position file", "Type the"):
        assert way in said
    assert at.segmented_control[0].value == holdings_entry.IMPORT
    assert holdings_entry.ACTION not in at.segmented_control[0].options


def test_the_book_is_marked_with_its_basis_its_record_and_its_gains(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    commit_id = begin(portfolio, market, as_of=date(2023, 11, 30), SPY=100.0, TLT=50.0)
    at = open_desk("holdings")
    frame = at.dataframe[0].value
    assert frame["ticker"].tolist() == ["SPY", "TLT", "Cash"]
    spy = market.close["SPY"]
    assert frame["value"].iloc[0] == round(100 * spy.iloc[-1], 2)
    assert frame["gain"].iloc[0] == pytest.approx(100 * (spy.iloc[-1] - spy.loc["2023-11-30"]))
    said = words(at)
    assert f"as recorded by {commit_id}" in said
    assert "Reconciled: The shares were stated" in said
    assert "No rebalance is recorded yet" in said
    assert figures(at)["Cash"] == "$1,000.00"
    assert {"Portfolio", "SPY, price only", "SPY with dividends"} <= set(figures(at))
    assert len(at.get("plotly_chart")) == 2


def test_looking_back_shows_the_book_of_then_and_records_nothing(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, as_of=date(2023, 11, 30), SPY=100.0)
    begin(portfolio, market, as_of=date(2023, 12, 28), TLT=7.0)
    at = open_desk("holdings")
    at.sidebar.date_input[0].set_value(date(2023, 12, 15)).run()
    assert at.dataframe[0].value["ticker"].tolist() == ["SPY", "Cash"]
    said = words(at)
    assert "You are looking back" in said
    assert "the record never goes back" in said
    assert not at.segmented_control
    at.sidebar.date_input[0].set_value(date(2023, 11, 1)).run()
    assert "Nothing was held yet" in words(at)


def test_a_deposit_is_previewed_refused_without_a_name_and_then_recorded(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=100.0)
    at = choose(open_desk("holdings"), holdings_entry.CASH)
    at.number_input[0].set_value(500.0).run()
    assert "Cash: $1,000.00 now, $1,500.00 after (+$500.00)." in words(at)
    at.button(key="record_entry").click().run()
    assert "Still missing: your name." in words(at)
    at.text_input(key="approver").set_value("Ada").run()
    at.button(key="record_entry").click().run()
    assert not at.exception
    assert figures(at)["Cash"] == "$1,500.00"
    assert [e.kind for e in desk.history(portfolio).entries] == ["cash", "import"]
    assert at.segmented_control[0].value is None  # the form is empty again


def test_more_than_there_is_cannot_be_withdrawn_and_the_amount_stays(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=100.0)
    at = choose(open_desk("holdings"), holdings_entry.CASH)
    at.radio[0].set_value("Withdrawal").run()
    at.number_input[0].set_value(5000.0).run()
    assert "at most the cash held, 1,000.00 USD" in words(at)
    assert at.number_input[0].value == 5000.0


def test_a_file_is_read_previewed_and_needs_a_note_on_what_is_odd(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=100.0)
    at = choose(open_desk("holdings"), holdings_entry.IMPORT)
    content = b"Symbol,Quantity\nSPY,100\nNOPE,3\n"
    at.get("file_uploader")[0].set_value(("mine.csv", content, "text/csv")).run()
    at.radio[0].set_value("The broker’s count of this book: take it over").run()
    assert "State the cash" in words(at)
    at.number_input[0].set_value(1000.0).run()
    changes = at.dataframe[1].value
    assert changes.set_index("ticker")["change"].to_dict() == {"NOPE": "new", "SPY": "unchanged"}
    assert "NOPE** has no close up to" in words(at)
    at.text_input(key="approver").set_value("Ada").run()
    at.button(key="record_entry").click().run()
    assert "a note on “never priced”" in words(at)
    noted = next(t for t in at.text_input if "never priced" in t.label)
    noted.set_value("listed tomorrow").run()
    at.button(key="record_entry").click().run()
    assert not at.exception
    assert desk.history(portfolio).newest.kind == "reconcile"
    assert figures(at)["Value"].startswith("at least $")
    assert "never priced" in at.dataframe[0].value["priced"].tolist()


def test_a_file_that_is_not_understood_lists_its_problems(open_desk: Open) -> None:
    at = open_desk("holdings")
    content = b"Symbol,Quantity\nSPY,many\nSPY\n"
    at.get("file_uploader")[0].set_value(("mine.csv", content, "text/csv")).run()
    assert "line 2" in at.error[0].value
    assert not [b for b in at.button if b.key == "record_entry"]


def test_a_holdings_file_from_before_the_history_is_adopted_first(
    open_desk: Open, portfolio: desk.Portfolio
) -> None:
    portfolio.state_dir.mkdir(parents=True)
    rows = [{"ticker": "SPY", "shares": 4.0, "price": 90.0}]
    content = readable_json({"holdings": rows, "cash": 5.0})
    (portfolio.state_dir / "current_holdings.json").write_bytes(content)
    at = open_desk("holdings")
    assert "Begin the history with the holdings file" in words(at)
    assert not at.segmented_control
    at.text_input(key="approver").set_value("Ada").run()
    at.button(key="record_entry").click().run()
    assert not at.exception
    newest = desk.history(portfolio).newest
    assert newest is not None
    assert desk.read(portfolio, newest.id).files["imported_holdings.json"] == content
    assert "Assumed: The shares are what the recorded trades" in words(at)


def test_a_split_a_dividend_and_a_closure_are_recorded_from_the_form(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=15.0, TLT=7.0)
    at = choose(open_desk("holdings"), holdings_entry.ACTION)
    at.selectbox(key="entry_sample_action_ticker_0").set_value("SPY").run()
    at.number_input(key="entry_sample_new_SPY_0").set_value(1).run()
    at.number_input(key="entry_sample_old_SPY_0").set_value(10).run()
    assert "leaves 0.5000 of a share" in words(at)
    at.number_input(key="entry_sample_lieu_SPY_0").set_value(250.0).run()
    assert "SPY** its closes show no split" in words(at)
    at.text_input(key="entry_sample_note_split_not_in_closes_0").set_value("the issuer says so")
    at.text_input(key="approver").set_value("Ada").run()
    at.button(key="record_entry").click().run()
    assert not at.exception
    book, _ = desk.holdings(portfolio)
    assert book is not None
    assert (book.shares["SPY"], book.cash) == (1.0, 1250.0)


def test_a_split_that_the_closes_show_opens_its_form_filled_in(
    open_desk: Open, workspace: Path
) -> None:
    index = sessions_between("2022-01-03", "2023-03-31")
    closes = pd.DataFrame({"SPY": 400.0, "TLT": 100.0}, index=index)
    closes.loc["2023-03-20":, "TLT"] = 50.0
    folder = workspace / "data" / "files"
    folder.mkdir(parents=True)
    long = (
        closes.rename_axis("date").reset_index().melt("date", var_name="ticker", value_name="close")
    )
    long.to_parquet(folder / "etf_prices.parquet")
    pd.Series(15.0, index=index, name="close").rename_axis("date").to_csv(folder / "vix.csv")
    files = desk.open_portfolio(workspace, "files_example")
    market = desk.load_market(files, now=datetime(2024, 1, 2, 13, tzinfo=UTC))
    begin(files, market, as_of=date(2023, 3, 1), SPY=10.0, TLT=30.0)
    at = open_desk("holdings")
    at.sidebar.selectbox[0].set_value("files_example").run()
    assert not at.exception
    assert "its closes look like a split with a ratio of 2" in words(at)
    assert at.dataframe[0].value.set_index("ticker")["gain"].isna()["TLT"]
    assert at.segmented_control[0].value == holdings_entry.ACTION
    assert at.number_input(key="entry_files_example_new_TLT_0").value == 2
    assert "Recorded as of Fri 31 Mar 2023, the date chosen in the sidebar." in words(at)
    at.text_input(key="approver").set_value("Ada").run()
    at.button(key="record_entry").click().run()
    assert not at.exception
    book, _ = desk.holdings(files)
    assert book is not None
    assert book.shares == {"SPY": 10.0, "TLT": 60.0}
    assert "look like a split" not in words(at)


def test_a_dividend_or_a_closure_asks_for_what_was_paid(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=15.0, TLT=7.0)
    at = choose(open_desk("holdings"), holdings_entry.ACTION)
    at.radio[0].set_value("Fund closed or delisted").run()
    at.selectbox(key="entry_sample_action_ticker_0").set_value("TLT").run()
    at.number_input(key="entry_sample_paid_0").set_value(0.0).run()
    changes = at.dataframe[1].value.set_index("ticker")["change"]
    assert changes.to_dict() == {"TLT": "gone"}
    at.radio[0].set_value("Dividend").run()
    at.number_input(key="entry_sample_paid_0").set_value(12.5).run()
    assert "Cash: $1,000.00 now, $1,012.50 after" in words(at)


def test_hostile_notes_and_names_stay_text(
    open_desk: Open, portfolio: desk.Portfolio, market: MarketData
) -> None:
    begin(portfolio, market, SPY=1.0)
    at = open_desk("holdings")
    content = b"Symbol,Quantity,Cost\nSPY,![x](http://evil.test),1\nCASH,1\n"
    at.segmented_control[0].set_value(holdings_entry.IMPORT).run()
    at.get("file_uploader")[0].set_value(("![f](x).csv", content, "text/csv")).run()
    assert "![" not in at.error[0].value
    assert "\\!\\[" in at.error[0].value
