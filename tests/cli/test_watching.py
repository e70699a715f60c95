"""``status``, ``monitor`` and ``check-config``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import yaml

from quantetf_core import desk
from quantetf_core.data.sessions import sessions_between
from quantetf_core.production.regime_record import read_current, read_history
from tests.cli.conftest import Run, written

Clock = Callable[[str], None]


def state_dir(workspace: Path) -> Path:
    return desk.open_portfolio(workspace, "sample").state_dir


def from_files(workspace: Path, *, last: str, clock: str = "exchange") -> None:
    """A portfolio ``filed`` whose files hold SPY and the VIX up to a session."""
    days = sessions_between("2022-06-01", last)
    prices = pd.DataFrame({"date": days, "ticker": "SPY", "close": 400.0})
    prices.to_csv(workspace / "prices.csv", index=False)
    pd.DataFrame({"date": days, "close": 15.0}).to_csv(workspace / "vix.csv", index=False)
    folder = workspace / "configs" / "portfolios"
    said = yaml.safe_load((folder / "files_example.yaml").read_text())
    said |= {"name": "filed", "clock": clock, "state_dir": "data/state/filed"}
    said |= {"artifacts_dir": "artifacts/filed/rebalance"}
    said["source"] = {"type": "files", "paths": ["prices.csv"], "vix": "vix.csv"}
    (folder / "filed.yaml").write_text(yaml.safe_dump(said))


def test_status_of_a_fresh_portfolio(run: Run, workspace: Path) -> None:
    said = run("status")
    assert said.code == 0
    assert said.out.startswith("Simulated prices")
    assert "Last session 2023-12-29, up to date" in said.out
    assert "Book         none yet" in said.out
    assert "Last commit  none yet" in said.out
    assert "Due now      the schedule asks for a rebalance at 2023-12-29" in said.out
    assert "Next due     2024-01-31: last session of January 2024 (Wed 31 Jan)" in said.out
    assert written(workspace) == []


def test_status_after_a_rebalance_says_what_it_left(run: Run) -> None:
    receipt = run("rebalance", "--approver", "Ann", "--yes", "--json").json
    said = run("status", "--json").json
    assert said["due"] is False
    assert said["last_commit"]["id"] == receipt["receipt"]["commit_id"]
    assert said["book"]["value"] == receipt["plan"]["value_after"]
    assert said["book"]["cash"] == receipt["plan"]["cash_after"]
    assert said["regime"]["regime"] == receipt["plan"]["regime"]
    text = run("status").out
    assert "Due now" not in text
    assert f"Last commit  {said['last_commit']['id']}, rebalance as of 2023-12-29 by Ann" in text


def test_a_rebalance_that_was_undone_is_due_again(run: Run) -> None:
    run("rebalance", "--approver", "Ann", "--yes")
    run("revert", "latest", "--approver", "Ann", "--yes", "--note", "wrong account")
    assert run("status", "--json").json["due"] is True


def test_stale_data_is_an_answer_and_not_a_failure(run: Run, workspace: Path) -> None:
    from_files(workspace, last="2023-12-15")
    said = run("status", "-p", "filed", "--json")
    assert said.code == 0
    assert said.json["age_sessions"] == 9
    assert said.json["fresh"] is False
    assert said.json["simulated"] is False
    text = run("status", "-p", "filed").out
    assert "9 sessions old: more than this portfolio accepts" in text
    assert "Simulated" not in text


def test_data_that_cannot_be_read_is_a_failure(run: Run, workspace: Path) -> None:
    said = run("status", "-p", "files_example", "--json")
    assert said.code == 1
    assert said.json["error"]["type"] == "SourceError"
    assert said.err.startswith("Error: ")
    assert len(said.err.splitlines()) == 1


def test_status_counts_problems_of_the_whole_workspace(run: Run, workspace: Path) -> None:
    (workspace / "configs/universes/real_files.yaml").write_text("name: 3\n")
    said = run("status")
    assert said.code == 0
    assert "check-config lists them" in said.out
    assert run("status", "--json").json["config_problems"]


def test_monitor_records_the_regime_of_the_session(run: Run, workspace: Path) -> None:
    said = run("monitor", "--json").json["regime"]
    recorded = read_current(state_dir(workspace))
    assert recorded is not None
    assert (said["regime"], said["as_of"]) == (recorded.name, "2023-12-29")
    assert said["recorded"] is True
    assert said["on_record_before"] is None
    labels = desk.regime_history(
        desk.load_market(
            desk.open_portfolio(workspace, "sample", cache_dir=desk.cache_folder(workspace)),
            now=desk.current_time(),
        ),
        desk.open_portfolio(workspace, "sample").settings.thresholds,
    )
    assert said["regime"] == labels["regime"].iloc[-1]
    assert said["spy_price"] == labels["spy_price"].iloc[-1]


def test_monitor_without_recording_writes_nothing(run: Run, workspace: Path) -> None:
    said = run("monitor", "--dry-run")
    assert said.code == 0
    assert "Dry run: nothing was written." in said.out
    assert written(workspace) == []


def turning_point(run: Run) -> tuple[str, str]:
    """The last session of the spell before the present one, and the first of the present one."""
    said = run("monitor", "--dry-run", "--json").json["regime"]
    sessions = sessions_between("2020-01-02", said["as_of"])
    return str(sessions[-said["days_in_regime"] - 1].date()), str(
        sessions[-said["days_in_regime"]].date()
    )


def test_a_change_since_the_record_is_said_and_logged(run: Run) -> None:
    before, first = turning_point(run)
    run("monitor", "--date", before)
    said = run("monitor", "--json")
    regime = said.json["regime"]
    assert regime["changed_since_record"] is True
    assert regime["changed_this_session"] is False
    old, new = regime["on_record_before"]["regime"], regime["regime"]
    assert said.err == f"Warning: REGIME CHANGE: {old} -> {new} (2023-12-29)\n"
    assert run("monitor", "--date", first, "--json").json["regime"]["changed_this_session"] is True


def test_a_past_date_never_replaces_the_current_record(run: Run, workspace: Path) -> None:
    before, _ = turning_point(run)
    run("monitor")
    said = run("monitor", "--date", before)
    assert "the current regime on record is of a later session" in said.out
    assert said.err == ""
    recorded = read_current(state_dir(workspace))
    assert recorded is not None
    assert str(recorded.as_of.date()) == "2023-12-29"
    assert len(read_history(state_dir(workspace))) == 2


def test_a_date_before_the_data_is_refused(run: Run) -> None:
    said = run("monitor", "--date", "1999-01-04")
    assert said.code == 1
    assert "1999-01-04 is outside the sessions of the data" in said.err


def test_a_change_at_the_session_is_said_without_any_record(run: Run) -> None:
    _, first = turning_point(run)
    said = run("monitor", "--date", first, "--dry-run")
    assert "The regime changed at this session." in said.out
    assert "for 1 session after" in said.out


def test_a_change_since_the_record_names_what_was_recorded(run: Run) -> None:
    before, _ = turning_point(run)
    run("monitor", "--date", before)
    assert f"was recorded for {before}." in run("monitor").out


def test_an_unknown_regime_is_said_and_recorded(run: Run, workspace: Path) -> None:
    from_files(workspace, last="2022-09-01", clock="replay")
    said = run("monitor", "-p", "filed")
    assert said.code == 0
    assert said.out.startswith("Unknown, session 2022-09-01")
    assert "Trend       not known" in said.out
    facts = run("monitor", "-p", "filed", "--json").json["regime"]
    assert (facts["regime"], facts["previous_regime"]) == ("unknown", None)
    assert facts["spy_200ma"] is None


def test_a_position_that_was_never_priced_leaves_the_book_without_a_value(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Symbol,Quantity\nNOSUCH,10\nCASH,5\n")
    run("import-holdings", str(file), "--approver", "Ann", "--yes", "--note", "delisted")
    said = run("status")
    assert said.code == 0
    assert "no value: 1 position, $5.00 cash" in said.out
    assert "never_priced" in said.out
    assert run("status", "--json").json["book"]["value"] is None
    assert "no value: a position has no price" in run("holdings").out


def test_a_damaged_record_is_replaced_with_a_warning(run: Run, workspace: Path) -> None:
    run("monitor")
    (state_dir(workspace) / "current_regime.json").write_text("{")
    said = run("monitor", "--json")
    assert said.code == 0
    assert said.json["regime"]["on_record_before"] is None
    assert "Warning: replacing a damaged record" in said.err


def test_the_shipped_configuration_has_no_problems(run: Run, workspace: Path) -> None:
    files = len(list((workspace / "configs").rglob("*.yaml")))
    said = run("check-config")
    assert (said.code, said.out) == (0, f"{files} files, no problems\n")


def test_every_problem_is_a_line_with_its_place(run: Run, workspace: Path) -> None:
    (workspace / "configs/checks.yaml").write_text("turnvoer:\n  action: warn\n")
    said = run("check-config")
    assert said.code == 1
    assert "configs/checks.yaml:1: turnvoer: found" in said.out
    assert said.out.splitlines()[-1].endswith("1 problem")
    document = run("check-config", "--json").json
    assert document["ok"] is False
    assert document["problems"][0]["line"] == 1


def test_one_portfolio_is_checked_with_the_files_it_names(run: Run, workspace: Path) -> None:
    (workspace / "configs/universes/real_files.yaml").write_text("name: x\n")
    assert run("check-config", "-p", "sample").code == 0
    assert run("check-config", "-p", "files_example").code == 1
