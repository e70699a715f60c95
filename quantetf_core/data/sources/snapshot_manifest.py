"""``manifest.json`` of a snapshot: what it holds, where it came from, its hashes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from quantetf_core.encoding import canonical_json, readable_json, sha256
from quantetf_core.findings import Finding, Severity

MANIFEST = "manifest.json"
PRICES = "prices.parquet"
VIX = "vix.parquet"
CONTEXT = "context.parquet"

_SCHEMA = 1
_SEAL = "seal"


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last session with a value, and how many there are."""

    first: date
    last: date
    rows: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


def stamps(files: Mapping[str, bytes]) -> dict[str, Stamp]:
    """The stamp of each file, by its name."""
    return {name: Stamp(len(content), sha256(content)) for name, content in files.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a snapshot says of itself.

    Parameters
    ----------
    id
        Name of its folder: time and fingerprint.
    portfolio
        The portfolio it was made for.
    source
        Where the data came from, in words.
    created_at
        When it was written (UTC).
    parent
        Id of the portfolio's snapshot before it; empty for the first.
    fingerprint
        Of the market in it, as `MarketData.fingerprint` computes it.
    fields
        The panels there are. Without ``adj_close`` the source had one close only.
    sessions
        The first and last session of the panels, and how many there are.
    tickers
        Closes by ticker, sorted; None for one without any.
    vix
        Values of the VIX; None without any.
    findings
        What was noticed while fetching and against the parent.
    files
        Every other file of the folder.
    """

    id: str
    portfolio: str
    source: str
    created_at: datetime
    parent: str
    fingerprint: str
    fields: tuple[str, ...]
    sessions: Span
    tickers: Mapping[str, Span | None]
    vix: Span | None
    findings: tuple[Finding, ...] = ()
    files: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Closes in all."""
        return sum(span.rows for span in self.tickers.values() if span is not None)


def manifest_bytes(snapshot: Snapshot) -> bytes:
    """Encode and seal a manifest; the seal is the SHA-256 of everything else in it."""
    content = {
        "schema": _SCHEMA,
        "id": snapshot.id,
        "portfolio": snapshot.portfolio,
        "source": snapshot.source,
        "created_at": snapshot.created_at,
        "parent": snapshot.parent,
        "fingerprint": snapshot.fingerprint,
        "fields": snapshot.fields,
        "sessions": snapshot.sessions,
        "rows": snapshot.rows,
        "tickers": dict(snapshot.tickers),
        "vix": snapshot.vix,
        "findings": snapshot.findings,
        "files": dict(snapshot.files),
    }
    return readable_json({**content, _SEAL: sha256(canonical_json(content))})


def read_manifest(content: bytes) -> Snapshot:
    """Decode a manifest whose seal holds.

    Raises
    ------
    ValueError
        When the bytes are not a sealed manifest of a known schema.
    """
    try:
        source: dict[str, Any] = json.loads(content)
        seal = source.pop(_SEAL, None)
        if seal != sha256(canonical_json(source)):
            raise ValueError("its seal is broken: it was changed after it was written")
        if source["schema"] != _SCHEMA:
            raise ValueError(f"its schema, {source['schema']!r}, is not known here")
        return _snapshot(source)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is not a snapshot's manifest ({error})") from None


def _snapshot(source: dict[str, Any]) -> Snapshot:
    sessions = _span(source["sessions"])
    if sessions is None:
        raise ValueError("it names no session")
    return Snapshot(
        id=source["id"],
        portfolio=source["portfolio"],
        source=source["source"],
        created_at=datetime.fromisoformat(source["created_at"]),
        parent=source["parent"],
        fingerprint=source["fingerprint"],
        fields=tuple(source["fields"]),
        sessions=sessions,
        tickers={ticker: _span(span) for ticker, span in source["tickers"].items()},
        vix=_span(source["vix"]),
        findings=tuple(
            Finding(Severity(f["severity"]), f["code"], f["subject"], f["message"])
            for f in source["findings"]
        ),
        files={
            name: Stamp(stamp["size"], stamp["sha256"]) for name, stamp in source["files"].items()
        },
    )


def _span(value: dict[str, Any] | None) -> Span | None:
    if value is None:
        return None
    first, last = (date.fromisoformat(value[name]) for name in ("first", "last"))
    return Span(first, last, value["rows"])
