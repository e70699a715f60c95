from __future__ import annotations

import json
import logging
import multiprocessing
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import (
    InvalidValueError,
    QuantEtfError,
    RegimeRecordError,
    SessionError,
    UnknownTickerError,
)
from quantetf_core.production import regime_record
from quantetf_core.production.regime_monitor import DailyRegimeMonitor, record_regime
from quantetf_core.regime import RegimeConfig, RegimeState, replay, state_at
from tests.builders import random_market
from tests.production.regime_market import CONFIG, changing_market, monitor, update_each

COLUMNS = [
    "date",
    "regime",
    "trend",
    "vol",
    "spy_price",
    "spy_200ma",
    "vix",
    "regime_changed",
    "recorded_at",
]
MARKET = changing_market()
LABELS = replay(MARKET, CONFIG)
SESSIONS = MARKET.sessions


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")} if folder.exists() else set()


def recorded(folder: Path) -> tuple[RegimeState | None, list[dict[str, object]]]:
    """What is on record, without the times of recording."""
    running = monitor(folder, MARKET)
    rows = running.get_history().drop(columns="recorded_at").to_dict("records")
    return running.load_state(), rows


def expected_row(session: pd.Timestamp) -> dict[str, object]:
    row, place = LABELS.loc[session], SESSIONS.get_loc(session)
    return {
        "date": session,
        "regime": row["regime"],
        "regime_changed": place > 0 and row["regime"] != LABELS["regime"].iloc[place - 1],
    }


operations = st.lists(
    st.tuples(st.sampled_from(["update", "compute", "later data"]), st.integers(0, 259)),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25)
