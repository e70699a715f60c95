"""The Review page in this process: what it says, what it refuses, and what it records."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import loaders, state
from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult
from quantetf_core.errors import LedgerWriteError
from quantetf_core.ledger import Receipt
from quantetf_core.units import CASH
from tests import recorded

OpenDesk = Callable[..., AppTest]


def plain(text: object) -> str:
    """Markdown as a reader sees it."""
    return str(text).replace("\\", "").replace("\u2060", "")


def said(at: AppTest) -> str:
    """Everything the page says in text."""
    groups = (at.markdown, at.caption, at.error, at.warning, at.info)
    return "\n".join(plain(one.value) for group in groups for one in group)


def button(at: AppTest, key: str):
    return at.button(key=key)


def table(at: AppTest, *columns: str):
    """The one table of the page that has these columns."""
    found = [one.value for one in at.dataframe if set(columns) <= set(one.value.columns)]
    assert len(found) == 1, columns
    return found[0]


def plan(**how: object) -> RebalanceResult:
    """What the desk proposes, asked without any page."""
    portfolio = loaders.portfolio("sample")
    market = loaders.market(portfolio, now=loaders.now())
    return desk.propose(portfolio, market, now=loaders.now(), **how)


def fund(value: float = 1_000_000.0, *, as_of: object = None) -> Receipt:
    """Give the sample portfolio a book, without any page."""
    portfolio = loaders.portfolio("sample")
    proposed = plan(portfolio_value=value, as_of=as_of)
    notes = {warning.code: "seen" for warning in proposed.warnings}
    return desk.commit(portfolio, proposed, approver="Ada", notes=notes, now=loaders.now())


def commits(workspace: Path) -> list[str]:
    folder = workspace / "artifacts" / "sample" / "rebalance"
    found = folder.iterdir() if folder.exists() else ()
    return sorted(path.name for path in found if path.name[0] != ".")


def fund_and_move_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A book of the end of November, and a clock at the end of December: trades are due."""
    now = loaders.now().isoformat()
    monkeypatch.setenv("QUANTETF_NOW", "2023-12-01T08:00:00-05:00")
    fund()
    monkeypatch.setenv("QUANTETF_NOW", now)


def confirm(at: AppTest, *, approver: str = "Ada Approver", note: str = "looked at") -> AppTest:
    """Open the dialog, fill it in and press its button."""
    button(at, "open_confirm").click().run()
    at.text_input(key=state.Key.APPROVER).set_value(approver)
    for one in at.text_input:
        if one.key and one.key.startswith("note_"):
            one.set_value(note)
    button(at, "confirm_commit").click().run()
    if "being recorded" in said(at):
        at.run()
    assert not at.exception
    return at


# --- reading --------------------------------------------------------------------------------


def test_the_headline_says_what_the_desk_proposes(open_desk: OpenDesk) -> None:
    at, proposed = open_desk(), plan()
    used = proposed.used.plan
    assert plain(at.title[0].value) == "Fri 29 Dec 2023: Uptrend, low volatility"
    sentence = f"{used.n_trades} trades, 100% turnover, ≈ ${used.costs:,.0f} cost"
    assert f"{sentence}, 0 blocks, 0 warnings" in said(at)
    assert "Ready to confirm" in said(at)
    assert "Simulated prices" in said(at)
    assert "A rebalance is due at this session." in said(at)


def test_the_trades_on_the_page_are_those_of_the_plan(open_desk: OpenDesk) -> None:
    shown, proposed = table(open_desk(), "shares_delta", "reason"), plan()
    assert shown["ticker"].tolist() == [line.ticker for line in proposed.trades]
    assert shown["shares_delta"].tolist() == [line.shares_delta for line in proposed.trades]
    assert shown["notional_value"].tolist() == [line.notional_value for line in proposed.trades]


