"""What a request must be before anything is written, and the files it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from quantetf_core.data.quality.record import OVERRIDABLE
from quantetf_core.encoding import canonical_json
from quantetf_core.errors import ApprovalError, ChecksBlockError, InvalidValueError
from quantetf_core.findings import Finding, override_key
from quantetf_core.ledger.book import book_bytes
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.fold import (
    adjustments_csv,
    fold_problems,
    kind_problems,
    read_steps,
)
from quantetf_core.ledger.record import (
    HOLDINGS_AFTER,
    HOLDINGS_BEFORE,
    MANIFEST,
    TRADES,
    CommitRequest,
    Kind,
)

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}", re.ASCII)
_TEXTS = (
    "approver",
    "note",
    "notes",
    "overrides",
    "summary",
    "warnings",
    "plan_id",
    "code_version",
    "holdings_after",
)
_OURS = (HOLDINGS_BEFORE, HOLDINGS_AFTER, MANIFEST)


def admit(request: CommitRequest) -> None:
    """Refuse a request that no history may take.

    Raises
    ------
    ChecksBlockError, ApprovalError, InvalidValueError
        As described at `quantetf_core.ledger.commit.commit`.
    """
    left = final_blocks(request.blocks, request.overrides)
    if left:
        raise ChecksBlockError(left)
    _approved(request)
    _well_formed(request)
    _folds(request)


def final_blocks(blocks: Iterable[Finding], overrides: Mapping[str, str]) -> tuple[Finding, ...]:
    """The blocks that nobody has given a reason to override, or that nobody may."""
    return tuple(
        block
        for block in blocks
        if block.code not in OVERRIDABLE or not overrides.get(override_key(block), "").strip()
    )


def contents(request: CommitRequest) -> dict[str, bytes]:
    """Every file of the commit but its manifest, by name."""
    written = {
        HOLDINGS_BEFORE: book_bytes(request.holdings_before),
        HOLDINGS_AFTER: book_bytes(request.holdings_after),
    }
    if TRADES not in request.files:
        written[TRADES] = adjustments_csv(request.holdings_before, request.holdings_after)
    return {**request.files, **written}


def _approved(request: CommitRequest) -> None:
    if not request.warnings and not request.blocks:
        return
    missing = [] if request.approver.strip() else ["the approver's name"]
    codes = sorted({warning.code for warning in request.warnings})
    missing += [
        f"a note on the warning {code}" for code in codes if not request.notes.get(code, "").strip()
    ]
    if missing:
        raise ApprovalError(f"it needs {' and '.join(missing)}")


def _well_formed(request: CommitRequest) -> None:
    if not request.plan_id:
        raise InvalidValueError("plan_id", request.plan_id, "the id of the plan confirmed")
    for name in request.files:
        if not _FILE_NAME.fullmatch(name) or name in _OURS:
            accepted = f"a plain name of letters, digits, '_', '-' and '.', none of {_OURS}"
            raise InvalidValueError("file name", name, accepted)
    try:
        canonical_json([getattr(request, name) for name in _TEXTS])
    except UnicodeEncodeError as error:
        found = error.object[max(error.start - 10, 0) : error.end]
        raise InvalidValueError("text", found, "text without half characters") from None


def _folds(request: CommitRequest) -> None:
    if request.kind is Kind.REBALANCE and TRADES not in request.files:
        raise InvalidValueError("files", sorted(request.files), f"{TRADES} among them")
    if request.kind is Kind.REBALANCE and request.cash.adjustment:
        raise InvalidValueError("cash.adjustment", request.cash.adjustment, "0 for a rebalance")
    before, after = request.holdings_before, request.holdings_after
    try:
        steps = read_steps(request.files.get(TRADES) or adjustments_csv(before, after))
    except MalformedError as error:
        raise InvalidValueError(TRADES, str(error), "the contract's columns, readable") from error
    problems = fold_problems(before, after, steps, request.cash)
    if problems := (*problems, *kind_problems(request.kind, before, after)):
        accepted = "the book before, plus the trades listed, less what they cost"
        raise InvalidValueError("holdings_after", "; ".join(problems), accepted)
