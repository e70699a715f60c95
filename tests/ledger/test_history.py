"""History: every commit by parent, and whatever lies in the folder a finding, never a crash."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.encoding import sha256
from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from quantetf_core.findings import Severity
from quantetf_core.ledger import (
    Kind,
    history,
    history_stamp,
    holdings_after,
    read_commit,
    zip_commit,
)
from quantetf_core.ledger.index import INDEX_NAME, load_index, save_index
from quantetf_core.ledger.manifest import Head, Manifest, Parent, manifest_bytes
from quantetf_core.ledger.record import CashMovement
from tests.ledger.books import NOW, names, rebalance, rewrite


def place(artifacts, name, parent=None, *, folder=None, at=0, **more):
    """Put a folder with only a manifest there, as fast as 10,000 of them need; its hash."""
    head = Head(
        **{
            "id": name,
            "kind": Kind.REBALANCE,
            "as_of": date(2024, 1, 31),
            "committed_at": NOW + timedelta(minutes=at),
            "plan_id": sha256(name.encode()),
            "parent": parent,
            "simulated": False,
            "approver": "Ada",
            "note": "month-end",
            "summary": {"regime": "uptrend_low_vol", "turnover": 0.2, "portfolio_value": 1e6},
            **more,
        }
    )
    content = manifest_bytes(
        Manifest(
            head=head, cash=CashMovement(), acknowledged=(), notes={}, code_version="", files={}
        )
    )
    (artifacts / (folder or name)).mkdir(parents=True)
    (artifacts / (folder or name) / "manifest.json").write_bytes(content)
    return Parent(name, sha256(content))


def severities(found):
    return [(f.severity.value, f.code, f.subject) for f in found.findings]


def test_nothing_is_an_empty_history(tmp_path):
    found = history(tmp_path / "not there")

    assert (found.entries, found.findings, found.newest) == ((), (), None)
    with pytest.raises(CommitNotFoundError, match="nothing has been committed yet"):
        found.entry("20240131")


def test_an_entry_says_what_was_committed(ledger):
    receipt = ledger.commit(rebalance(None, {"SPY": (1.0, 100.0)}, flow=200.0))
    entry = ledger.history.entry(receipt.commit_id)

    assert (entry.id, entry.kind, entry.as_of) == ("20240131", Kind.REBALANCE, date(2024, 1, 31))
    assert (entry.committed_at, entry.approver, entry.note) == (NOW, "Ada", "month-end")
    assert (entry.parent_id, entry.simulated) == (None, False)
    assert entry.summary["regime"] == "uptrend_low_vol"
    assert ledger.history.by_plan[receipt.plan_id] is not None


def test_many_commits_of_a_day_are_in_the_order_of_their_parents(tmp_path):
    parent = None
    for number in range(1, 13):
        name = "20240131" if number == 1 else f"20240131-{number}"
        parent = place(tmp_path, name, parent, at=-number)

    assert [e.id for e in history(tmp_path).entries] == [
        *(f"20240131-{number}" for number in range(12, 1, -1)),
        "20240131",
    ]


@settings(max_examples=40)
@given(st.permutations(range(8)), st.integers(0, 1_000_000))
def test_order_depends_on_parents_alone(tmp_path_factory, order, clock):
    folder = tmp_path_factory.mktemp("order")
    chain = [f"2024{1 + place_ % 12:02d}{1 + place_:02d}" for place_ in order]
    parent = None
    for position, name in enumerate(chain):
        parent = place(folder, name, parent, at=(position * clock) % 997)

    found = history(folder)
    assert [entry.id for entry in found.entries] == chain[::-1]
    assert found.findings == ()


# Folders that are not what they should be


def test_foreign_folders_and_files_are_not_commits(ledger):
    ledger.begin()
    (ledger.artifacts / "README.md").write_text("x")
    (ledger.artifacts / "notes").mkdir()
    (ledger.artifacts / "20231229").mkdir()
    (ledger.artifacts / "20231229" / "trades.csv").write_text("from before the history")
    (ledger.artifacts / ".hidden").mkdir()

    assert severities(ledger.history) == [
        ("info", "foreign_folder", "20231229"),
        ("info", "foreign_folder", "notes"),
    ]
    assert ledger.pay().commit_id == "20240131-2"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"schema": 1}',
        b'{"schema": 2}',
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b'{"note": "\\ud800"}',
    ],
)
def test_a_manifest_that_cannot_be_read_is_a_finding(ledger, content):
    ledger.begin()
    folder = ledger.artifacts / "20240229"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(content)

    assert severities(ledger.history) == [("block", "manifest_unreadable", "20240229")]
    assert len(ledger.history.entries) == 1


FIELDS = [
    ("kind", "merger"),
    ("kind", 3),
    ("as_of", "2024-02-30"),
    ("committed_at", "yesterday"),
    ("committed_at", "2024-01-31T22:00:00"),
    ("parent", {"id": 3}),
    ("parent", "20240131"),
    ("simulated", 0),
    ("summary", []),
    ("plan_id", None),
]


@pytest.mark.parametrize(("key", "value"), FIELDS)
def test_a_manifest_with_a_wrong_field_is_a_finding(tmp_path, key, value):
    place(tmp_path, "20240131")
    path = tmp_path / "20240131" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), key: value}))
    found = history(tmp_path)

    assert severities(found) == [("block", "manifest_unreadable", "20240131")]
    assert key in found.findings[0].message


def test_a_folder_in_place_of_a_manifest_is_a_finding(tmp_path):
    (tmp_path / "20240131" / "manifest.json").mkdir(parents=True)

    assert severities(history(tmp_path)) == [("block", "manifest_unreadable", "20240131")]


def test_a_commit_without_its_manifest_is_damaged_not_foreign(ledger):
    ledger.chain(2)
    (ledger.artifacts / "20240131" / "manifest.json").unlink()
    found = ledger.history

    assert ("warn", "manifest_missing", "20240131") in severities(found)
    assert ("block", "missing_parent", "20240201") in severities(found)
    assert "cannot be read" in next(f for f in found.findings if f.code == "missing_parent").message


def test_a_copied_folder_warns_and_a_renamed_one_blocks(ledger):
    ledger.chain(2)
    shutil.copytree(ledger.artifacts / "20240201", ledger.artifacts / "20240201 copy")
    assert severities(ledger.history) == [("warn", "folder_renamed", "20240201 copy")]

    shutil.rmtree(ledger.artifacts / "20240201")
    assert severities(ledger.history) == [("block", "folder_renamed", "20240201 copy")]
    with pytest.raises(DamagedHistoryError):
        ledger.commit(rebalance(holdings_after(ledger.artifacts, "20240131"), {}))


def test_two_children_of_one_parent_block_and_both_are_listed(tmp_path):
    first = place(tmp_path, "20240131")
    place(tmp_path, "20240229", first, at=2)
    place(tmp_path, "20240301", first, at=1)
    found = history(tmp_path)

    assert severities(found) == [("block", "two_children", "20240131")]
    assert [entry.id for entry in found.entries] == ["20240229", "20240301", "20240131"]
    assert found.blocks == found.findings


def test_a_missing_parent_blocks(tmp_path):
    place(tmp_path, "20240131")
    place(tmp_path, "20240301", Parent("20240229", "0" * 64), at=2)

    assert severities(history(tmp_path)) == [("block", "missing_parent", "20240301")]
    assert history(tmp_path).newest.id == "20240301"


def test_two_beginnings_block(tmp_path):
    place(tmp_path, "20240131")
    place(tmp_path, "20240229", at=1)

    assert severities(history(tmp_path)) == [("block", "second_beginning", "20240229")]


def test_a_circle_of_parents_is_never_the_newest(tmp_path):
    place(tmp_path, "20240131")
    place(tmp_path, "20240229", Parent("20240301", ""), at=1)
    place(tmp_path, "20240301", Parent("20240229", ""), at=2)
    found = history(tmp_path)

    assert found.newest.id == "20240131"
    assert ("block", "parent_circle", "20240229") in severities(found)


def test_a_commit_that_is_its_own_parent_is_a_finding(tmp_path):
    place(tmp_path, "20240131", Parent("20240131", ""))

    assert ("block", "parent_circle", "20240131") in severities(history(tmp_path))


def test_a_link_to_another_manifest_warns(tmp_path):
    place(tmp_path, "20240131")
    place(tmp_path, "20240229", Parent("20240131", "0" * 64))

    assert severities(history(tmp_path)) == [("warn", "broken_link", "20240229")]


@settings(max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["20240131", "20240131-2", "20240229", "x", "ü"]),
        st.one_of(
            st.binary(max_size=40),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                lambda inner: st.dictionaries(
                    st.sampled_from(["schema", "id", "kind", "parent", "summary", "as_of"]), inner
                ),
            ).map(lambda value: json.dumps(value).encode()),
        ),
    )
)
def test_no_content_of_a_manifest_crashes_the_reader(tmp_path_factory, folders):
    root = tmp_path_factory.mktemp("any")
    for name, content in folders.items():
        (root / name).mkdir()
        (root / name / "manifest.json").write_bytes(content)

    found = history(root)
    assert len(found.findings) == len(folders)
    assert all(f.severity is Severity.BLOCK for f in found.findings)


# The index


def test_the_index_gives_the_same_history(ledger):
    ledger.chain(3)
    index = ledger.state / INDEX_NAME
    indexed = history(ledger.artifacts, index=index)

    assert indexed.entries == ledger.history.entries
    assert (indexed.unindexed, ledger.history.unindexed) == (0, 3)


def test_a_changed_manifest_is_read_again(ledger):
    ledger.chain(3)
    path = ledger.artifacts / "20240201" / "manifest.json"
    status = path.stat()
    rewrite(path, path.read_bytes().replace(b"month-end", b"month-ond"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    found = history(ledger.artifacts, index=ledger.state / INDEX_NAME)

    assert found.entry("20240201").note == "month-ond"
    assert found.unindexed == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\n{}\n[]\n[1,2]\n" + b"[" * 50_000,
        b'["20240131",1,2,3,"x",{}]\n[3,1,2,3,"x",{}]\n["a",1,2,3,4,{}]\n["a",1,2,3,"b",[]]\n',
    ],
)
def test_a_damaged_index_is_ignored_and_made_anew(ledger, content):
    ledger.chain(2)
    index = ledger.state / INDEX_NAME
    index.write_bytes(content)

    assert history(ledger.artifacts, index=index).entries == ledger.history.entries
    ledger.pay()
    assert sorted(load_index(index)) == ["20240131", "20240131-2", "20240201"]


def test_an_index_that_talks_nonsense_of_an_unchanged_manifest_is_ignored(ledger):
    ledger.chain(2)
    index = ledger.state / INDEX_NAME
    lines = load_index(index)
    for content in ({}, {**lines["20240201"].content, "id": "20240131"}):
        save_index(index, [replace(lines["20240201"], content=content)])
        assert history(ledger.artifacts, index=index).entries == ledger.history.entries


def test_an_index_line_torn_by_a_power_cut_is_one_more_manifest_to_read(ledger):
    ledger.chain(3)
    index = ledger.state / INDEX_NAME
    index.write_bytes(index.read_bytes()[:-20])

    assert history(ledger.artifacts, index=index).unindexed == 1
    ledger.pay()
    assert history(ledger.artifacts, index=index).unindexed == 0


def test_readers_write_nothing(ledger):
    ledger.chain(2)
    (ledger.state / INDEX_NAME).unlink()
    ledger.holdings_path.unlink()
    before = ledger.bytes_on_disk()
    _ = ledger.book, ledger.findings, ledger.history, ledger.verify()
    history_stamp(ledger.artifacts)
    zip_commit(ledger.artifacts / "20240131")

    assert ledger.bytes_on_disk() == before


def test_the_stamp_changes_with_every_commit_and_every_change(ledger):
    stamps = [history_stamp(ledger.artifacts)]
    ledger.begin()
    stamps.append(history_stamp(ledger.artifacts))
    ledger.pay()
    stamps.append(history_stamp(ledger.artifacts))
    path = ledger.artifacts / "20240131" / "manifest.json"
    rewrite(path, path.read_bytes() + b" ")
    stamps.append(history_stamp(ledger.artifacts))
    path.unlink()
    stamps.append(history_stamp(ledger.artifacts))

    assert len(set(stamps)) == 5
    assert history_stamp(ledger.artifacts) == stamps[-1]


def test_ten_thousand_commits_are_one_history(tmp_path):
    first = place(tmp_path / "artifacts", "19900101")
    kept = json.loads((tmp_path / "artifacts" / "19900101" / "manifest.json").read_bytes())
    digest = first.manifest_sha256
    last = "19900101"
    for number in range(1, 10_000):
        name = f"{date(1990, 1, 1) + timedelta(days=number):%Y%m%d}"
        kept |= {"id": name, "parent": {"id": last, "manifest_sha256": digest}, "plan_id": name}
        content = json.dumps(kept).encode()
        (tmp_path / "artifacts" / name).mkdir()
        (tmp_path / "artifacts" / name / "manifest.json").write_bytes(content)
        digest, last = sha256(content), name
    found = history(tmp_path / "artifacts")
    save_index(tmp_path / INDEX_NAME, found.index_lines)
    again = history(tmp_path / "artifacts", index=tmp_path / INDEX_NAME)

    assert len(found.entries) == 10_000
    assert found.newest.id == last
    assert again.entries == found.entries
    assert (again.unindexed, found.findings, again.findings) == (0, (), ())


# One commit


def test_a_commit_is_read_with_all_its_files(ledger):
    ledger.chain(2)
    commit = read_commit(ledger.artifacts, "20240201")

    assert commit.id == "20240201"
    assert commit.findings == ()
    assert commit.json("inputs.json") == {"closes": {}}
    assert commit.json("trades.csv") is None
    assert commit.json("nothing.json") is None
    assert commit.holdings_before.commit_id == "20240131"
    assert commit.holdings_before.shares == {"SPY": 10.0}
    assert commit.holdings_after.shares == {"SPY": 11.0, "TLT": 2.0}
    assert [(s.ticker, s.action, s.delta) for s in commit.steps] == [
        ("SPY", "BUY", 1.0),
        ("TLT", "BUY", 2.0),
    ]
    assert holdings_after(ledger.artifacts, "20240201") == commit.holdings_after


@pytest.mark.parametrize("name", ["holdings_before.json", "holdings_after.json", "trades.csv"])
@pytest.mark.parametrize("content", [None, b"{}", b'{"schema": 1}'])
def test_a_damaged_commit_can_still_be_looked_at(ledger, name, content):
    ledger.chain(1)
    path = ledger.artifacts / "20240131" / name
    if content is None:
        path.unlink()
    else:
        rewrite(path, content)
    commit = read_commit(ledger.artifacts, "20240131")

    assert [f.code for f in commit.findings] == ["file_changed" if content else "file_missing"]
    with pytest.raises(DamagedHistoryError, match=name):
        _ = commit.holdings_before, commit.holdings_after, commit.steps


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "../artifacts/20240131", ".staging-1", "x"])
def test_an_id_from_a_link_cannot_leave_the_folder(ledger, name):
    ledger.begin()
    (ledger.artifacts / ".staging-1").mkdir()
    (ledger.artifacts / ".staging-1" / "manifest.json").write_text("{}")

    with pytest.raises(CommitNotFoundError):
        read_commit(ledger.artifacts, name)


def test_a_renamed_commit_is_read_and_says_so(ledger):
    ledger.begin()
    (ledger.artifacts / "20240131").rename(ledger.artifacts / "20240301")
    commit = read_commit(ledger.artifacts, "20240301")

    assert [f.code for f in commit.findings] == ["folder_renamed"]


def test_a_zip_has_every_file_and_is_the_same_bytes_each_time(ledger, tmp_path):
    receipt = ledger.begin(SPY=1.0)
    (receipt.folder / ".DS_Store").write_bytes(b"x")
    packed = zip_commit(receipt.folder)
    for path in receipt.folder.iterdir():
        os.utime(path, (0, 0))

    assert zip_commit(receipt.folder) == packed
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.namelist() == [
            f"20240131/{name}" for name in names(receipt.folder) if name != ".DS_Store"
        ]
        assert (
            archive.read("20240131/manifest.json")
            == (receipt.folder / "manifest.json").read_bytes()
        )