@given(operations)
def test_no_order_of_runs_changes_an_answer_or_the_record(steps: list[tuple[str, int]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        updated = set()
        for operation, place in steps:
            session = SESSIONS[place]
            # "later data": the same day asked of a market that ends on it
            market = MARKET.as_of(session) if operation == "later data" else MARKET
            running = monitor(folder / "state", market)
            act = running.compute if operation == "compute" else running.update
            assert act(session) == state_at(LABELS, session)
            updated |= set() if operation == "compute" else {session}
        current, rows = recorded(folder / "state")
        assert current == (state_at(LABELS, max(updated)) if updated else None)
        assert [row["date"] for row in rows] == sorted(updated)
        for row in rows:
            assert expected_row(row["date"]).items() <= row.items()
    finally:
        shutil.rmtree(folder)


def test_the_market_of_these_tests_visits_every_regime_and_the_unknown() -> None:
    assert set(LABELS["regime"].iloc[200:]) == {
        "uptrend_low_vol",
        "uptrend_high_vol",
        "downtrend_low_vol",
        "downtrend_high_vol",
        "unknown",
    }


def test_computing_leaves_no_trace(tmp_path: Path) -> None:
    running = monitor(tmp_path / "state", MARKET)
    running.compute()
    running.compute("2018-12-31")
    assert running.load_state() is None
    assert running.get_history().empty
    assert "error" in running.get_regime_summary()
    assert not (tmp_path / "state").exists()


def test_an_update_without_a_date_takes_the_last_session(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    state = running.update()
    assert state.as_of == MARKET.last_session
    assert running.load_state() == state
    assert running.get_current_regime() == state.name
    assert json.loads((tmp_path / "current_regime.json").read_text())["updated_at"]


def test_a_past_date_leaves_the_current_record_alone(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    newest = running.update()
    before = (tmp_path / "current_regime.json").read_bytes()
    running.update(SESSIONS[220])
    running.save_state(state_at(LABELS, SESSIONS[230]))
    assert (tmp_path / "current_regime.json").read_bytes() == before
    assert running.get_history()["date"].tolist() == [SESSIONS[220], newest.as_of]


def test_a_day_without_a_session_records_the_session_before(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    assert running.update("2018-12-25").as_of == pd.Timestamp("2018-12-24")
    assert running.get_history()["date"].tolist() == [pd.Timestamp("2018-12-24")]


def test_the_history_has_one_row_a_session_whatever_is_repeated(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    for place in (250, 240, 250, 240, 245):
        running.update(SESSIONS[place])
    history = running.get_history()
    assert list(history.columns) == COLUMNS
    assert history["date"].tolist() == [SESSIONS[place] for place in (240, 245, 250)]
    assert str(history["recorded_at"].dtype).endswith("UTC]")
    assert history["regime_changed"].dtype == bool


def test_the_history_is_cut_by_dates_including_both_ends(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    for place in (240, 245, 250):
        running.update(SESSIONS[place])

    def dates(**bounds: object) -> list[pd.Timestamp]:
        return running.get_history(**bounds)["date"].tolist()

    assert dates(start_date=SESSIONS[245].date()) == [SESSIONS[245], SESSIONS[250]]
    assert dates(end_date=str(SESSIONS[245].date())) == [SESSIONS[240], SESSIONS[245]]
    assert dates(start_date=SESSIONS[241], end_date=SESSIONS[249]) == [SESSIONS[245]]
    assert dates(start_date="2030-01-01") == []
    with pytest.raises(InvalidValueError, match="start_date"):
        dates(start_date="soon")
    with pytest.raises(InvalidValueError, match="end_date"):
        dates(end_date="soon")


def test_nothing_recorded_is_an_error_that_says_so(tmp_path: Path) -> None:
    running = monitor(tmp_path / "none", MARKET)
    with pytest.raises(ValueError, match="No regime state") as raised:
        running.get_current_regime()
    assert isinstance(raised.value, QuantEtfError)
    assert "No regime state" in running.get_regime_summary()["error"]
    history = running.get_history("2020-01-01", "2020-12-31")
    assert list(history.columns) == COLUMNS
    assert history.empty


def test_the_summary_has_the_indicators_and_the_distance_in_per_cent(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    running.save_state(RegimeState("uptrend", "low_vol", "2020-01-02", 110.0, 100.0, 15.0))
    summary = running.get_regime_summary()
    indicators = summary.pop("indicators")
    assert summary == {
        "regime": "uptrend_low_vol",
        "trend": "uptrend",
        "volatility": "low_vol",
        "as_of": "2020-01-02",
    }
    assert indicators.pop("spy_vs_ma_pct") == pytest.approx(10.0)
    assert indicators == {"spy_price": 110.0, "spy_200ma": 100.0, "vix": 15.0}
    running.save_state(RegimeState("unknown", "low_vol", "2020-01-03", 110.0))
    assert running.get_regime_summary()["indicators"]["spy_vs_ma_pct"] is None


def test_a_change_of_the_recorded_regime_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    running = monitor(tmp_path, MARKET)
    changes = [p for p in range(201, 260) if expected_row(SESSIONS[p])["regime_changed"]]
    first, second = SESSIONS[changes[0] - 1], SESSIONS[changes[0]]
    with caplog.at_level(logging.WARNING):
        running.update(first)
        running.update(first)
        running.update(second)
        running.update(first)
        running.update(second)
    old, new = state_at(LABELS, first).name, state_at(LABELS, second).name
    said = [record.getMessage() for record in caplog.records]
    assert [text.split(" (")[0] for text in said] == [
        f"REGIME CHANGE: none -> {old}",
        f"REGIME CHANGE: {old} -> {new}",
    ]
    assert running.get_history()["regime_changed"].tolist()[-1]


def test_the_first_session_of_the_data_is_no_change(tmp_path: Path) -> None:
    running = monitor(tmp_path, MARKET)
    assert running.update(SESSIONS[0]).name == "unknown"
    assert running.get_history()["regime_changed"].tolist() == [False]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"trend": "uptrend"}', b'{"trend":1,"vol":2,"as_of":3}'],
)
def test_a_damaged_current_record_is_named_and_repaired_by_the_next_update(
    tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "current_regime.json"
    path.write_bytes(damage)
    running = monitor(tmp_path, MARKET)
    for ask in (running.load_state, running.get_current_regime):
        with pytest.raises(RegimeRecordError, match=r"current_regime\.json"):
            ask()
    assert "damaged" in running.get_regime_summary()["error"]
    state = running.update()
    assert running.load_state() == state
    assert "damaged" in caplog.text


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"not parquet at all"])
def test_a_damaged_history_is_refused_rather_than_replaced(tmp_path: Path, damage: bytes) -> None:
    running = monitor(tmp_path, MARKET)
    (tmp_path / "regime_history.parquet").write_bytes(damage)
    for ask in (running.get_history, running.update):
        with pytest.raises(RegimeRecordError, match=r"regime_history\.parquet.*Move the file"):
            ask()
    assert (tmp_path / "regime_history.parquet").read_bytes() == damage
    assert running.load_state() is None


def test_a_history_with_other_columns_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"day": [1]}).to_parquet(tmp_path / "regime_history.parquet")
    with pytest.raises(RegimeRecordError, match="damaged"):
        monitor(tmp_path, MARKET).get_history()


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(RegimeRecordError, match="state: the regime cannot be recorded"):
        monitor(tmp_path / "state", MARKET).update()


def test_a_lock_that_is_never_given_back_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regime_record, "_LOCK_SECONDS", 0.01)
    with (
        FileLock(tmp_path / ".regime.lock"),
        pytest.raises(RegimeRecordError, match="another process"),
    ):
        monitor(tmp_path, MARKET).update()
    assert files(tmp_path) <= {".regime.lock"}


def test_a_state_without_a_session_cannot_be_recorded(tmp_path: Path) -> None:
    stateless = RegimeState("uptrend", "low_vol", None)
    with pytest.raises(InvalidValueError, match="as_of"):
        monitor(tmp_path / "state", MARKET).save_state(stateless)
    with pytest.raises(InvalidValueError, match="as_of"):
        record_regime(tmp_path / "state", stateless, regime_changed=False, now=datetime.now(UTC))
    assert not (tmp_path / "state").exists()


def test_saving_over_a_record_without_a_date_is_possible(tmp_path: Path) -> None:
    (tmp_path / "current_regime.json").write_text(
        json.dumps({"trend": "uptrend", "vol": "low_vol", "as_of": None})
    )
    running = monitor(tmp_path, MARKET)
    assert running.update() == running.load_state()


def test_dates_outside_the_data_and_a_market_without_spy_are_refused(tmp_path: Path) -> None:
    running = monitor(tmp_path / "state", MARKET)
    for ask in (running.update, running.compute):
        with pytest.raises(SessionError):
            ask("1999-01-01")
    bonds = random_market([], n_sessions=3)
    close = bonds.close.rename(columns={"SPY": "TLT"})
    without = type(bonds).from_panels({"close": close}, bonds.vix, source="test")
    with pytest.raises(UnknownTickerError, match="SPY"):
        monitor(tmp_path / "state", without).update()
    assert not (tmp_path / "state").exists()


def test_thresholds_come_from_the_working_directory_or_are_the_documented_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.INFO):
        assert DailyRegimeMonitor(monitor(tmp_path).data_access).config == RegimeConfig()
    assert "thresholds.yaml" in caplog.text
    folder = tmp_path / "configs" / "regimes"
    folder.mkdir(parents=True)
    (folder / "thresholds.yaml").write_text(
        "trend:\n  hysteresis_pct: 0.03\n"
        "volatility:\n  high_threshold: 30.0\n  low_threshold: 18.0\n"
    )
    configured = DailyRegimeMonitor(monitor(tmp_path).data_access).config
    assert configured == RegimeConfig(0.03, 30.0, 18.0)


def test_threads_that_update_at_once_lose_no_row(tmp_path: Path) -> None:
    dates = [str(day.date()) for day in SESSIONS[200:224]]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda part: update_each(tmp_path, part), [dates[i::6] for i in range(6)]))
    current, rows = recorded(tmp_path)
    assert [row["date"] for row in rows] == list(SESSIONS[200:224])
    assert current == state_at(LABELS, SESSIONS[223])


def test_processes_that_update_at_once_lose_no_row(tmp_path: Path) -> None:
    dates = [str(day.date()) for day in SESSIONS[200:224]]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        running = [pool.submit(update_each, tmp_path, dates[i::2]) for i in range(2)]
        answers = [done.result() for done in running]
    assert answers[0] == LABELS["regime"].iloc[200:224:2].tolist()
    current, rows = recorded(tmp_path)
    assert [row["date"] for row in rows] == list(SESSIONS[200:224])
    assert current == state_at(LABELS, SESSIONS[223])
    assert files(tmp_path) == {".regime.lock", "current_regime.json", "regime_history.parquet"}
