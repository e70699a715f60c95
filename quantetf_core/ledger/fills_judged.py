"""What only the whole list shows: the sign of its costs, its rounded prices, its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from quantetf_core.execution.fill_lines import Fill
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.broker_text import name_of
from quantetf_core.ledger.fills_columns import CASH_EFFECT, FillsColumn
from quantetf_core.ledger.fills_layout import Table
from quantetf_core.ledger.fills_rows import Draft, Ignored
from quantetf_core.ledger.fills_times import DayOrder, open_order
from quantetf_core.units import to_cents

_LISTED = 12
_FEE_ROUNDING = 0.01


@dataclass(slots=True)
class Judgement:
    """Fills, with what is worth knowing of how they were understood, or why they cannot be."""

    fills: list[Fill] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def judged(table: Table, drafts: Sequence[Draft], source: str) -> Judgement:
    """Fills of the drafts: costs above 0, prices that lead to the amounts the file states."""
    said = Judgement()
    signs = {
        column: _sign(table, drafts, column, source, said)
        for column in (FillsColumn.COMMISSION, FillsColumn.FEES)
    }
    rounded, disagree = [], []
    for draft in drafts:
        costs = (
            draft.commission * signs[FillsColumn.COMMISSION],
            draft.fees * signs[FillsColumn.FEES],
        )
        price, agrees = _price(draft, sum(costs))
        if price != draft.price:
            rounded.append(draft.line)
        if not agrees:
            disagree.append(draft.line)
        said.fills.append(
            Fill(
                ticker=draft.ticker,
                shares=draft.shares,
                price=price,
                fees=round(sum(costs), 10),
                time=draft.time.time if draft.time else None,
                order_id=draft.order_id,
            )
        )
    header = table.columns.get(FillsColumn.AMOUNT, "")
    if rounded:
        message = (
            f"on {lines(rounded)} the price is rounded; the one that leads to {header} is used"
        )
        said.findings.append(Finding(Severity.INFO, "price_from_amount", source, message))
    if disagree:
        message = (
            f"on {lines(disagree)} shares × price and the costs do not make {header}; shares, "
            "price and costs are used"
        )
        said.findings.append(Finding(Severity.WARN, "amount_disagrees", source, message))
    if FillsColumn.SIDE not in table.places and all(draft.shares > 0 for draft in drafts):
        message = "no column says bought or sold and no count is below 0: all were read as bought"
        said.findings.append(Finding(Severity.WARN, "all_bought", source, message))
    return said


def about_lines(table: Table, ignored: Sequence[Ignored], source: str) -> list[Finding]:
    """What was left out, by reason."""
    found = []
    by_reason = sorted(ignored, key=lambda entry: (entry.reason, entry.line))
    for reason, entries in groupby(by_reason, key=lambda entry: entry.reason):
        message = f"left out: {lines([entry.line for entry in entries])} ({reason})"
        found.append(Finding(Severity.INFO, "lines_left_out", source, message))
    if table.other_lines:
        message = f"left out: {lines(table.other_lines)} (not of the table of fills)"
        found.append(Finding(Severity.INFO, "lines_left_out", source, message))
    return found


def about_times(
    drafts: Sequence[Draft], cells: Iterable[str], order: DayOrder | None, source: str
) -> list[Finding]:
    """Which clock the times are of, and in which order day and month were read."""
    read = [draft.time for draft in drafts if draft.time is not None]
    said = {
        "no_times": "it has no date or time of some fills" if len(read) < len(drafts) else "",
        "exchange_time": (
            "times without a zone were read as New York’s"
            if any(r.zone_assumed for r in read)
            else ""
        ),
        "day_only": (
            "some fills have a date but no time of day" if any(r.day_only for r in read) else ""
        ),
    }
    unsure = [cell for cell in cells if open_order(cell)] if order is None else []
    if any("." in cell.split()[0] for cell in unsure):
        said["day_first"] = "dates such as 3.4.2024 were read with the day first"
    if any("." not in cell.split()[0] for cell in unsure):
        said["month_first"] = "dates such as 3/4/2024 were read with the month first"
    return [Finding(Severity.INFO, code, source, text) for code, text in said.items() if text]


def lines(numbers: Sequence[int]) -> str:
    """Line numbers in words.

    Examples
    --------
    >>> lines([3]), lines([3, 4, 5, 9])
    ('line 3', 'lines 3–5, 9')
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    said = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    more = f" and {len(said) - _LISTED} more places" if len(said) > _LISTED else ""
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(said[:_LISTED])}{more}"


def _sign(
    table: Table, drafts: Sequence[Draft], column: FillsColumn, source: str, said: Judgement
) -> int:
    """+1 where the column has costs above 0, −1 where below; both is a problem, or a rebate."""
    above = [draft.line for draft in drafts if _cost(draft, column) > 0]
    below = [draft.line for draft in drafts if _cost(draft, column) < 0]
    if not (above or below):
        return 1
    header = table.columns[column]
    is_effect = name_of(header) in CASH_EFFECT
    if above and below and is_effect:
        message = f"{header} is above 0 on {lines(above)}: read as a rebate"
        said.findings.append(Finding(Severity.INFO, "rebate", source, message))
    elif above and below:
        said.problems.append(
            f"column {header}: above 0 on {lines(above)}, below 0 on {lines(below)}; accepted: one "
            "sign for all costs"
        )
    elif above and is_effect:
        message = f"{header} is above 0 on every line, where below 0 is usual: read as costs"
        said.findings.append(Finding(Severity.WARN, "cost_sign", source, message))
    return -1 if below else 1


def _cost(draft: Draft, column: FillsColumn) -> float:
    return draft.commission if column is FillsColumn.COMMISSION else draft.fees


def _price(draft: Draft, costs: float) -> tuple[float, bool]:
    """The price to use, and whether the amount stated agrees with it.

    An amount is what the fill did to cash, or shares × price alone; which of them is tried. Where
    the price is rounded, the amount is the more exact of the two.
    """
    if draft.amount is None or draft.amount == 0:
        return draft.price, True
    shares, amount = abs(draft.shares), abs(draft.amount)
    gross = shares * draft.price
    room = 0.5 * 10.0**-draft.price_places * shares + _FEE_ROUNDING
    net_of_costs = amount - costs if draft.shares > 0 else amount + costs
    for stated in (net_of_costs, amount):
        if to_cents(stated) == to_cents(gross):
            return draft.price, True
    if abs(net_of_costs - gross) <= room and net_of_costs > 0:
        return round(net_of_costs, 2) / shares, True
    return draft.price, abs(amount - gross) <= room
