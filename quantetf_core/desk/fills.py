"""What brokers say of a decision's orders: their files read, and what is recorded of them."""

from __future__ import annotations

from collections.abc import Mapping

from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.reconciling import fills_so_far, ordered_lines
from quantetf_core.desk.records import history
from quantetf_core.execution.fills import FillReport, fill_report
from quantetf_core.ledger import decisions
from quantetf_core.ledger.fills_csv import BrokerFills
from quantetf_core.ledger.fills_csv import fills_template as template_of
from quantetf_core.ledger.fills_csv import read_fills as read
from quantetf_core.ledger.fills_layout import FillsLayout
from quantetf_core.ledger.fills_layout import fills_layout as layout_of


def read_fills(
    content: bytes, *, source_name: str, columns: Mapping[str, str] | None = None
) -> BrokerFills:
    """A broker's list of fills, for a preview; writes nothing.

    Parameters
    ----------
    columns
        Name of a `FillsColumn` → header, for what is not to be guessed; empty for a column that
        the file does not have.

    Raises
    ------
    ImportFileError
        With every problem of the file.
    InvalidValueError
        When ``columns`` names what is no column, or one header twice.
    """
    return read(content, source_name=source_name, columns=columns)


def fills_layout(content: bytes, *, source_name: str) -> FillsLayout:
    """The columns of a file, and which of them are known by their names.

    Raises
    ------
    ImportFileError
        When it is no text, too large, or has no row that could be a header.
    """
    return layout_of(content, source_name=source_name)


def fills_template(portfolio: Portfolio, commit_id: str) -> bytes:
    """A CSV to fill in by hand with what a decision ordered; `read_fills` understands it."""
    return template_of(ordered_lines(portfolio, commit_id))


def recorded_fills(portfolio: Portfolio, commit_id: str) -> FillReport | None:
    """What a decision ordered against every fill recorded of it; None before the first record.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        When there is none of this id, or its fills cannot be read.
    """
    if decisions.fills_commit(history(portfolio), commit_id) is None:
        return None
    return fill_report(ordered_lines(portfolio, commit_id), fills_so_far(portfolio, commit_id))


def fills_problem(portfolio: Portfolio, commit_id: str) -> str:
    """Why no fills can be recorded of a decision, in words after its id; empty when they can.

    Raises
    ------
    CommitNotFoundError
        When there is none of this id.
    """
    return decisions.fills_problem(history(portfolio), commit_id)
