from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core.config import (
    REGIMES,
    RegimeConfig,
    get_strategy_for_regime,
    load_mapping,
    load_regime_mapping,
    load_thresholds,
)
from quantetf_core.errors import ConfigError, InvalidValueError

Edit = Callable[[str, str, str], int]
THRESHOLDS = "configs/regimes/thresholds.yaml"
MAPPING = "configs/regimes/default_mapping.yaml"


def problems_of(load: Callable[[], object]) -> list[tuple[str, int, str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        load()
    return [(p.file, p.line, p.key, p.found, p.accepted) for p in caught.value.problems]


@pytest.fixture(autouse=True)
def in_workspace(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace)


def test_the_shipped_thresholds_are_those_of_the_rules() -> None:
    assert load_thresholds() == RegimeConfig(0.02, 25.0, 20.0)


def test_thresholds_may_stand_anywhere_and_be_whole_numbers(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "trend: {hysteresis_pct: 0}\nvolatility: {high_threshold: 30, low_threshold: 30}\n", "utf-8"
    )
    config = load_thresholds(file)
    assert config == RegimeConfig(0.0, 30.0, 30.0)
    assert type(config.vix_high_threshold) is float


def test_a_file_outside_the_current_folder_is_named_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("[1]", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    (problem,) = problems_of(lambda: load_thresholds(file))
    assert problem[0] == file.as_posix()


@pytest.mark.parametrize(
    ("old", "new", "key", "found", "accepted"),
    [
        (
            "hysteresis_pct: 0.02",
            "hysteresis_pct: 2",
            "trend.hysteresis_pct",
            "2",
            "a number of at least 0 and below 1",
        ),
        (
            "hysteresis_pct: 0.02",
            "hysteresis: 0.02",
            "trend.hysteresis",
            "the unknown key 'hysteresis'",
            "hysteresis_pct; did you mean 'hysteresis_pct'?",
        ),
        (
            "low_threshold: 20.0",
            "low_threshold: 26",
            "volatility.low_threshold",
            "26",
            "a number of at most high_threshold (25)",
        ),
        (
            "high_threshold: 25.0",
            "high_threshold: yes",
            "volatility.high_threshold",
            "the text 'yes'",
            "a number above 0",
        ),
    ],
)
def test_a_wrong_threshold_is_named_with_its_line(
    edit: Edit, old: str, new: str, key: str, found: str, accepted: str
) -> None:
    line = edit(THRESHOLDS, old, new)
    assert (THRESHOLDS, line, key, found, accepted) in problems_of(load_thresholds)


def test_the_mapping_has_the_four_regimes_and_the_fallback() -> None:
    mapping = load_regime_mapping()
    assert set(mapping) == {*REGIMES, "fallback"}
    for entry in mapping.values():
        assert set(entry) == {"strategy", "config_path", "rationale"}
    assert load_mapping().entry("unknown") == load_mapping().fallback
    assert load_mapping().entry(REGIMES[0]).strategy == mapping[REGIMES[0]]["strategy"]


def test_a_regime_gets_its_own_entry_and_anything_else_the_fallback() -> None:
    mapping = load_regime_mapping()
    for regime in REGIMES:
        assert get_strategy_for_regime(regime) == mapping[regime]
    for name in ("unknown", "", "mapping", "fallback", "UPTREND_LOW_VOL"):
        assert get_strategy_for_regime(name, mapping) == mapping["fallback"]


def test_the_entry_is_a_copy(workspace: Path) -> None:
    mapping = load_regime_mapping(str(workspace / MAPPING))
    get_strategy_for_regime("unknown", mapping)["strategy"] = "changed"
    assert mapping["fallback"]["strategy"] != "changed"


def test_a_mapping_without_the_entry_is_refused_and_not_answered_with_another() -> None:
    with pytest.raises(InvalidValueError, match="the entry 'uptrend_low_vol'"):
        get_strategy_for_regime("uptrend_low_vol", {"fallback": {"strategy": "x"}})
    with pytest.raises(InvalidValueError, match="the entry 'fallback'"):
        get_strategy_for_regime("unknown", {})


def test_the_fallback_may_stand_among_the_regimes(workspace: Path) -> None:
    before = load_mapping()
    text = (workspace / MAPPING).read_text("utf-8")
    head, fallback = text.split("fallback:\n")
    inside = "  fallback:\n" + "".join(f"  {line}\n" for line in fallback.splitlines())
    (workspace / MAPPING).write_text(head + inside, "utf-8")
    assert load_mapping() == before
    (workspace / MAPPING).write_text(head + inside + "fallback:\n" + fallback, "utf-8")
    ((_, line, key, _, accepted),) = problems_of(load_mapping)
    assert (line, key) == ((head + inside).count("\n") + 1, "fallback")
    assert accepted == "one fallback, here or under `mapping`"
    (workspace / MAPPING).write_text(head, "utf-8")
    ((_, _, key, found, accepted),) = problems_of(load_mapping)
    assert (key, found) == ("fallback", "nothing")
    assert accepted.endswith("when the regime is unknown")


def test_a_missing_regime_and_a_misspelt_key_are_said_together(edit: Edit) -> None:
    first = edit(MAPPING, "  uptrend_high_vol:", "  uptrend_hi_vol:")
    second = edit(MAPPING, "    rationale: >-", "    rational: >-")
    found = problems_of(load_mapping)
    assert [(line, key) for _, line, key, _, _ in found] == [
        (2, "mapping.uptrend_high_vol"),
        (3, "mapping.uptrend_low_vol.rationale"),
        (second, "mapping.uptrend_low_vol.rational"),
        (first, "mapping.uptrend_hi_vol"),
    ]
    assert found[3][4].endswith("did you mean 'uptrend_high_vol'?")


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"", 1, "nothing"),
        (b"# only a comment\n", 1, "nothing"),
        (b"- a\n- b\n", 1, "['a', 'b']"),
        (b"just text", 1, "'just text'"),
        (b"a: 1\nb: \xff\n", 2, "the byte 0xff, which is not UTF-8"),
        (b"\xef\xbb\xbf", 1, "nothing"),
        (b"\n1e999", 2, "'1e999'"),
    ],
)
def test_a_file_that_is_no_mapping_of_keys_is_one_sentence(
    workspace: Path, content: bytes, line: int, found: str
) -> None:
    (workspace / THRESHOLDS).write_bytes(content)
    ((file, at, key, said, accepted),) = problems_of(load_thresholds)
    assert (file, at, key, said) == (THRESHOLDS, line, "", found)
    assert accepted in (
        "UTF-8",
        "a finite number",
        "a mapping with the keys description, trend and volatility",
    )


@pytest.mark.parametrize(
    ("thresholds", "parameter"),
    [
        ((1.0, 25.0, 20.0), "trend_hysteresis_pct"),
        ((float("nan"), 25.0, 20.0), "trend_hysteresis_pct"),
        ((0.02, float("inf"), 20.0), "vix_high_threshold"),
        ((0.02, 20.0, 25.0), "vix_low_threshold"),
        ((0.02, 20.0, 0.0), "vix_low_threshold"),
    ],
)
def test_impossible_thresholds_are_refused_in_code_too(
    thresholds: tuple[float, float, float], parameter: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        RegimeConfig(*thresholds)
    assert caught.value.parameter == parameter
