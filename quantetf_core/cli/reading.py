"""``history``, ``show``, ``compare`` and ``verify``: what was decided, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from quantetf_core import desk
from quantetf_core.cli import REFUSED, words
from quantetf_core.cli.asked import Filter
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import (
    Shown,
    finding_parts,
    grid,
    overlay_parts,
    records,
    simulated_parts,
)
from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.findings import Finding
from quantetf_core.ledger import Commit, History, Kind
from quantetf_core.ledger.compare import Comparison, Facts
from quantetf_core.regime.types import REGIME_LABELS

_STEPS = {
    "cash_before": "Cash before",
    "flow": "Deposit or withdrawal",
    "sells": "Sells",
    "buys": "Buys",
    "costs": "Costs",
    "adjustment": "Adjustment",
    "cash_after": "Cash after",
}


def history(session: Session, wanted: Filter) -> None:
    """The newest commits that are wanted."""
    kinds = _accepted("--kind", wanted.kind, [str(kind) for kind in Kind])
    regimes = _accepted("--regime", wanted.regime, list(REGIME_LABELS))
    portfolio = session.open()
    with session.working("Reading the history ..."):
        found = desk.history(portfolio)
        asked = desk.Wanted(since=wanted.since, kinds=kinds, regimes=regimes)
        table = desk.matching(desk.history_table(found), asked)
    shown = table.head(wanted.limit)
    facts = [found.by_id[commit_id].head for commit_id in shown["id"]]
    session.say(
        _history_parts(shown, len(table), found),
        matching=len(table),
        commits=facts,
        findings=found.findings,
    )


def show(session: Session, commit_id: str) -> None:
    """Everything one commit says."""
    portfolio = session.open()
    commit = desk.read(portfolio, session.commit_id(desk.history(portfolio), commit_id))
    said = desk.contents(commit)
    session.document["simulated"] = commit.manifest.head.simulated
    session.say(_commit_parts(commit, said), commit=_commit_facts(commit, said))


def compare(session: Session, first: str, second: str) -> None:
    """Two commits side by side."""
    portfolio = session.open()
    found = desk.history(portfolio)
    pair = desk.compare(
        portfolio, session.commit_id(found, first), session.commit_id(found, second)
    )
    facts = {
        "first": pair.first,
        "second": pair.second,
        "weights": records(pair.weights),
        "trades": records(pair.trades),
        "money": records(pair.money),
    }
    session.say(_comparison_parts(pair), comparison=facts)


def verify(session: Session, commit_id: str | None) -> int:
    """Walk the history, or look at one commit; 1 when something does not hold."""
    portfolio = session.open()
    if commit_id is not None:
        name = session.commit_id(desk.history(portfolio), commit_id)
        findings = desk.verify_commit(portfolio, name)
        verdict = f"{name} holds." if not findings else f"{name} does not hold."
        session.say(_verdict_parts(verdict, findings), checked=1, findings=findings)
        return REFUSED if findings else 0
    with session.working("Verifying every commit ..."):
        found = desk.verify(portfolio)
    verdict = f"{words.count(found.checked, 'commit')}, every link holds."
    if not found.ok:
        verdict = f"The first link that does not hold: {found.first_bad_link}."
    session.say(
        _verdict_parts(verdict, found.findings),
        checked=found.checked,
        first_bad_link=found.first_bad_link,
        findings=found.findings,
    )
    return 0 if found.ok else REFUSED


def _accepted(option: str, given: str | None, names: list[str]) -> tuple[str, ...]:
    if given is None:
        return ()
    if given not in names:
        accepted = f"one of {', '.join(names)}{did_you_mean(given, names)}"
        raise InvalidValueError(option, given, accepted)
    return (given,)


# --- text -----------------------------------------------------------------------------------


def _history_parts(shown: pd.DataFrame, matching: int, found: History) -> Iterator[Part]:
    yield from finding_parts(found.findings)
    if shown.empty:
        yield Line("No commit matches." if found.entries else "Nothing has been committed yet.")
        return
    title = f"{len(shown):,} of {words.count(matching, 'commit')}, newest first"
    prices = shown["simulated"].map({True: "simulated", False: "market"})
    yield grid(title, shown.assign(prices=prices), _ENTRIES)


def _commit_parts(commit: Commit, said: desk.Contents) -> Iterator[Part]:
    head = commit.manifest.head
    yield from simulated_parts(head.simulated)
    yield Line(f"{head.id}: {head.kind} as of {head.as_of}", "bold")
    yield Line(f"Committed  {head.committed_at.isoformat()} by {head.approver or 'nobody named'}")
    yield Line(f"On         {head.parent.id if head.parent else 'no commit: the first'}")
    if head.note:
        yield Line(f"Note       {head.note}")
    summary = head.summary
    if summary.get("decision"):
        how = f": {summary['how']}" if summary.get("how") else ""
        yield Line(f"Decision   {summary['decision']}{how}")
    if said.regime:
        label = REGIME_LABELS.get(said.regime, said.regime)
        yield Line(f"Regime     {label}, {said.days_in_regime} sessions")
        yield Line(f"Strategy   {said.strategy}: {said.rationale}")
    if said.weighting:
        yield Line(f"Weights    {said.weighting}")
    yield from overlay_parts(said.overlays)
    yield from finding_parts(commit.findings)
    yield from finding_parts(said.findings)
    for entry in commit.manifest.acknowledged:
        yield Line(f"Acknowledged {entry.finding.code}: {entry.note}")
    yield grid("Trades", said.trades, _TRADES)
    yield grid("Held after", said.after, _BOOK)
    yield Grid(
        "Cash (the last line is the sum)",
        [Column("Step"), Column("USD", right=True)],
        [(_STEPS[step.code], words.usd(step.usd)) for step in said.money],
    )
    yield Line("")
    yield Line(f"Plan id {head.plan_id}", "dim")
    yield Line(f"Folder  {commit.folder}", "dim")


def _commit_facts(commit: Commit, said: desk.Contents) -> dict[str, Any]:
    manifest = commit.manifest
    return {
        "manifest": {**_fields(manifest), "sha256": commit.manifest_sha256},
        "folder": str(commit.folder),
        "integrity": commit.findings,
        "result": commit.json("rebalance_result.json"),
        "trades": records(said.trades),
        "before": records(said.before),
        "after": records(said.after),
        "money": [step._asdict() for step in said.money],
    }


def _fields(manifest: object) -> dict[str, Any]:
    from quantetf_core.encoding import plain

    fields: dict[str, Any] = plain(manifest)
    return fields


def _comparison_parts(pair: Comparison) -> Iterator[Part]:
    sides = (pair.first, pair.second)
    yield from simulated_parts(any(side.simulated for side in sides))
    columns = [Column(""), Column(pair.first.id, right=True), Column(pair.second.id, right=True)]
    yield Grid("Decision", columns, [(label, *map(of, sides)) for label, of in _FACTS.items()])
    apart = Shown("difference_bps", "Difference, bps", words.places(0, signed=True))
    yield grid("Weights after", pair.weights, (*_sides(pair, words.percent), apart))
    yield grid("Shares traded", pair.trades, _sides(pair, _signed, "{}_shares"))
    steps = pair.money.assign(ticker=pair.money["code"].map(_STEPS))
    moved = Shown("difference", "Difference", words.change)
    yield grid("Cash", steps, (*_sides(pair, words.usd), moved))
    yield Line("")
    for side in sides:
        yield from finding_parts(side.findings)


def _sides(pair: Comparison, of: Callable[[Any], str], name: str = "{}") -> tuple[Shown, ...]:
    return (
        Shown("ticker", ""),
        Shown(name.format("first"), pair.first.id, of),
        Shown(name.format("second"), pair.second.id, of),
    )


def _signed(count: float) -> str:
    return words.shares(count, signed=True)


def _verdict_parts(verdict: str, findings: tuple[Finding, ...]) -> Iterator[Part]:
    yield Line(verdict, "bold")
    yield from finding_parts(findings)


_ENTRIES = (
    Shown("id", "Id"),
    Shown("as_of", "Session", words.day),
    Shown("kind", "Kind"),
    Shown("state", "State", words.phrase),
    Shown("regime", "Regime"),
    Shown("strategy", "Strategy"),
    Shown("num_trades", "Trades", words.places(0)),
    Shown("turnover", "Turnover", words.percent),
    Shown("value", "Value", words.usd),
    Shown("prices", "Prices"),
    Shown("approver", "Approver", wraps=True),
    Shown("note", "Note", wraps=True),
)

_TRADES = (
    Shown("action", "Action"),
    Shown("ticker", "Ticker"),
    Shown("shares_delta", "Change", _signed),
    Shown("target_shares", "After", words.shares),
    Shown("price", "Price", words.usd),
    Shown("notional_value", "Notional", words.usd),
    Shown("cost", "Cost", words.usd),
    Shown("reason", "Reason", wraps=True),
)

_BOOK = (
    Shown("ticker", "Ticker"),
    Shown("shares", "Shares", words.shares),
    Shown("price", "Price", words.usd),
    Shown("value", "Value", words.usd),
    Shown("weight", "Weight", words.percent),
)

_FACTS: Mapping[str, Callable[[Facts], str]] = {
    "Kind": lambda side: str(side.kind),
    "Session": lambda side: str(side.as_of),
    "Regime": lambda side: side.regime or words.MISSING,
    "Strategy": lambda side: side.strategy or words.MISSING,
    "Value after": lambda side: words.usd(side.value),
    "Trades": lambda side: words.number(side.num_trades, places=0),
    "Turnover": lambda side: words.percent(side.turnover, places=1),
    "Costs": lambda side: words.usd(side.costs),
    "Approver": lambda side: side.approver or words.MISSING,
}