def test_weights_after_and_wanted_sum_to_one_with_cash(open_desk: OpenDesk) -> None:
    shown = table(open_desk(), "weight_now", "weight_after", "weight_wanted")
    assert shown["label"].tolist()[-1] == "Cash"
    for column in ("weight_now", "weight_after", "weight_wanted"):
        assert shown[column].sum() == pytest.approx(1.0)


def test_the_cash_identity_is_on_the_page_to_the_cent(open_desk: OpenDesk) -> None:
    used = plan().used.plan
    text = said(open_desk())
    for amount in (used.cash_before, used.cash_flow, used.buys, used.costs, used.cash_after):
        assert f"{amount:,.2f}" in text
    assert used.cash_after == pytest.approx(
        used.cash_before + used.cash_flow + used.sells - used.buys - used.costs, abs=1e-9
    )


def test_who_just_missed_is_named_with_the_gap(open_desk: OpenDesk) -> None:
    ranking = plan().used.ranking
    first = ranking[~ranking["selected"]].iloc[0]
    assert f"Just missed: {first.name} by {-first['gap']:.4f}" in said(open_desk())


def test_the_checks_that_passed_are_listed_too(open_desk: OpenDesk) -> None:
    at = open_desk()
    assert "13 of 15 checks passed, 2 exempt." in said(at)
    at.session_state["checked"] = True
    text = said(at.run())
    assert "turnover is at most 80% (first funding)" in text
    assert "no position above 35%" in text


def test_a_day_without_a_session_shows_the_one_before_and_says_both(open_desk: OpenDesk) -> None:
    at = open_desk(as_of="2023-12-25")
    assert plain(at.title[0].value).startswith("Fri 22 Dec 2023")
    assert "Mon 25 Dec 2023 has no session" in said(at)


def test_an_earlier_session_is_looked_at_and_cannot_be_confirmed(open_desk: OpenDesk) -> None:
    at = open_desk(as_of="2023-06-30")
    assert button(at, "open_confirm").disabled
    assert "Cannot be confirmed" in said(at)
    assert "the latest session is Fri 29 Dec 2023" in said(at)


def test_before_the_regime_is_known_the_fallback_says_so(open_desk: OpenDesk) -> None:
    at = open_desk(as_of="2005-03-01")
    assert plain(at.title[0].value) == "Tue 1 Mar 2005: Unknown"
    assert "the fallback, because the regime is unknown" in said(at)
    assert "The regime is unknown at this session" in said(at)


# --- what-if --------------------------------------------------------------------------------


def test_moving_the_slider_moves_headline_tables_and_number_box(open_desk: OpenDesk) -> None:
    at = open_desk()
    at.slider[0].set_value(1_500_000.0).run()
    assert at.number_input[0].value == 1_500_000.0
    assert "First funding of $1,500,000" in said(at)
    assert table(at, "shares_delta")["notional_value"].sum() == pytest.approx(1.5e6, rel=0.01)


def test_a_typed_value_outside_the_slider_is_used_as_typed(open_desk: OpenDesk) -> None:
    at = open_desk()
    at.number_input[0].set_value(12_345_678.9).run()
    assert not at.exception
    assert at.slider[0].value == 2_000_000.0
    assert "First funding of $12,345,679" in said(at)


def test_another_value_than_the_books_is_a_sandbox_until_it_is_declared(
    open_desk: OpenDesk, workspace: Path
) -> None:
    fund()
    at = open_desk()
    book = at.number_input[0].value
    at.number_input[0].set_value(book + 250_000).run()
    assert "What-if only" in said(at)
    assert button(at, "open_confirm").disabled
    at.radio(key=state.Key.FLOW).set_value(state.Flow.CASH_FLOW).run()
    assert "Deposit of $250,000.00, recorded when you confirm." in said(at)
    assert "and a deposit of $250,000.00. Nothing is written until you confirm" in said(at)
    assert not button(at, "open_confirm").disabled
    confirm(at)
    newest = desk.history(loaders.portfolio("sample")).newest
    assert newest is not None
    assert newest.summary["cash_flow"] == 250_000.0


