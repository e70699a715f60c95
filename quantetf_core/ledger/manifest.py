"""``manifest.json``: what a commit is, and the hashes that chain it to the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from quantetf_core.encoding import canonical_json, plain, readable_json, sha256
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import fields
from quantetf_core.ledger.record import CashMovement, Kind

SCHEMA = 1
_SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Parent:
    """The commit this one was made on, and the SHA-256 its manifest had then."""

    id: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A warning, or a block overridden, and what the approver wrote to it."""

    finding: Finding
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What History lists of a commit."""

    id: str
    kind: Kind
    as_of: date
    committed_at: datetime
    plan_id: str
    parent: Parent | None
    simulated: bool
    approver: str
    note: str
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole manifest.

    ``files`` maps every other file of the folder to its SHA-256; ``notes`` is the approver's note
    per finding code.
    """

    head: Head
    cash: CashMovement
    acknowledged: tuple[Acknowledged, ...]
    notes: Mapping[str, str]
    code_version: str
    files: Mapping[str, str]


def manifest_bytes(manifest: Manifest) -> bytes:
    """Encode and seal a manifest.

    The seal is the SHA-256 of the canonical JSON of everything else in it: it shows damage to the
    newest manifest, which no later commit vouches for yet.
    """
    head = manifest.head
    content = {
        "schema": SCHEMA,
        "id": head.id,
        "kind": head.kind,
        "as_of": head.as_of,
        "committed_at": head.committed_at,
        "plan_id": head.plan_id,
        "parent": head.parent,
        "simulated": head.simulated,
        "approver": head.approver,
        "note": head.note,
        "notes": dict(manifest.notes),
        "acknowledged": [
            {**plain(entry.finding), "note": entry.note} for entry in manifest.acknowledged
        ],
        "cash": manifest.cash,
        "summary": dict(head.summary),
        "code_version": manifest.code_version,
        "files": dict(sorted(manifest.files.items())),
    }
    return readable_json({**content, _SEAL: sha256(canonical_json(content))})


def seal_problem(content: bytes) -> str | None:
    """What is wrong with a manifest's own bytes, or None.

    Every byte counts: the bytes must be the ones this version would write for what they say.
    """
    try:
        source = fields.read_object(content)
        again = readable_json(source)
    except ValueError as error:
        return f"the manifest cannot be read: {error}"
    if again != content:
        return "the manifest is not written the way it was sealed"
    seal = source.pop(_SEAL, None)
    return None if seal == sha256(canonical_json(source)) else "the manifest's seal is broken"


def read_manifest(content: bytes) -> Manifest:
    """Decode a manifest; its seal is checked by `seal_problem`, not here.

    Raises
    ------
    MalformedError
        When the bytes are not a manifest of a known schema.
    """
    source = fields.read_object(content)
    head = read_head(source)
    cash = fields.mapping(source, "cash")
    try:
        return Manifest(
            head=head,
            cash=CashMovement(**{name: fields.number(cash, name) for name in _CASH}),
            acknowledged=tuple(_acknowledged(row) for row in fields.rows(source, "acknowledged")),
            notes=_texts(source, "notes"),
            code_version=fields.text(source, "code_version"),
            files=_texts(source, "files"),
        )
    except ValueError as error:
        raise fields.MalformedError(str(error)) from error


def read_head(source: dict[str, Any]) -> Head:
    """The part of a parsed manifest that History lists.

    Raises
    ------
    MalformedError
        When a field is missing or wrong, or the schema is not known.
    """
    if source.get("schema") != SCHEMA:
        raise fields.MalformedError(f"schema {source.get('schema')!r} is not known here")
    kind = fields.text(source, "kind")
    if kind not in _KINDS:
        raise fields.MalformedError(f"kind {kind!r} is not known here")
    return Head(
        id=fields.text(source, "id"),
        kind=_KINDS[kind],
        as_of=fields.day(source, "as_of"),
        committed_at=fields.moment(source, "committed_at"),
        plan_id=fields.text(source, "plan_id"),
        parent=_parent(source),
        simulated=fields.flag(source, "simulated"),
        approver=fields.text(source, "approver"),
        note=fields.text(source, "note"),
        summary=fields.mapping(source, "summary"),
    )


HEAD_KEYS = (
    "schema",
    "id",
    "kind",
    "as_of",
    "committed_at",
    "plan_id",
    "parent",
    "simulated",
    "approver",
    "note",
    "summary",
)
"""Keys of a manifest that `read_head` reads."""

_KINDS = {str(kind): kind for kind in Kind}
_CASH = ("flow", "sells", "buys", "costs", "adjustment")


def _parent(source: dict[str, Any]) -> Parent | None:
    if source.get("parent") is None:
        return None
    parent = fields.mapping(source, "parent")
    try:
        return Parent(fields.text(parent, "id"), fields.text(parent, "manifest_sha256"))
    except fields.MalformedError as error:
        raise fields.MalformedError(f"parent: {error}") from None


def _acknowledged(row: dict[str, Any]) -> Acknowledged:
    return Acknowledged(
        finding=Finding(
            Severity(fields.text(row, "severity")),
            fields.text(row, "code"),
            fields.text(row, "subject"),
            fields.text(row, "message"),
        ),
        note=fields.text(row, "note"),
    )


def _texts(source: dict[str, Any], key: str) -> dict[str, str]:
    found = fields.mapping(source, key)
    return {name: fields.text(found, name) for name in found}
