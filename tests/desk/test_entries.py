"""What is not a rebalance: proposed without writing, recorded once, on the book that was shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import desk
from quantetf_core.config import PortfolioSettings
from quantetf_core.data.market import MarketData
from quantetf_core.encoding import readable_json
from quantetf_core.errors import (
    ApprovalError,
    DamagedHistoryError,
    HoldingsFileError,
    InvalidValueError,
    StaleHoldingsError,
)
from quantetf_core.ledger import CashOut, Dividend, Kind, Receipt, Split
from quantetf_core.portfolio.holdings import Basis, Position
from tests import recorded
from tests.builders import sessions, settings

DAYS = sessions(60)
NOW = datetime(2018, 6, 1, tzinfo=UTC)
SPY, TLT = Position(ticker="SPY", shares=10.0), Position(ticker="TLT", shares=20.0)


def made_market(rows: int = 60, **closes: list[float]) -> MarketData:
    """SPY at 100, TLT at 50, XLK at 10; closes given replace those from the first session on."""
    panel = pd.DataFrame({"SPY": 100.0, "TLT": 50.0, "XLK": 10.0}, index=DAYS[:rows])
    for ticker, values in closes.items():
        panel[ticker] = panel.get(ticker, pd.Series(np.nan, index=panel.index))
        panel.loc[panel.index[: len(values)], ticker] = values
    panel = panel.sort_index(axis=1)
    vix = pd.Series(15.0, index=panel.index)
    return MarketData.from_panels({"close": panel, "adj_close": panel}, vix, source="made")


def day(number: int) -> date:
    return DAYS[number].date()


@pytest.fixture
def book(tmp_path: Path) -> desk.Portfolio:
    made: PortfolioSettings = settings(["SPY", "TLT", "XLK"])
    return desk.Portfolio(root=tmp_path, settings=made, cache_dir=tmp_path / "cache")


MARKET = made_market()


def begin(
    book: desk.Portfolio, *positions: Position, cash: float = 1000.0, at: int = 0, **more: object
) -> Receipt:
    market = more.pop("market", MARKET)
    entry = desk.propose_import(
        book,
        market,
        positions=positions or (SPY, TLT),
        cash=cash,
        as_of=day(at),
        source="broker.csv",
        **more,
    )
    return record(book, entry, market=market)


def record(book: desk.Portfolio, entry: desk.Entry, *, market: MarketData = MARKET, **who: object):
    approved = desk.approval(market, **{"approver": "Ada", **who})
    return desk.record(book, entry, approved=approved, now=NOW)


def held(book: desk.Portfolio) -> dict[str, float]:
    found, _ = desk.holdings(book)
    return {} if found is None else {**found.shares, "cash": found.cash}


def written(book: desk.Portfolio) -> list[str]:
    return sorted(str(p.relative_to(book.root)) for p in book.root.rglob("*") if p.is_file())


# --- proposing writes nothing ---------------------------------------------------------------


def test_a_proposal_writes_nothing_and_says_what_changes(book: desk.Portfolio) -> None:
    entry = desk.propose_import(
        book, MARKET, positions=[SPY], cash=5.0, as_of=day(0), source="broker.csv"
    )
    assert entry.differences == ("SPY: 0 → 10 shares", "cash: 0.00 → 5.00 USD")
    assert written(book) == []


def test_an_import_is_recorded_at_the_closes_with_its_file_and_is_reconciled(
    book: desk.Portfolio,
) -> None:
    receipt = begin(book, files={"broker_positions.csv": b"Symbol,Quantity\nSPY,10\n"})
    commit = desk.read(book, receipt.commit_id)
    assert commit.files["broker_positions.csv"].startswith(b"Symbol")
    assert commit.holdings_after.basis is Basis.RECONCILED
    assert [p.price for p in commit.holdings_after.positions] == [100.0, 50.0]
    assert held(book) == {"SPY": 10.0, "TLT": 20.0, "cash": 1000.0}
    assert desk.verify(book).ok


def test_the_same_entry_recorded_twice_is_one_commit(book: desk.Portfolio) -> None:
    begin(book)
    entry = desk.propose_cash(book, MARKET, flow="deposit", amount=100.0, as_of=day(1))
    first, second = record(book, entry), record(book, entry)
    assert first.commit_id == second.commit_id
    assert second.already_committed
    assert held(book)["cash"] == 1100.0


def test_an_entry_shown_before_somebody_elses_commit_is_refused_with_the_difference(
    book: desk.Portfolio,
) -> None:
    begin(book)
    shown = desk.propose_import(
        book, MARKET, positions=[SPY], cash=0.0, as_of=day(1), source="broker.csv"
    )
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=7.0, as_of=day(1)))
    with pytest.raises(StaleHoldingsError, match=r"cash: 1,000.00 → 1,007.00 USD"):
        record(book, shown)
    assert len(desk.history(book).entries) == 2


def test_nobody_records_without_a_name_or_without_a_note_on_a_warning(
    book: desk.Portfolio,
) -> None:
    unknown = Position(ticker="GONE", shares=1.0)
    findings = desk.check_positions(book, MARKET, [unknown], as_of=day(0))
    entry = desk.propose_import(
        book,
        MARKET,
        positions=[unknown],
        cash=0.0,
        as_of=day(0),
        source="x",
        findings=findings,
    )
    assert [w.code for w in entry.warnings] == ["never_priced"]
    with pytest.raises(ApprovalError, match="name"):
        record(book, entry, approver=" ")
    with pytest.raises(ApprovalError, match="never_priced"):
        record(book, entry)
    record(book, entry, notes={"never_priced": "its prices come tomorrow"})
    assert desk.holdings(book)[0].positions[0].price is None


@pytest.mark.parametrize("bad", [day(1), date(2018, 1, 6), date(2030, 1, 2)])
def test_the_record_never_goes_back_nor_to_a_day_without_a_session_nor_ahead(
    book: desk.Portfolio, bad: date
) -> None:
    begin(book, at=2)
    with pytest.raises(InvalidValueError, match="as_of"):
        desk.propose_cash(book, MARKET, flow="fee", amount=1.0, as_of=bad)
    with pytest.raises(InvalidValueError, match="as_of"):
        desk.propose_import(book, MARKET, positions=[SPY], cash=0.0, as_of=bad, source="x")
    actions = [Dividend(ticker="SPY", amount=1.0)]
    with pytest.raises(InvalidValueError, match="as_of"):
        desk.propose_corporate_actions(book, MARKET, actions=actions, as_of=bad)


def test_the_first_record_lies_within_the_data(book: desk.Portfolio) -> None:
    with pytest.raises(InvalidValueError, match=r"a session from 2018-01-02 to 2018-03-28$"):
        desk.propose_cash(book, MARKET, flow="deposit", amount=1.0, as_of=date(2030, 1, 2))


def test_a_file_and_typed_lines_are_read_alike() -> None:
    read = desk.read_positions(b"Symbol,Quantity\nSPY,10\nCASH,5\n", source_name="x.csv")
    typed = desk.type_positions([desk.TypedRow("spy", 10.0)], cash=5.0)
    assert (read.positions, read.cash) == (typed.positions, typed.cash)


# --- findings on what is imported -----------------------------------------------------------


def test_a_price_far_from_the_close_a_foreign_and_an_unpriced_ticker_are_told(
    book: desk.Portfolio,
) -> None:
    positions = [
        Position(ticker="SPY", shares=1.0, price=50.0),
        Position(ticker="TLT", shares=1.0, price=52.0),
        Position(ticker="ZZZ", shares=1.0, price=1.0),
    ]
    found = desk.check_positions(book, MARKET, positions, as_of=day(0))
    assert [(str(f.severity), f.code, f.subject) for f in found] == [
        ("warn", "price_disagrees", "SPY"),
        ("warn", "never_priced", "ZZZ"),
        ("info", "outside_universe", "ZZZ"),
    ]
    assert "50% from the close of 2018-01-02, 100.00" in found[0].message


# --- cash and corporate actions -------------------------------------------------------------


def test_deposits_withdrawals_and_fees_move_cash_and_only_cash(book: desk.Portfolio) -> None:
    begin(book)
    for flow, amount in (("deposit", 50.0), ("withdrawal", 30.0), ("fee", 20.5)):
        recorded.moved_cash(
            book,
            MARKET,
            flow=flow,
            amount=amount,
            as_of=day(1),
            approved=desk.approval(MARKET, approver="Ada"),
            now=NOW,
        )
    assert held(book) == {"SPY": 10.0, "TLT": 20.0, "cash": 999.5}
    with pytest.raises(InvalidValueError, match="at most the cash held"):
        desk.propose_cash(book, MARKET, flow="withdrawal", amount=1000.0, as_of=day(1))


def test_a_suspected_split_is_found_recorded_and_gone(book: desk.Portfolio) -> None:
    market = made_market(SPY=[100.0] * 5 + [50.0] * 55)
    begin(book, market=market)
    assert desk.suspected_splits(book, market, as_of=day(10)) == {"SPY": 2.0}
    entry = desk.propose_corporate_actions(
        book, market, actions=[Split(ticker="SPY", ratio=2.0)], as_of=day(10)
    )
    record(book, entry, market=market)
    assert held(book)["SPY"] == 20.0
    assert desk.suspected_splits(book, market, as_of=day(20)) == {}


def test_that_there_was_no_split_is_recorded_once_and_believed(book: desk.Portfolio) -> None:
    market = made_market(SPY=[100.0] * 5 + [50.0] * 55)
    begin(book, market=market)
    none = [Split(ticker="SPY", ratio=1.0)]
    entry = desk.propose_corporate_actions(book, market, actions=none, as_of=day(10))
    record(book, entry, market=market)
    assert held(book)["SPY"] == 10.0
    assert desk.suspected_splits(book, market, as_of=day(20)) == {}
    marked = desk.mark_book(book, market, as_of=DAYS[20])
    assert marked.findings == ()


def test_recording_a_split_does_not_make_another_move_since_look_like_one(
    book: desk.Portfolio,
) -> None:
    """TLT rose by a quarter in small steps: the price recorded before must not be compared."""
    rise = list(np.round(np.linspace(50.0, 62.5, 30), 2))
    market = made_market(SPY=[100.0] * 5 + [50.0] * 55, TLT=rise + [62.5] * 30)
    begin(book, market=market)
    split = [Split(ticker="SPY", ratio=2.0)]
    record(
        book,
        desk.propose_corporate_actions(book, market, actions=split, as_of=day(40)),
        market=market,
    )
    assert desk.suspected_splits(book, market, as_of=day(41)) == {}


def test_splits_are_recorded_together_or_not_at_all(book: desk.Portfolio) -> None:
    market = made_market(SPY=[100.0] * 5 + [50.0] * 55, TLT=[50.0] * 6 + [150.0] * 54)
    begin(book, market=market)
    with pytest.raises(InvalidValueError, match="for TLT too"):
        desk.propose_corporate_actions(
            book, market, actions=[Split(ticker="SPY", ratio=2.0)], as_of=day(10)
        )


def test_a_split_that_the_closes_do_not_show_needs_a_note(book: desk.Portfolio) -> None:
    begin(book)
    split = [Split(ticker="SPY", ratio=3.0)]
    entry = desk.propose_corporate_actions(book, MARKET, actions=split, as_of=day(3))
    assert [(w.code, w.subject) for w in entry.warnings] == [("split_not_in_closes", "SPY")]
    assert "show no split since" in entry.warnings[0].message
    market = made_market(SPY=[100.0] * 5 + [50.0] * 55)
    other = desk.propose_corporate_actions(book, market, actions=split, as_of=day(10))
    assert "show a ratio of 2 since" in other.warnings[0].message
    right = [Split(ticker="SPY", ratio=2.0)]
    assert desk.propose_corporate_actions(book, market, actions=right, as_of=day(10)).warnings == ()


def test_a_dividend_and_a_closure_bring_cash(book: desk.Portfolio) -> None:
    begin(book)
    recorded.corporate_actions(
        book,
        MARKET,
        actions=[Dividend(ticker="SPY", amount=12.0), CashOut(ticker="TLT", amount=900.0)],
        as_of=day(3),
        approved=desk.approval(MARKET, approver="Ada"),
        now=NOW,
    )
    assert held(book) == {"SPY": 10.0, "cash": 1912.0}


def test_corporate_actions_need_a_book(book: desk.Portfolio) -> None:
    with pytest.raises(InvalidValueError, match="ticker"):
        desk.propose_corporate_actions(
            book, MARKET, actions=[Dividend(ticker="SPY", amount=1.0)], as_of=day(0)
        )


# --- a holdings file from before the history ------------------------------------------------


def old_file(book: desk.Portfolio, **more: object) -> Path:
    path = book.state_dir / "current_holdings.json"
    path.parent.mkdir(parents=True)
    rows = [{"ticker": "SPY", "shares": 4.0, "price": 90.0, "weight": 1.0, "notional": 360.0}]
    path.write_bytes(readable_json({"updated_at": "2018-01-01", "holdings": rows, **more}))
    return path


def test_a_file_from_before_the_history_is_shown_and_adopted(book: desk.Portfolio) -> None:
    old_file(book)
    shown = desk.mark_book(book, MARKET, as_of=DAYS[1])
    assert shown.unclaimed
    assert shown.entry is None
    assert shown.book is not None
    assert shown.book.total == 400.0
    entry = desk.propose_adoption(book, MARKET, as_of=day(1))
    assert [w.code for w in entry.warnings] == ["cash_not_stated"]
    record(book, entry, notes={"cash_not_stated": "there is none"})
    assert held(book) == {"SPY": 4.0, "cash": 0.0}
    assert not desk.mark_book(book, MARKET, as_of=DAYS[1]).unclaimed
    with pytest.raises(HoldingsFileError, match="belongs to a history already"):
        desk.propose_adoption(book, MARKET, as_of=day(1))


def test_without_a_file_there_is_nothing_to_adopt(book: desk.Portfolio) -> None:
    with pytest.raises(HoldingsFileError, match="is not there"):
        desk.propose_adoption(book, MARKET, as_of=day(1))


# --- the book at a session, and through time ------------------------------------------------


def test_nothing_is_held_before_the_first_record(book: desk.Portfolio) -> None:
    none = desk.mark_book(book, MARKET, as_of=DAYS[0])
    assert (none.book, none.entry, none.newest, none.unclaimed) == (None, None, True, False)
    begin(book, at=5)
    early = desk.mark_book(book, MARKET, as_of=DAYS[4])
    assert (early.book, early.newest) == (None, False)


def test_looking_back_shows_the_book_held_then(book: desk.Portfolio) -> None:
    first = begin(book, at=0)
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=9.0, as_of=day(10)))
    back = desk.mark_book(book, MARKET, as_of=DAYS[9])
    assert back.entry is not None
    assert (back.entry.id, back.newest) == (first.commit_id, False)
    assert back.book is not None
    assert back.book.cash == 1000.0
    assert desk.mark_book(book, MARKET, as_of=DAYS[10]).newest


def test_drift_is_from_the_target_of_the_last_rebalance_in_force(tmp_path: Path) -> None:
    made = settings(["SPY", "TLT", "XLK"])
    book = desk.Portfolio(root=tmp_path, settings=made, cache_dir=tmp_path)
    rising = {
        t: list(np.round(np.linspace(50, 50 + k, 260), 2))
        for k, t in enumerate(("SPY", "TLT", "XLK"), 5)
    }
    index = sessions(260)
    panel = pd.DataFrame(rising, index=index).sort_index(axis=1)
    market = MarketData.from_panels(
        {"close": panel, "adj_close": panel}, pd.Series(15.0, index=index), source="made"
    )
    plan = desk.propose(book, market, now=NOW, as_of=index[-1])
    receipt = desk.commit(
        desk.Portfolio(
            root=tmp_path, settings=settings(["SPY"], clock="replay"), cache_dir=tmp_path
        ),
        plan,
        approver="Ada",
        notes={w.code: "fine" for w in plan.warnings},
        now=NOW,
    )
    shown = desk.mark_book(book, market, as_of=index[-1])
    assert shown.book is not None
    assert shown.book.target is not None
    assert shown.book.target.commit_id == receipt.commit_id
    assert shown.book.frame["drift_bps"].abs().max() < 10  # costs and rounding only
    target = book.artifacts_dir / receipt.commit_id / "target_portfolio.csv"
    target.chmod(0o644)
    for broken in (b"ticker\nSPY\n", b"ticker,weight\nSPY,\n"):
        target.write_bytes(broken)
        damaged = desk.mark_book(book, market, as_of=index[-1])
        assert "target_unreadable" in {f.code for f in damaged.findings}
        assert damaged.book is not None
        assert damaged.book.target is None


def test_value_and_return_through_time_beside_spy(book: desk.Portfolio) -> None:
    market = made_market(SPY=list(np.round(np.linspace(100.0, 110.0, 60), 2)))
    begin(book, Position(ticker="SPY", shares=10.0), cash=0.0, at=10, market=market)
    entry = desk.propose_cash(book, market, flow="deposit", amount=500.0, as_of=day(59))
    record(book, entry, market=market)
    seen = desk.value_history(book, market)
    spy = market.close["SPY"]
    assert seen.begin == DAYS[10]
    assert seen.frame["value"].iloc[-1] == 1600.0
    assert seen.total("growth") == pytest.approx(spy.iloc[59] / spy.iloc[10] - 1.0)
    assert seen.total("spy") == pytest.approx(seen.total("growth"))
    assert seen.total("spy_total") == pytest.approx(seen.total("growth"))
    assert seen.events["kind"].tolist() == ["import", "cash"]
    assert seen.events["flow"].tolist() == [0.0, 500.0]
    then = seen.up_to(DAYS[20])
    assert then.frame.index[-1] == DAYS[20]
    assert len(then.events) == 1
    assert np.isnan(seen.up_to(DAYS[0]).total("growth"))


def test_a_return_by_the_year_is_said_from_a_year_on() -> None:
    growth = pd.Series([1.0, *[1.1] * 251, 1.21, *[1.21] * 252], index=sessions(505))
    frame = pd.DataFrame({"value": 1.0, "growth": growth, "spy": np.nan})
    seen = desk.ValueHistory(frame=frame, events=pd.DataFrame({"session": DAYS[:1]}))
    assert seen.yearly("growth") == pytest.approx(0.1)  # 21 % in two years of 252 sessions
    assert seen.yearly("spy") is None
    assert seen.up_to(frame.index[251]).yearly("growth") is None
    assert seen.up_to(frame.index[252]).yearly("growth") == pytest.approx(0.21)


def test_without_spy_there_is_nothing_beside_the_return(book: desk.Portfolio) -> None:
    panel = pd.DataFrame({"TLT": 50.0}, index=DAYS)
    market = MarketData.from_panels({"close": panel}, pd.Series(15.0, index=DAYS), source="made")
    begin(book, TLT, market=market)
    assert desk.value_history(book, market).frame["spy"].isna().all()


def test_a_history_that_does_not_hold_has_no_value_through_time(book: desk.Portfolio) -> None:
    begin(book)
    second = record(
        book, desk.propose_cash(book, MARKET, flow="deposit", amount=9.0, as_of=day(10))
    )
    record(book, desk.propose_cash(book, MARKET, flow="deposit", amount=9.0, as_of=day(11)))
    (book.artifacts_dir / second.commit_id).rename(book.root / "elsewhere")
    with pytest.raises(DamagedHistoryError):
        desk.value_history(book, MARKET)


def test_a_count_of_the_same_book_may_be_recorded_as_reconciling_it(book: desk.Portfolio) -> None:
    begin(book)
    receipt = recorded.imported_positions(
        book,
        MARKET,
        positions=[SPY, TLT],
        cash=1000.0,
        as_of=day(2),
        source="broker.csv",
        kind=Kind.RECONCILE,
        approved=desk.approval(MARKET, approver="Ada"),
        now=NOW,
    )
    assert desk.history(book).entry(receipt.commit_id).kind is Kind.RECONCILE


def test_the_table_taken_away_says_its_session_its_basis_and_its_prices(
    book: desk.Portfolio,
) -> None:
    begin(book)
    shown = desk.mark_book(book, MARKET, as_of=DAYS[1])
    assert shown.book is not None
    text = desk.holdings_csv(shown.book, simulated=True).decode()
    assert text.splitlines()[0].startswith("ticker,name,asset_class,shares,price")
    assert text.splitlines()[1].endswith("2018-01-03,reconciled,20180102,simulated prices")


def test_reverting_an_import_restores_the_book_before(book: desk.Portfolio) -> None:
    begin(book)
    receipt = begin(book, SPY, cash=0.0, at=1)
    desk.revert(
        book,
        receipt.commit_id,
        as_of=day(1),
        approved=desk.approval(MARKET, approver="Ada", note="the wrong file"),
        now=NOW,
    )
    assert held(book) == {"SPY": 10.0, "TLT": 20.0, "cash": 1000.0}
