"""Files are written whole or not at all, and CSV never runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.csv_safe import csv_bytes, guarded, unguarded
from quantetf_core.ledger.fields import MalformedError, number, read_object
from quantetf_core.ledger.files import (
    publish_folder,
    remove_staging,
    remove_temporaries,
    stage_folder,
    write_atomic,
)
from quantetf_core.ledger.fold import fold_problems, read_steps
from quantetf_core.ledger.manifest import read_manifest, seal_problem
from quantetf_core.ledger.record import CashMovement
from tests.ledger.books import book, names


def test_writing_replaces_the_whole_content(tmp_path):
    path = tmp_path / "deep" / "er" / "a.json"
    write_atomic(path, b"x" * 100_000)
    write_atomic(path, b"")

    assert path.read_bytes() == b""
    assert names(path.parent) == ["a.json"]
    assert path.stat().st_mode & 0o777 == 0o644 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_failed_write_keeps_the_old_content(tmp_path, monkeypatch, call):
    path = tmp_path / "a.json"
    write_atomic(path, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, call, fail)
        with pytest.raises(OSError, match="No space"):
            write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.json"]


def test_only_leftovers_of_the_same_file_are_removed(tmp_path):
    for name in (".a.json.00ff.tmp", ".b.json.00ff.tmp", "a.json", ".a.json.swp"):
        (tmp_path / name).touch()
    remove_temporaries(tmp_path / "a.json")

    assert names(tmp_path) == [".a.json.swp", ".b.json.00ff.tmp", "a.json"]


def test_a_folder_appears_whole_under_its_name_with_files_nobody_edits_by_accident(tmp_path):
    staging = stage_folder(tmp_path, {"a": b"1", "b": b"2"})
    assert staging.name.startswith(".staging-")
    publish_folder(staging, tmp_path / "done")

    assert names(tmp_path) == ["done"]
    assert {p.name: p.read_bytes() for p in (tmp_path / "done").iterdir()} == {"a": b"1", "b": b"2"}
    assert {p.stat().st_mode & 0o222 for p in (tmp_path / "done").iterdir()} == {0}


def test_dead_staging_folders_are_removed_and_nothing_else(tmp_path):
    stage_folder(tmp_path, {"a": b"1"})
    (tmp_path / ".other").mkdir()
    (tmp_path / "20240131").mkdir()
    remove_staging(tmp_path)
    remove_staging(tmp_path / "missing")

    assert names(tmp_path) == [".other", "20240131"]


@given(st.text())
def test_no_text_cell_begins_like_a_formula_and_none_is_lost(text):
    safe = guarded(text)

    assert isinstance(safe, str)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unguarded(safe) == text.replace("\r\n", "\n").replace("\r", "\n")


TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8
)


@given(st.lists(st.tuples(TEXT, st.floats(allow_nan=False)), min_size=1, max_size=5))
def test_a_table_reads_back_as_it_was(rows):
    frame = pd.DataFrame(rows, columns=["name", "=x"])
    content = csv_bytes(frame)
    header, *back = csv.reader(io.StringIO(content.decode(), newline=""))

    assert header == ["name", "'=x"]
    expected = [text.replace("\r\n", "\n").replace("\r", "\n") for text, _ in rows]
    assert [unguarded(text) for text, _ in back] == expected
    assert [float(value) for _, value in back] == [value for _, value in rows]


def test_numbers_dates_and_gaps_are_written_plainly():
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-01-31", None]),
            "delta": [-1.5, float("nan")],
            "words": ["-1.5", None],
            "flag": [True, False],
        }
    )

    assert csv_bytes(frame) == b"day,delta,words,flag\n2024-01-31,-1.5,'-1.5,True\n,,,False\n"
    assert frame["words"].tolist()[0] == "-1.5"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff", "UTF-8"),
        (b"{", "not JSON"),
        (b"[]", "object"),
        (b'{"a": Infinity}', "Infinity"),
        (b'{"a": ' + b"9" * 5000 + b"}", "number"),
        (b"[" * 100_000, "deeply"),
        (b'{"a": "\\udfff"}', "half of a character"),
    ],
)
def test_json_that_is_not_ours_is_refused_in_words(content, why):
    with pytest.raises(MalformedError, match=why):
        read_object(content)
    assert "cannot be read" in seal_problem(content)


def test_escapes_of_whole_characters_are_read():
    assert read_object(b'{"a": "\\u00e9\\ud83e\\udd8a"}') == {"a": "é🦊"}


@pytest.mark.parametrize("value", [None, "1", True, 10**400, [1]])
def test_a_number_is_a_finite_number(value):
    with pytest.raises(MalformedError, match="x is not a finite number"):
        number({"x": value}, "x")


def test_a_manifest_with_an_impossible_cash_movement_is_malformed(ledger):
    content = (ledger.begin().folder / "manifest.json").read_bytes()

    with pytest.raises(MalformedError, match="costs"):
        read_manifest(content.replace(b'"costs": 0.0,\n    "adj', b'"costs": -1.0,\n    "adj'))


def test_a_manifest_with_an_unknown_severity_is_malformed(ledger):
    content = (ledger.begin().folder / "manifest.json").read_bytes()
    row = b'[{"severity": "grave", "code": "", "subject": "", "message": "", "note": ""}]'

    with pytest.raises(MalformedError, match="grave"):
        read_manifest(content.replace(b'"acknowledged": []', b'"acknowledged": ' + row))
    with pytest.raises(MalformedError, match="list of objects"):
        read_manifest(content.replace(b'"acknowledged": []', b'"acknowledged": [3]'))


HEADER = "ticker,action,current_shares,target_shares,shares_delta,notional_value,more\n"


@pytest.mark.parametrize(
    "line",
    ["SPY,BUY,0,1,1", "SPY,BUY,0,1,1,x", "SPY,BUY,0,1,nan,1", ",BUY,0,1,1,1", "SPY,buy,0,1,1,1"],
)
def test_a_trade_that_cannot_be_read_is_named_by_its_line(line):
    with pytest.raises(MalformedError, match="line 2"):
        read_steps((HEADER + line + "\n").encode())


def test_a_ticker_that_was_guarded_is_the_ticker_again():
    assert read_steps((HEADER + "'=X,HOLD,1,1,0,0\n").encode())[0].ticker == "=X"


def test_quotes_that_never_close_are_no_csv():
    with pytest.raises(MalformedError, match="not a CSV file"):
        read_steps((HEADER + '"SPY,BUY').encode())


@pytest.mark.parametrize(
    ("line", "after", "why"),
    [
        ("SPY,BUY,1,1,0,0", 1.0, "BUY does not fit"),
        ("SPY,SELL,1,2,1,0", 2.0, "SELL does not fit"),
        ("SPY,HOLD,1,2,1,0", 2.0, "HOLD does not fit"),
        ("SPY,HOLD,1,1,0,5", 1.0, "HOLD does not fit"),
        ("SPY,BUY,1,2,3,0", 2.0, "BUY does not fit"),
        ("SPY,ADJUST,1,2,1,5", 2.0, "ADJUST does not fit"),
        ("SPY,HOLD,1,1,0,0\nSPY,HOLD,1,1,0,0", 1.0, "a ticker twice"),
        ("SPY,SELL,1,0.5,-0.5,10", 0.5, "the SELL lines sum to 10.00 USD, not 0.00"),
    ],
)
def test_a_step_that_does_not_fit_is_named(line, after, why):
    steps = read_steps((HEADER + line + "\n").encode())

    assert why in fold_problems(book(SPY=1.0), book(SPY=after), steps, CashMovement())[0]