def test_back_to_the_books_value_is_one_click(open_desk: OpenDesk) -> None:
    fund()
    at = open_desk()
    book = at.number_input[0].value
    at.slider[0].set_value(book + 10_000.0).run()
    assert "What-if only" in said(at)
    button(at, "reset_what_if").click().run()
    assert at.number_input[0].value == book
    assert "What-if only" not in said(at)


def test_a_value_no_plan_can_be_made_on_leaves_no_other_plan_on_the_page(
    open_desk: OpenDesk,
) -> None:
    fund()
    at = open_desk()
    at.radio(key=state.Key.FLOW).set_value(state.Flow.CASH_FLOW).run()
    at.number_input[0].set_value(0.01).run()
    assert not at.exception
    if at.error:
        assert "No plan can be made on this value" in said(at)
        assert not [one for one in at.dataframe if "shares_delta" in one.value.columns]
    else:
        assert "Withdrawal" in said(at)


# --- confirming -----------------------------------------------------------------------------


def test_confirming_records_the_plan_that_was_shown_and_links_to_it(
    open_desk: OpenDesk, workspace: Path
) -> None:
    at, proposed = open_desk(), plan()
    confirm(at)
    assert commits(workspace) == ["20231229"]
    newest = desk.history(loaders.portfolio("sample")).newest
    assert newest is not None
    assert (newest.plan_id, newest.approver) == (proposed.plan_id, "Ada Approver")
    assert "Recorded as **20231229**" in plain(at.success[0].value)
    link = at.get("page_link")[0].proto
    assert "id=20231229" in link.query_string
    assert "The rebalance of this session is recorded, as 20231229." in said(at)
    assert "is due at this session" not in said(at)
    assert "Nothing to trade" in said(at)


def test_without_a_name_nothing_is_recorded_and_the_form_says_so(
    open_desk: OpenDesk, workspace: Path
) -> None:
    at = open_desk()
    confirm(at, approver="  ")
    assert commits(workspace) == []
    button(at, "open_confirm").click().run()
    assert "Still missing: your name." in said(at)


