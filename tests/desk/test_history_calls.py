"""What the history page asks of the desk: whether a commit can be undone, and what is left."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from tests.chains import IDS


@pytest.fixture
def past(tmp_path: Path, written: Path) -> desk.Portfolio:
    """A history of every common kind, this test's own."""
    shutil.copytree(written, tmp_path / "desk")
    return desk.open_portfolio(tmp_path / "desk", "sample")


def undo(past: desk.Portfolio, commit_id: str, session: date = date(2023, 12, 29)) -> desk.Undo:
    return desk.undo(past, desk.history(past), desk.read(past, commit_id), session=session)


def test_the_newest_commit_can_be_undone_at_the_session_of_the_clock(past):
    assert undo(past, IDS[0]) == desk.Undo(problem="", as_of=date(2023, 12, 29))


def test_a_book_never_goes_back_in_time(past):
    assert undo(past, IDS[0], date(2023, 1, 3)).as_of == date(2023, 12, 29)
    assert undo(past, IDS[0], date(2024, 1, 2)).as_of == date(2024, 1, 2)


def test_an_older_commit_says_what_moved_since(past):
    problem = undo(past, IDS[-1]).problem

    assert problem.startswith("The book has moved since (")
    assert problem.endswith("undo the later ones first, newest first.")


def test_damage_forbids_undoing(past):
    path = past.artifacts_dir / IDS[0] / "trades.csv"
    path.chmod(0o644)
    path.write_bytes(b"x")

    assert "damaged" in undo(past, IDS[0]).problem


def test_an_unreadable_holdings_file_forbids_undoing(past):
    (past.state_dir / "current_holdings.json").write_text("{", encoding="utf-8")

    problem = undo(past, IDS[0]).problem
    assert problem.startswith("Nothing can be added to this history until")
    assert "current_holdings.json" in problem


def test_a_newest_book_that_cannot_be_read_forbids_undoing_any(past):
    path = past.artifacts_dir / IDS[0] / "holdings_after.json"
    path.chmod(0o644)
    path.write_bytes(b"{")

    assert undo(past, IDS[1]).problem.startswith("The book held now is not certain: ")


def test_a_history_that_cannot_be_added_to_forbids_undoing(past):
    (past.artifacts_dir / "20240105").mkdir()
    (past.artifacts_dir / "20240105" / "manifest.json").write_text("{", encoding="utf-8")

    assert "Nothing can be added" in undo(past, IDS[0]).problem


def test_what_is_left_of_a_damaged_folder_can_be_listed_and_packed(past):
    (past.artifacts_dir / IDS[0] / "manifest.json").unlink()
    left = desk.remains(past, IDS[0])
    packed = zipfile.ZipFile(io.BytesIO(desk.remains_archive(past, IDS[0])))

    assert "trades.csv" in left["name"].tolist()
    assert left["sha256"].str.len().eq(64).all()
    assert packed.namelist() == [f"{IDS[0]}/{name}" for name in left["name"]]


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../..", "nothing here", ".hidden"])
def test_a_name_from_a_link_never_leads_out_of_the_history(past, name):
    (past.artifacts_dir / ".hidden").mkdir()
    for call in (desk.remains, desk.remains_archive):
        with pytest.raises(CommitNotFoundError):
            call(past, name)


def test_files_that_cannot_be_read_are_a_sentence(past, monkeypatch):
    def refused(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    for call in (desk.remains, desk.remains_archive):
        with pytest.raises(DamagedHistoryError, match="Permission denied"):
            call(past, IDS[0])


def test_two_commits_are_compared_by_their_ids(past):
    found = desk.compare(past, IDS[-1], IDS[0])

    assert (found.first.id, found.second.id) == (IDS[-1], IDS[0])
    with pytest.raises(CommitNotFoundError):
        desk.compare(past, IDS[0], "19990101")
