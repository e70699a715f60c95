"""``status``, ``monitor`` and ``check-config``: how things stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from quantetf_core import desk
from quantetf_core.cli import REFUSED, words
from quantetf_core.cli.screen import Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import finding_parts, indicators, simulated_parts
from quantetf_core.data.market import MarketData
from quantetf_core.errors import ConfigError, ConfigProblem
from quantetf_core.regime.analysis import Distance
from quantetf_core.regime.types import REGIME_LABELS


def status(session: Session) -> None:
    """A portfolio at one glance; a failure only where it cannot be looked at."""
    portfolio = session.open()
    market = session.market(portfolio)
    with session.working("Looking at the book ..."):
        seen = desk.overview(portfolio, market, now=session.now)
    session.say(_status_parts(portfolio, market, seen), **_status_facts(portfolio, market, seen))


def monitor(session: Session, *, as_of: date | None, record: bool) -> None:
    """The regime of a session, recorded unless told otherwise."""
    portfolio = session.open()
    market = session.market(portfolio)
    found = desk.monitor(portfolio, market, now=session.now, as_of=as_of, record=record)
    session.say(_monitor_parts(found), regime=regime_facts(found))


def check_config(session: Session) -> int:
    """Every problem of one portfolio's files, or of the workspace; 1 if there is one."""
    root, name = session.root, session.common.portfolio
    files = sorted(path.relative_to(root).as_posix() for path in root.glob("configs/**/*.yaml"))
    problems: tuple[ConfigProblem, ...] = ()
    if name is None:
        problems = desk.config_problems(root)
    else:
        try:
            files = [file for file, _ in session.open().settings.texts]
        except ConfigError as error:
            problems = error.problems
    session.say(_problem_parts(files, problems), files=files, problems=problems)
    return REFUSED if problems else 0


def regime_facts(found: desk.RegimeReading) -> dict[str, Any]:
    """A regime reading as plain JSON."""
    return {
        **found.state.to_dict(),
        "label": found.state.label,
        "requested_date": found.requested,
        "days_in_regime": found.days,
        "previous_regime": found.previous,
        "changed_this_session": found.flipped,
        "on_record_before": None if found.on_record is None else found.on_record.to_dict(),
        "changed_since_record": found.changed,
        "recorded": found.recorded,
        "distance": found.distance,
        "thresholds": found.thresholds,
    }


def _status_facts(
    portfolio: desk.Portfolio, market: MarketData, seen: desk.Overview
) -> dict[str, Any]:
    book, newest = seen.book, seen.newest
    return {
        "title": portfolio.title,
        "source": market.source,
        "clock": portfolio.settings.config.clock,
        "last_session": seen.market.latest,
        "clock_session": seen.market.clock_session,
        "age_sessions": seen.market.age,
        "fresh": seen.fresh,
        "regime": regime_facts(seen.regime),
        "book": None
        if book is None
        else {
            "value": seen.value,
            "cash": book.cash,
            "positions": len(book.positions),
            "as_of": book.as_of,
            "basis": book.basis,
        },
        "commits": seen.commits,
        "last_commit": None if newest is None else newest.head,
        "due": seen.due,
        "next_due": seen.market.next_due,
        "findings": seen.findings,
        "config_problems": seen.problems,
    }


def _status_parts(
    portfolio: desk.Portfolio, market: MarketData, seen: desk.Overview
) -> Iterator[Part]:
    yield from simulated_parts(market.simulated)
    yield Line(f"{portfolio.title} ({portfolio.name})", "bold")
    yield Line(f"Data         {market.source}")
    yield Line(f"Last session {seen.market.latest.date()}, {_age(seen)}")
    regime = seen.regime
    yield Line(
        f"Regime       {regime.state.label}, {_duration(regime)} ({indicators(regime.state)})"
    )
    yield Line(f"Book         {_book(seen)}")
    yield Line(f"Last commit  {_newest(seen)}")
    if seen.due:
        yield Line(f"Due now      the schedule asks for a rebalance at {seen.market.latest.date()}")
    session, reason = seen.market.next_due.session, seen.market.next_due.reason
    yield Line(f"Next due     {reason if session is None else f'{session.date()}: {reason}'}")
    yield from finding_parts(seen.findings)
    if seen.problems:
        many = words.count(len(seen.problems), "configuration problem")
        yield Line(f"Warning: {many}; check-config lists them", "yellow")


def _age(seen: desk.Overview) -> str:
    if seen.market.age == 0:
        return "up to date"
    old = f"{words.count(seen.market.age, 'session')} old"
    return old if seen.fresh else f"{old}: more than this portfolio accepts"


def _duration(found: desk.RegimeReading) -> str:
    return f"for {words.count(found.days, 'session')}"


def _book(seen: desk.Overview) -> str:
    book = seen.book
    if book is None:
        return "none yet"
    value = words.usd(seen.value) if seen.value is not None else "no value"
    held = words.count(len(book.positions), "position")
    basis = str(book.basis).replace("_", " ")
    return f"{value}: {held}, {words.usd(book.cash)} cash; shares {basis}, as of {book.as_of}"


def _newest(seen: desk.Overview) -> str:
    newest = seen.newest
    if newest is None:
        return "none yet"
    by = f" by {newest.approver}" if newest.approver else ""
    number = words.count(seen.commits, "commit")
    return f"{newest.id}, {newest.kind} as of {newest.as_of}{by} ({number} in all)"


def _monitor_parts(found: desk.RegimeReading) -> Iterator[Part]:
    yield from simulated_parts(found.simulated)
    asked = "" if found.session == found.requested else f" (asked for {found.requested})"
    yield Line(f"{found.state.label}, session {found.session}{asked}", "bold")
    yield Line(f"Indicators  {indicators(found.state)}")
    before = REGIME_LABELS.get(found.previous or "", "")
    after = f" after {before}" if before else ""
    yield Line(f"Lasting     {_duration(found)}{after}")
    yield Line(f"Trend       {_distance(found.distance.trend, 'SPY')}")
    yield Line(f"Volatility  {_distance(found.distance.vol, 'VIX')}")
    yield from _change(found)
    yield Line(_recorded(found))


def _distance(distance: Distance | None, what: str) -> str:
    if distance is None:
        return "not known"
    to = distance.to.replace("_vol", " volatility")
    move = f"{words.number(distance.points, signed=True)}"
    part = words.percent(distance.fraction, places=1, signed=True)
    return f"turns to {to} beyond {what} {words.number(distance.level)}: a move of {move} ({part})"


def _change(found: desk.RegimeReading) -> Iterator[Part]:
    if found.changed and found.on_record is not None:
        before = f"{found.on_record.label} was recorded for {words.day(found.on_record.as_of)}"
        yield Line(f"The regime changed: {before}.", "yellow")
    elif found.flipped:
        yield Line("The regime changed at this session.", "yellow")
    else:
        yield Line("The regime did not change.")


def _recorded(found: desk.RegimeReading) -> str:
    if not found.recorded:
        return "Dry run: nothing was written."
    if found.newer_on_record:
        return "Recorded in the history; the current regime on record is of a later session."
    return "Recorded."


def _problem_parts(files: list[str], problems: tuple[ConfigProblem, ...]) -> Iterator[Part]:
    for problem in problems:
        yield Line(str(problem))
    checked = words.count(len(files), "file")
    yield Line(
        f"{checked}, {words.count(len(problems), 'problem') if problems else 'no problems'}",
        "bold",
    )