def test_each_kind_of_warning_wants_its_note(
    open_desk: OpenDesk, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = workspace / "configs" / "checks.yaml"
    text = limits.read_text(encoding="utf-8").replace("max_weight: 0.35", "max_weight: 0.1", 1)
    limits.write_text(text, encoding="utf-8")
    at = open_desk()
    assert "1 block" not in said(at)
    assert "to acknowledge" in said(at)
    confirm(at, note="")
    assert commits(workspace) == []
    confirm(at, note="agreed with risk")
    newest = desk.history(loaders.portfolio("sample")).newest
    assert newest is not None
    record = desk.read(loaders.portfolio("sample"), newest.id)
    assert record.manifest.notes["position_size"] == "agreed with risk"


def test_a_plan_without_trades_can_be_confirmed_as_such(
    open_desk: OpenDesk, workspace: Path
) -> None:
    fund()
    at = open_desk()
    assert "no trades" in button(at, "open_confirm").label
    confirm(at)
    assert commits(workspace) == ["20231229", "20231229-2"]


def test_a_book_that_moved_refuses_the_commit_with_the_difference_and_keeps_the_form(
    open_desk: OpenDesk, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fund_and_move_on(monkeypatch)
    at = open_desk()
    assert not button(at, "open_confirm").disabled, said(at)
    button(at, "open_confirm").click().run()
    at.text_input(key=state.Key.APPROVER).set_value("Late Lee")
    for one in at.text_input:
        if one.key and one.key.startswith("note_"):
            one.set_value("mine")
    portfolio = loaders.portfolio("sample")
    market = loaders.market(portfolio, now=loaders.now())
    recorded.moved_cash(
        portfolio,
        market,
        flow="deposit",
        amount=5000.0,
        as_of=plan().as_of.date(),
        approved=desk.approval(market, approver="Quick Quinn", note="deposit"),
        now=loaders.now(),
    )
    button(at, "confirm_commit").click().run()
    assert not at.exception
    if "being recorded" in said(at):
        at.run()
    refusal = "\n".join(plain(one.value) for one in at.error)
    assert "the holdings changed since this plan was made" in refusal
    assert len(commits(workspace)) == 2
    button(at, "open_confirm").click().run()
    assert at.text_input(key=state.Key.APPROVER).value == "Late Lee"


def test_a_full_disk_is_a_sentence(
    open_desk: OpenDesk, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object, **__: object) -> Receipt:
        raise LedgerWriteError("artifacts", "No space left on device")

    monkeypatch.setattr(desk, "commit", no_space)
    at = open_desk()
    confirm(at)
    assert "No space left on device" in "\n".join(plain(one.value) for one in at.error)
    assert commits(workspace) == []


def test_a_defect_in_the_commit_is_told_and_logged(
    open_desk: OpenDesk,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> Receipt:
        raise ZeroDivisionError

    monkeypatch.setattr(desk, "commit", broken)
    at = open_desk()
    confirm(at)
    assert "Confirming again is safe" in "\n".join(plain(one.value) for one in at.error)
    assert "the commit failed" in caplog.text


# --- what cannot be shown -------------------------------------------------------------------


def test_files_that_are_not_there_are_a_message_with_what_to_do(open_desk: OpenDesk) -> None:
    at = open_desk(portfolio="files_example")
    assert "there is no such file" in said(at)
    assert "configs/portfolios" in said(at)
    assert not at.dataframe


def test_a_broken_configuration_is_a_list_of_its_problems(
    open_desk: OpenDesk, workspace: Path
) -> None:
    broken = workspace / "configs" / "checks.yaml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("max_turnover", "max_turnovr"), encoding="utf-8")
    at = open_desk()
    assert "max_turnovr" in said(at)
    assert "checks.yaml" in said(at)


def test_a_holdings_file_from_before_the_history_blocks_and_leads_to_holdings(
    open_desk: OpenDesk, workspace: Path
) -> None:
    fund()
    held = workspace / "data" / "state" / "sample" / "current_holdings.json"
    content = held.read_text(encoding="utf-8").replace(
        '"commit_id": "20231229"', '"commit_id": null'
    )
    for path in sorted((workspace / "artifacts").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    for path in held.parent.iterdir():
        path.unlink()
    held.write_text(content, encoding="utf-8")
    at = open_desk()
    assert "not part of the history yet" in said(at)
    assert button(at, "open_confirm").disabled


def test_a_late_market_is_said_at_the_top_and_blocks(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = desk.load_market

    def late(portfolio: desk.Portfolio, *, now: datetime) -> MarketData:
        return original(portfolio, now=now).as_of("2023-12-27")

    monkeypatch.setattr(desk, "load_market", late)
    at = open_desk()
    assert "2 sessions behind" in said(at)
    assert button(at, "open_confirm").disabled


# --- taking it away -------------------------------------------------------------------------


def test_the_csv_says_that_prices_are_simulated_and_nothing_is_confirmed(
    workspace: Path,
) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.trades_csv(plan()).decode())))
    assert {row["prices"] for row in rows} == {"simulated prices"}
    assert {row["status"] for row in rows} == {"proposal, not confirmed"}
    assert CASH not in {row["ticker"] for row in rows}


def test_a_link_to_an_unknown_portfolio_says_that_another_is_shown(
    open_desk: Callable[..., AppTest],
) -> None:
    assert not [told for told in open_desk().warning if "not configured" in told.value]
    told = [told.value for told in open_desk(portfolio="nope").warning]
    assert [said for said in told if "nope" in said and "not configured" in said]
