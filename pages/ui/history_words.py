"""Commits in the words a PM reads."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING

from pages.ui import format
from quantetf_core.desk import Contents, DecisionState

if TYPE_CHECKING:
    from quantetf_core.ledger import Commit

KINDS = {
    "rebalance": "Rebalance",
    "import": "Import",
    "reconcile": "Reconciliation",
    "revert": "Revert",
    "corporate_action": "Corporate action",
    "cash": "Cash",
    "mapping": "Regime mapping",
    "sent": "Sent to the broker",
    "lock": "Lock",
}
"""Kind of a commit → the word for it."""

STATES = {
    DecisionState.COMMITTED: "Committed",
    DecisionState.SENT: "Sent",
    DecisionState.PARTLY_FILLED: "Partly filled",
    DecisionState.RECONCILED: "Reconciled",
    DecisionState.REVERTED: "Reverted",
}
"""How far a decision has come, in a word or two."""

STATE_MEANS = {
    DecisionState.COMMITTED: "Confirmed and recorded. Nobody has said yet that the orders went to "
    "the broker; the book assumes that they are filled at the closes they were sized on.",
    DecisionState.SENT: "The orders went to the broker. No fills are recorded yet; the book "
    "assumes that they are filled at the closes they were sized on.",
    DecisionState.PARTLY_FILLED: "The book holds what was filled. The rest is open: it is not in "
    "the book until its fills are recorded.",
    DecisionState.RECONCILED: "What the broker did is in the book: its fills, or a count of the "
    "whole book since.",
    DecisionState.REVERTED: "This decision was undone by a later record, so its orders are not to "
    "be sent.",
}
"""What a state says of the orders and of the book."""

STATE = (
    "Of a rebalance: committed, sent to the broker, partly filled, reconciled with what the broker "
    "did, or reverted."
)

TURNOVER = (
    "One-way: half of everything bought and sold and of the change in cash, over the portfolio "
    "value after any deposit. Funding a book from cash is 100%."
)

_MONEY = {
    "cash_before": "Cash before",
    "sells": "Sells",
    "buys": "Buys",
    "costs": "Costs",
    "adjustment": "Other changes",
    "cash_after": "Cash after",
}


def kind(name: str) -> str:
    """The word for a kind; one this version does not know, as it stands."""
    return KINDS.get(name, name)


def state(name: str) -> str:
    """The word for a state; empty for none, as of a commit that decided nothing."""
    return STATES.get(DecisionState(name), name) if name else ""


def title(commit: Commit) -> str:
    """What the record is of."""
    head = commit.manifest.head
    return f"{kind(head.kind)}, {format.day(head.as_of)}"


def decided(commit: Commit, said: Contents) -> str:
    """What was done, in a sentence."""
    words = _DECIDED.get(str(commit.manifest.head.kind))
    return words(commit, said) if words else ""


def approved(commit: Commit) -> str:
    """By whom and when, in a sentence."""
    head = commit.manifest.head
    by = f"by {head.approver}" if head.approver.strip() else "without a name"
    return f"Approved {by} on {format.moment(head.committed_at)}."


def money_step(code: str, usd: float, *, fills: bool = False) -> str:
    """The label of a line of the cash identity; ``fills`` where a broker's fills moved it."""
    if code == "adjustment" and fills:
        return "Fills and their fees, against what was assumed"
    if code == "flow":
        return "Withdrawal" if usd < 0 else "Deposit"
    return _MONEY.get(code, code)


def source(said: Contents) -> str:
    """Where the prices came from."""
    return said.inputs["source"] or format.MISSING


def _rebalance(commit: Commit, said: Contents) -> str:
    regime = format.regime(said.regime) if said.regime else "Regime not recorded"
    what = [f"{regime}: {said.strategy or 'strategy not recorded'}"]
    if not math.isnan(said.num_trades):
        trades = format.count(int(said.num_trades), "trade")
        what.append(trades if said.num_trades else "no trades")
    what.append(f"{format.percent(said.turnover, places=0)} turnover")
    what.append(f"{format.money(commit.manifest.cash.costs, cents=True)} cost")
    return ", ".join(what) + "."


