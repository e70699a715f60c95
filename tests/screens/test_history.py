"""The History page in this process: the list, records, comparison, proof and undoing."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state, state_history
from pages.ui.state import Key
from pages.ui.state_history import Filter
from quantetf_core import desk
from quantetf_core.errors import LedgerBusyError
from tests.chains import HOSTILE_NAME, HOSTILE_NOTE, IDS
from tests.screens.reading import plain, said

OpenDesk = Callable[..., AppTest]


@pytest.fixture
def past(workspace: Path, written: Path) -> desk.Portfolio:
    """The test's own workspace with that history."""
    shutil.copytree(written, workspace, dirs_exist_ok=True)
    return desk.open_portfolio(workspace, "sample")


def table(at: AppTest, *columns: str):
    """The one table of the page that has these columns."""
    found = [one.value for one in at.dataframe if set(columns) <= set(one.value.columns)]
    assert len(found) == 1, columns
    return found[0]


def title(at: AppTest) -> str:
    return plain(at.title[0].value)


def place(at: AppTest) -> str:
    """What the address says."""
    found = at.query_params["id"]
    return found if isinstance(found, str) else found[0]


def ids(at: AppTest) -> list[str]:
    return table(at, "id", "approver")["id"].tolist()


def run(changed: Any) -> AppTest:
    """Run the page again after a widget was changed; it raises nothing."""
    at = changed.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def rewrite(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def folder(past: desk.Portfolio, commit_id: str) -> Path:
    return past.artifacts_dir / commit_id


# --- the list -------------------------------------------------------------------------------


def test_an_empty_history_says_what_will_be_there_and_where_to_begin(open_desk: OpenDesk) -> None:
    at = open_desk("history")

    assert "Nothing has been committed yet" in said(at)
    assert [link.proto.label for link in at.get("page_link")] == [
        "Go to Review to confirm the first rebalance"
    ]
    assert len(at.dataframe) == 0


def test_every_commit_is_a_row_newest_first_in_words(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history")
    rows = table(at, "id", "approver")

    assert rows["id"].tolist() == list(IDS)
    assert rows["kind"].tolist()[:5] == [
        "Rebalance",
        "Revert",
        "Import",
        "Corporate action",
        "Cash",
    ]
    assert rows["regime"][0] == "Uptrend, low volatility"
    assert rows["regime"][1] == ""
    assert "8 commits, sessions 29 Sep 2023 to 29 Dec 2023" in said(at)
    assert "Simulated prices" in said(at)
    chart = at.get("plotly_chart")[0].proto
    assert chart.alt.startswith("8 commits from 29 Sep 2023 to 29 Dec 2023; the value went from")


@pytest.mark.parametrize(
    ("key", "value", "left"),
    [
        (Filter.TEXT, "cpi TOMORROW", ["20231031"]),
        (Filter.TEXT, "deposit", ["20231130-2"]),
        (Filter.SINCE, date(2023, 12, 1), ["20231229"]),
        (Filter.UNTIL, date(2023, 10, 31), ["20231031", "20230929"]),
        (Filter.KINDS, ["revert", "cash"], ["20231130-5", "20231130-2"]),
        (Filter.APPROVERS, ["Ben Ortiz"], list(IDS[1:5])),
        (Filter.REGIMES, ["uptrend_low_vol"], None),
        (Filter.STRATEGIES, ["momentum_acceleration"], None),
    ],
)
def test_filters_narrow_the_list_and_can_be_cleared(
    past: desk.Portfolio, open_desk: OpenDesk, key: Filter, value: object, left: list[str] | None
) -> None:
    at = open_desk("history")
    at.session_state[key] = value
    run(at)
    shown = ids(at)
    if left is None:
        wanted = (
            {"regimes": tuple(value)} if key is Filter.REGIMES else {"strategies": tuple(value)}
        )
        kept = desk.matching(desk.history_table(desk.history(past)), desk.Wanted(**wanted))
        left = kept["id"].tolist()

    assert shown == left
    assert f"{len(left)} of 8 commits shown." in said(at)
    run(at.button(key="clear_filters").click())
    assert ids(at) == list(IDS)


def test_a_filter_that_leaves_nothing_says_so(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history")
    run(at.text_input(key=Filter.TEXT).input("no such words"))

    assert "No commit matches" in said(at)
    assert len(at.dataframe) == 0


def test_ticked_rows_are_forgotten_when_a_filter_changes_what_is_shown(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history")
    button = at.button(key="compare_chosen")
    assert button.disabled

    at.session_state["_desk"] = state.Kept(selected=("20231130", "20231229"))
    run(at)
    assert plain(at.button(key="compare_chosen").label) == "Compare 20231130 with 20231229"
    run(at.text_input(key=Filter.TEXT).input("momentum"))
    assert at.button(key="compare_chosen").disabled


def test_text_that_a_spreadsheet_would_run_is_not_at_the_start_of_a_cell(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    rows = table(open_desk("history"), "id", "approver")

    assert HOSTILE_NOTE in rows["note"][0]
    assert not rows["note"].str.startswith("=").any()


def test_foreign_and_damaged_folders_are_visible_and_everything_else_still_works(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    (past.artifacts_dir / "my notes").mkdir()
    rewrite(folder(past, "20231031") / "manifest.json", b"{")
    (folder(past, "20231130-2") / "manifest.json").unlink()
    at = open_desk("history")

    assert ids(at) == [i for i in IDS if i not in ("20231031", "20231130-2")]
    words = said(at)
    assert "my notes it has no manifest, so it is not a commit" in words
    assert "20231031 its manifest cannot be read" in words
    assert "20231130-2 it is a commit whose manifest is missing" in words
    assert "Nothing can be added to this history" in words
    assert at.button(key="look_20231031") is not None


def test_a_history_can_be_read_while_the_market_data_cannot(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", portfolio="files_example")

    assert "Nothing has been committed yet" in said(at)


# --- a record -------------------------------------------------------------------------------


def test_a_link_opens_everything_that_was_decided_and_why(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231031")
    words = said(at)

    assert title(at) == "Rebalance, Tue 31 Oct 2023"
    assert "Approved by Ada on 31 Oct 2023, 21:30 UTC. Follows 20230929." in words
    for part in ("Simulated prices", "Replay", "CPI is due tomorrow", "Regime and strategy"):
        assert part in words
    record = desk.contents(desk.read(past, "20231031"))
    assert record.rationale in words
    assert table(at, "step", "usd")["step"].tolist()[0] == "Cash before"
    assert table(at, "action", "reason")["reason"].str.len().min() > 0
    assert table(at, "asset_class")["ticker"].tolist()[-1] == "Cash"
    assert len(table(at, "sha256")) == 8
    assert [m.label for m in at.metric][:3] == ["Value after", "Trades", "Turnover"]
    text = next(iter(record.configuration.values()))
    assert text.strip() in [code.value.strip() for code in at.code]


def test_warnings_stand_with_what_the_approver_wrote(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    entry = desk.read(past, "20231031").manifest.acknowledged[0]
    words = said(open_desk("history", id="20231031"))

    assert entry.finding.message in words
    assert "seen and accepted" in words


@pytest.mark.parametrize(
    ("commit_id", "heading", "sentence"),
    [
        ("20231130-2", "Cash, Thu 30 Nov 2023", "Deposit of $5,000.00;"),
        ("20231130-3", "Corporate action, Thu 30 Nov 2023", "dividend of $12.50"),
        ("20231130-4", "Import, Thu 30 Nov 2023", "Holdings taken over from positions.csv: "),
        ("20231130-5", "Revert, Thu 30 Nov 2023", "Undoes the import 20231130-4"),
    ],
)
def test_other_kinds_show_what_they_have_and_no_empty_boxes(
    past: desk.Portfolio, open_desk: OpenDesk, commit_id: str, heading: str, sentence: str
) -> None:
    at = open_desk("history", id=commit_id)

    assert title(at) == heading
    assert sentence in said(at)
    assert len(at.metric) == 0
    assert all(len(shown.value) for shown in at.dataframe)
    assert "Trades" not in [plain(header.value) for header in at.header]


def test_a_revert_leads_to_what_it_undid(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history", id="20231130-5")
    run(at.button(key="open_undone").click())

    assert title(at) == "Import, Thu 30 Nov 2023"


def test_one_walks_along_the_chain_and_back_to_the_list(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231130")
    assert plain(at.button(key="before").label) == "Before: 20231031"
    run(at.button(key="after").click())
    assert title(at) == "Cash, Thu 30 Nov 2023"
    run(at.button(key="back").click())
    assert title(at) == "History"
    assert open_desk("history", id=IDS[0]).button(key="after").disabled
    assert open_desk("history", id=IDS[-1]).button(key="before").disabled


@pytest.mark.parametrize(
    "asked", ["20231101", "../../etc/passwd", "<b>", "x" * 500, ".ledger.lock"]
)
def test_an_id_that_there_is_not_gets_a_sentence_and_the_nearest(
    past: desk.Portfolio, open_desk: OpenDesk, asked: str
) -> None:
    at = open_desk("history", id=asked)
    assert title(at) == "No such record"
    near = [button for button in at.button if (button.key or "").startswith("near_")]
    assert near
    run(near[0].click())
    assert title(at) != "No such record"


def test_an_id_in_an_empty_history_leads_back(open_desk: OpenDesk) -> None:
    at = open_desk("history", id="20231229")
    assert "has no commits yet" in said(at)
    run(at.button(key="back").click())
    assert "Nothing has been committed yet" in said(at)


def test_hostile_names_and_notes_are_text(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history", id="20231229")

    assert HOSTILE_NOTE in [text.value for text in at.text]
    live = [one.value for group in (at.markdown, at.caption, at.title) for one in group]
    assert not any("](http" in text or "<script>" in text for text in live)
    assert HOSTILE_NAME in said(at)


@pytest.mark.parametrize(
    "name", ["trades.csv", "target_portfolio.csv", "rebalance_result.json", "holdings_before.json"]
)
def test_a_damaged_record_shows_what_can_be_read_and_what_does_not_hold(
    past: desk.Portfolio, open_desk: OpenDesk, name: str
) -> None:
    rewrite(folder(past, "20231031") / name, b"\xff{")
    at = open_desk("history", id="20231031")

    assert f"{name} was changed after it was committed" in said(at)
    assert "do not rely on it" in said(at)
    files = table(at, "sha256").set_index("name")["holds"]
    assert files[name] == "does not"
    run(at.button(key="verify_one").click())
    assert "20231031 does not hold." in said(at)


@pytest.mark.parametrize("content", [None, b"{"])
def test_a_folder_without_a_readable_manifest_shows_what_is_left(
    past: desk.Portfolio, open_desk: OpenDesk, content: bytes | None
) -> None:
    manifest = folder(past, "20231031") / "manifest.json"
    if content is None:
        manifest.unlink()
    else:
        rewrite(manifest, content)
    at = open_desk("history", id="20231031")

    assert "This folder cannot be read as a commit." in said(at)
    assert "trades.csv" in table(at, "sha256")["name"].tolist()
    packed = zipfile.ZipFile(io.BytesIO(desk.remains_archive(past, "20231031")))
    assert "20231031/trades.csv" in packed.namelist()


def test_a_renamed_folder_is_shown_with_its_finding(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    shutil.copytree(folder(past, "20231031"), folder(past, "20991231"))
    at = open_desk("history", id="20991231")

    assert "its manifest says it is 20231031" in said(at)


# --- proof ----------------------------------------------------------------------------------


def test_a_sound_commit_and_a_sound_history_verify(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231031")
    run(at.button(key="verify_one").click())
    assert "20231031 holds" in said(at)
    at = open_desk("history")
    run(at.button(key="verify_all").click())
    assert "The whole history holds: 8 commits checked" in said(at)


def test_a_changed_file_is_found_by_verifying_the_whole_history(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    rewrite(folder(past, "20231031") / "trades.csv", b"x")
    at = open_desk("history")
    run(at.button(key="verify_all").click())

    assert "The first that does not hold is 20231031" in said(at)
    assert "trades.csv was changed after it was committed" in said(at)


# --- two side by side -----------------------------------------------------------------------


def test_a_link_with_two_ids_sets_them_side_by_side(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231031,20231229")

    assert title(at) == "Two records side by side"
    weights = table(at, "first", "second", "difference_bps")
    assert weights["difference_bps"].sum() == pytest.approx(0.0, abs=len(weights) / 2)
    assert weights["ticker"].tolist()[-1] == "Cash"
    assert {"first_action", "second_action"} <= set(table(at, "first_action").columns)
    assert table(at, "step", "difference")["step"].tolist()[-1] == "Cash after"
    facts = at.table[0].value
    assert "differs" in facts.iloc[:, -1].tolist()
    right = next(box for box in at.selectbox if box.label == "Right")
    run(right.select("20230929"))
    assert place(at) == "20231031,20230929"
    assert title(at) == "Two records side by side"


def test_comparing_kinds_that_share_little_leaves_no_empty_table(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231130-2,20231130-3")

    assert "Neither of them traded." in said(at)
    assert all(len(shown.value) for shown in at.dataframe)


def test_a_commit_can_be_compared_with_itself(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history", id="20231031,20231031")

    assert set(at.table[0].value.iloc[:, -1]) == {""}


def test_comparing_with_an_id_that_there_is_not_says_which(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231031,19990101")

    assert "no commit with the id “19990101”" in said(at)
    assert at.button(key="open_second").disabled


def test_the_record_compares_with_the_one_before(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history", id="20231031")
    run(at.button(key="compare_before").click())

    assert place(at) == "20230929,20231031"


# --- undoing --------------------------------------------------------------------------------


def test_the_newest_commit_can_be_undone_with_a_name_and_a_reason(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    before = desk.read(past, "20231229").holdings_before
    at = open_desk("history", id="20231229")
    run(at.button(key="ask_undo").click())
    assert "The book before 20231229 is restored" in said(at)
    assert "Needed: your name and the reason." in said(at)
    run(at.button(key="confirm_undo").click())
    assert desk.history(past).newest.id == "20231229"
    run(at.text_input(key=Key.APPROVER).input("Grace"))
    run(at.text_area(key=state_history.REASON).input("broker outage"))
    run(at.button(key="confirm_undo").click())

    newest = desk.history(past).newest
    assert (newest.id, str(newest.kind)) == ("20231229-2", "revert")
    assert (newest.approver, newest.note) == ("Grace", "broker outage")
    assert desk.holdings(past)[0].shares == before.shares
    assert title(at) == "Revert, Fri 29 Dec 2023"
    assert "20231229 was reverted. The record of it is 20231229-2." in said(at)
    assert desk.verify(past).ok


def test_an_older_commit_explains_why_it_cannot_be_undone(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20230929")
    run(at.button(key="ask_undo").click())

    assert "The book has moved since" in said(at)
    assert "undo the later ones first" in said(at)
    assert not [b for b in at.button if b.key == "confirm_undo"]


def test_a_damaged_commit_cannot_be_undone(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    rewrite(folder(past, "20231229") / "trades.csv", b"x")
    at = open_desk("history", id="20231229")
    run(at.button(key="ask_undo").click())

    assert "This commit is damaged" in said(at)


def test_nothing_is_undone_in_a_history_with_a_block(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231229")
    (past.artifacts_dir / "20240105").mkdir()
    (past.artifacts_dir / "20240105" / "manifest.json").write_text("{", encoding="utf-8")
    run(at.button(key="ask_undo").click())

    assert "Nothing can be added to this history" in said(at)


def test_a_refusal_is_told_and_nothing_is_written(
    past: desk.Portfolio, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LedgerBusyError("the folder", 10.0)

    monkeypatch.setattr(desk, "revert", busy)
    at = open_desk("history", id="20231229")
    run(at.button(key="ask_undo").click())
    run(at.text_input(key=Key.APPROVER).input("Grace"))
    run(at.text_area(key=state_history.REASON).input("broker outage"))
    run(at.button(key="confirm_undo").click())

    assert "another commit has been writing" in said(at)
    assert desk.history(past).newest.id == "20231229"


def test_a_crash_while_undoing_says_that_nothing_is_certain(
    past: desk.Portfolio, open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(desk, "revert", broken)
    at = open_desk("history", id="20231229")
    run(at.button(key="ask_undo").click())
    run(at.text_input(key=Key.APPROVER).input("Grace"))
    run(at.text_area(key=state_history.REASON).input("broker outage"))
    run(at.button(key="confirm_undo").click())

    assert "did not come to an end" in said(at)


# --- the address ---------------------------------------------------------------------------


def test_the_link_names_the_portfolio(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = open_desk("history", portfolio="sample", id="20231031")

    assert title(at) == "Rebalance, Tue 31 Oct 2023"
