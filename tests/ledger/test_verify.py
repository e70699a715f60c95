"""`verify` finds every change to what was committed, and names the commit."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.encoding import readable_json, sha256
from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from quantetf_core.findings import Severity
from quantetf_core.ledger import read_commit, verify, verify_commit
from quantetf_core.ledger.manifest import manifest_bytes, read_manifest
from tests.ledger.books import Ledger, names, rewrite


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    made = Ledger(tmp_path_factory.mktemp("sound"))
    made.chain(4)
    return made


@pytest.fixture
def ledger(sound, tmp_path):
    shutil.copytree(sound.root, tmp_path / "copy")
    return Ledger(tmp_path / "copy")


def ids(ledger):
    return [entry.id for entry in reversed(ledger.history.entries)]


def codes(verification):
    return [f.code for f in verification.findings]


def test_a_sound_history_verifies(sound):
    found = sound.verify()

    assert (found.ok, found.checked, found.findings, found.first_bad_link) == (True, 4, (), None)
    assert all(verify_commit(sound.artifacts, name) == () for name in ids(sound))


def test_an_empty_history_verifies(tmp_path):
    assert verify(tmp_path / "nothing", tmp_path).ok


@settings(max_examples=60)
@given(data=st.data())
def test_a_flipped_byte_in_any_file_names_its_commit(sound, data):
    name = data.draw(st.sampled_from(ids(sound)))
    folder = sound.artifacts / name
    path = folder / data.draw(st.sampled_from(names(folder)))
    content = path.read_bytes()
    place = data.draw(st.integers(0, len(content) - 1))
    flipped = content[place] ^ data.draw(st.integers(1, 255))
    try:
        rewrite(path, content[:place] + bytes([flipped]) + content[place + 1 :])
        found = sound.verify()
        try:
            alone = verify_commit(sound.artifacts, name)
        except DamagedHistoryError:
            alone = (None,)
    finally:
        rewrite(path, content)

    assert not found.ok
    assert found.first_bad_link == name
    assert alone


@pytest.mark.parametrize("position", range(4))
def test_a_missing_file_an_added_one_and_an_added_folder_are_named(ledger, position):
    name = ids(ledger)[position]
    folder = ledger.artifacts / name
    (folder / "inputs.json" if position else folder / "trades.csv").unlink()
    (folder / "extra.txt").write_text("x")
    (folder / "more").mkdir()
    found = ledger.verify()

    assert found.first_bad_link == name
    assert codes(found)[:3] == ["file_missing", "file_added", "file_added"]


def test_hidden_files_of_a_desktop_are_no_damage(ledger):
    (ledger.artifacts / ids(ledger)[0] / ".DS_Store").write_bytes(b"x")

    assert ledger.verify().ok


def resealed(ledger, name, **changes):
    """Rewrite a manifest the way someone who knows the format would."""
    path = ledger.artifacts / name / "manifest.json"
    manifest = read_manifest(path.read_bytes())
    rewrite(path, manifest_bytes(replace(manifest, head=replace(manifest.head, **changes))))


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_manifest_rewritten_with_a_fresh_seal_breaks_the_next_link(ledger, position):
    chain = ids(ledger)
    resealed(ledger, chain[position], note="I never said that")
    found = ledger.verify()

    assert (found.first_bad_link, codes(found)) == (chain[position + 1], ["broken_link"])
    assert [f.code for f in verify_commit(ledger.artifacts, chain[position + 1])] == ["broken_link"]
    assert "broken_link" in ledger.codes


@pytest.mark.parametrize("name", ["holdings_after.json", "trades.csv"])
def test_a_file_of_nonsense_with_its_hash_put_right_does_not_fold(ledger, name):
    last = ids(ledger)[-1]
    folder = ledger.artifacts / last
    rewrite(folder / name, b"{}")
    manifest = read_manifest((folder / "manifest.json").read_bytes())
    hashes = {**manifest.files, name: sha256(b"{}")}
    rewrite(folder / "manifest.json", manifest_bytes(replace(manifest, files=hashes)))

    assert codes(verify(ledger.artifacts)) == ["does_not_fold"]


def test_a_manifest_that_only_looks_the_same_is_changed(ledger):
    """White space and doubled keys change no meaning, and are changes all the same."""
    last = ids(ledger)[-1]
    path = ledger.artifacts / last / "manifest.json"
    content = path.read_bytes()
    for changed in (content + b"\n", content.replace(b'"schema"', b'"note": "",\n  "schema"', 1)):
        rewrite(path, changed)
        assert codes(verify(ledger.artifacts)) == ["manifest_changed"]


def test_a_manifest_without_its_seal_is_changed(ledger):
    path = ledger.artifacts / ids(ledger)[-1] / "manifest.json"
    content = json.loads(path.read_bytes())
    del content["seal"]
    rewrite(path, readable_json(content))

    assert "seal is broken" in verify(ledger.artifacts).findings[0].message


def test_a_files_content_and_its_hash_changed_together_no_longer_fold(ledger):
    name = ids(ledger)[-1]
    folder = ledger.artifacts / name
    after = json.loads((folder / "holdings_after.json").read_bytes())
    after["cash"] += 1_000_000
    content = json.dumps(after).encode()
    rewrite(folder / "holdings_after.json", content)
    manifest = read_manifest((folder / "manifest.json").read_bytes())
    hashes = {**manifest.files, "holdings_after.json": sha256(content)}
    rewrite(folder / "manifest.json", manifest_bytes(replace(manifest, files=hashes)))
    found = ledger.verify()

    assert found.first_bad_link == name
    assert codes(found)[0] == "does_not_fold"


def test_a_book_that_does_not_start_where_the_last_one_ended_is_named(ledger):
    """Every commit folds by itself, and yet 50 USD appear between two of them."""
    chain = ids(ledger)
    folder = ledger.artifacts / chain[-1]
    hashes = {}
    for part in ("holdings_before.json", "holdings_after.json"):
        content = json.loads((folder / part).read_bytes())
        content["cash"] += 50
        encoded = json.dumps(content).encode()
        rewrite(folder / part, encoded)
        hashes[part] = sha256(encoded)
    manifest = read_manifest((folder / "manifest.json").read_bytes())
    sealed = replace(manifest, files={**manifest.files, **hashes})
    rewrite(folder / "manifest.json", manifest_bytes(sealed))
    found = verify(ledger.artifacts)

    assert (found.first_bad_link, codes(found)) == (chain[-1], ["books_differ"])


def test_a_removed_commit_in_the_middle_is_named_by_its_child(ledger):
    chain = ids(ledger)
    shutil.rmtree(ledger.artifacts / chain[1])
    found = ledger.verify()

    assert (found.ok, found.first_bad_link) == (False, chain[2])
    assert "missing_parent" in codes(found)
    assert [f.code for f in verify_commit(ledger.artifacts, chain[2])] == ["missing_parent"]


def test_a_removed_newest_commit_is_noticed_by_the_holdings_file(ledger):
    shutil.rmtree(ledger.artifacts / ids(ledger)[-1])

    assert verify(ledger.artifacts).ok
    assert codes(ledger.verify()) == ["holdings_file"]


def test_everything_removed_is_noticed_by_the_holdings_file(ledger):
    shutil.rmtree(ledger.artifacts)
    found = ledger.verify()

    assert (found.ok, found.checked, codes(found)) == (False, 0, ["holdings_file"])


def test_two_bad_links_are_reported_and_the_older_is_the_first(ledger):
    chain = ids(ledger)
    for name in (chain[3], chain[1]):
        rewrite(ledger.artifacts / name / "inputs.json", b"")

    found = ledger.verify()
    assert found.first_bad_link == chain[1]
    assert [f.subject for f in found.findings if f.code == "file_changed"] == [chain[1], chain[3]]


def test_an_unreadable_manifest_is_named_wherever_it_is(ledger):
    chain = ids(ledger)
    rewrite(ledger.artifacts / chain[2] / "manifest.json", b"\x00")
    found = ledger.verify()

    assert (found.ok, found.first_bad_link) == (False, chain[2])
    assert {f.subject for f in found.findings} >= {chain[2], chain[3]}


def test_a_manifest_readable_only_for_the_list_is_named(ledger):
    chain = ids(ledger)
    path = ledger.artifacts / chain[2] / "manifest.json"
    content = json.loads(path.read_bytes())
    content["files"] = 3
    rewrite(path, json.dumps(content).encode())
    found = ledger.verify()

    assert found.first_bad_link == chain[2]
    assert codes(found)[0] == "manifest_unreadable"
    with pytest.raises(DamagedHistoryError, match="files is not an object"):
        read_commit(ledger.artifacts, chain[2])


def test_a_foreign_folder_is_told_and_does_not_count(ledger):
    (ledger.artifacts / "old exports").mkdir()
    found = ledger.verify()

    assert found.ok
    assert [(f.severity, f.code, f.subject) for f in found.findings] == [
        (Severity.INFO, "foreign_folder", "old exports")
    ]


def test_one_damaged_book_does_not_hide_behind_its_parent(ledger):
    """A parent whose book cannot be read says so itself; the child adds nothing."""
    chain = ids(ledger)
    rewrite(ledger.artifacts / chain[0] / "holdings_after.json", b"[]")

    assert verify_commit(ledger.artifacts, chain[1]) == ()
    assert verify(ledger.artifacts).first_bad_link == chain[0]


def test_verify_never_believes_the_index(ledger):
    chain = ids(ledger)
    folder = ledger.artifacts / chain[1]
    path = folder / "manifest.json"
    status = path.stat()
    rewrite(path, path.read_bytes().replace(b"month-end", b"month-ond"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert ledger.verify().first_bad_link == chain[1]


def test_a_commit_that_is_not_there_is_refused_by_name(ledger):
    with pytest.raises(CommitNotFoundError, match="did you mean '20240131'"):
        verify_commit(ledger.artifacts, "2024013")