def _import(commit: Commit, said: Contents) -> str:
    held = format.count(max(len(said.after) - 1, 0), "position")
    origin = said.inputs["source"] or "a source that was not recorded"
    verb = "confirmed" if commit.manifest.head.kind == "reconcile" else "taken over"
    return f"Holdings {verb} from {origin}: {held} and {_cash_after(said)} cash."


def _reconcile(commit: Commit, said: Contents) -> str:
    """By fills, by settling a disputed position, by marking some, or by a count of the book."""
    summary = commit.manifest.head.summary
    if summary.get("decision"):
        return _fills(summary)
    if summary.get("disputed"):
        marked = ", ".join(map(str, summary["disputed"]))
        return f"{marked}: the broker counts otherwise ({summary.get('source')}); not traded."
    if summary.get("resolved"):
        return (
            "; ".join(
                f"{row.get('ticker')}: the {row.get('keep')}’s count holds"
                for row in summary["resolved"]
            )
            + "."
        )
    return _import(commit, said)


def _fills(summary: Mapping[str, object]) -> str:
    new = format.count(int(str(summary.get("new_fills") or 0)), "fill")
    lines, left = (int(str(summary.get(key) or 0)) for key in ("lines", "open_lines"))
    ordered = format.count(lines, "line")
    if not left:
        rest = f"all {ordered} filled" if lines > 1 else "the line is filled"
    elif summary.get("closed"):
        rest = f"{left} of {ordered} not filled, and closed"
    else:
        rest = f"{left} of {ordered} still open"
    return (
        f"{new} booked for {summary['decision']} from {summary.get('source') or format.MISSING}: "
        f"{rest}."
    )


def _revert(commit: Commit, said: Contents) -> str:  # noqa: ARG001 - one shape for all kinds
    what = kind(said.reverted_kind).lower() if said.reverted_kind else "commit"
    return f"Undoes the {what} {said.reverts or format.MISSING}: the book before it is restored."


def _cash(commit: Commit, said: Contents) -> str:
    moved = commit.manifest.cash
    amount = moved.costs if said.flow == "fee" else abs(moved.flow)
    what = (said.flow or "movement").capitalize()
    return f"{what} of {format.money(amount, cents=True)}; {_cash_after(said)} cash after it."


def _corporate_action(commit: Commit, said: Contents) -> str:  # noqa: ARG001
    return "; ".join(_action(row) for row in said.actions.to_dict("records")) or "No action named."


def _action(row: Mapping[Hashable, object]) -> str:
    split, dividend = float(str(row["split"])), float(str(row["dividend"]))
    if not math.isnan(dividend):
        return f"{row['ticker']}: dividend of {format.money(dividend, cents=True)}"
    lieu = float(str(row["cash_in_lieu"]))
    paid = "" if math.isnan(lieu) else f", {format.money(lieu, cents=True)} paid for the fraction"
    return f"{row['ticker']}: {format.number(split, places=4)} new shares for each old one{paid}"


def _sent(commit: Commit, said: Contents) -> str:  # noqa: ARG001
    summary = commit.manifest.head.summary
    file = f" ({summary['order_file']})" if summary.get("order_file") else ""
    return (
        f"The orders of {summary.get('decision') or format.MISSING} went to the broker: "
        f"{summary.get('how') or 'not said how'}{file}. The book stays as it is."
    )


def _lock(commit: Commit, said: Contents) -> str:  # noqa: ARG001
    summary = commit.manifest.head.summary
    locked = summary.get("locked")
    if not isinstance(locked, Mapping):
        return f"The lock of {summary.get('unlocked') or format.MISSING} was lifted."
    ends = f", until {locked['until']}" if locked.get("until") else ""
    rule = str(locked.get("rule") or "locked").replace("_", " ")
    return f"{locked.get('ticker')} was locked ({rule}{ends}): {locked.get('reason')}"


def _mapping(commit: Commit, said: Contents) -> str:  # noqa: ARG001
    return "The mapping of regimes to strategies was changed; the book stays as it was."


def _cash_after(said: Contents) -> str:
    return format.money(said.money[-1].usd, cents=True)


_DECIDED: dict[str, Callable[[Commit, Contents], str]] = {
    "rebalance": _rebalance,
    "import": _import,
    "reconcile": _reconcile,
    "revert": _revert,
    "cash": _cash,
    "corporate_action": _corporate_action,
    "mapping": _mapping,
    "sent": _sent,
    "lock": _lock,
}
