"""Proposing and committing through the desk, on the sample market."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.errors import ApprovalError, ChecksBlockError
from quantetf_core.ledger.artifacts import rebalance_request
from tests.workspace import new_workspace

FRIDAY_EVENING = datetime(2023, 12, 29, 23, 0, tzinfo=UTC)
TUESDAY_EVENING = datetime(2024, 1, 2, 23, 0, tzinfo=UTC)


@pytest.fixture
def sample(tmp_path: Path) -> desk.Portfolio:
    return desk.open_portfolio(new_workspace(tmp_path), "sample")


def test_a_plan_expires_when_a_newer_session_has_closed(sample: desk.Portfolio) -> None:
    market = desk.load_market(sample, now=FRIDAY_EVENING)
    plan = desk.propose(sample, market, now=FRIDAY_EVENING)
    with pytest.raises(ApprovalError, match="a newer session, 2024-01-02, has closed since"):
        desk.commit(sample, plan, approver="A. Manager", now=TUESDAY_EVENING)
    assert not sample.artifacts_dir.exists()
    receipt = desk.commit(sample, plan, approver="A. Manager", now=FRIDAY_EVENING)
    assert receipt.commit_id == "20231229"


def test_the_same_plan_confirmed_twice_is_one_commit_and_two_receipts(
    sample: desk.Portfolio,
) -> None:
    market = desk.load_market(sample, now=FRIDAY_EVENING)
    plan = desk.propose(sample, market, now=FRIDAY_EVENING)
    first = desk.commit(sample, plan, approver="A. Manager", now=FRIDAY_EVENING)
    second = desk.commit(sample, plan, approver="A. Manager", now=FRIDAY_EVENING)
    assert (first.already_committed, second.already_committed) == (False, True)
    assert first.commit_id == second.commit_id
    assert len(desk.history(sample).entries) == 1


def test_a_what_if_or_a_blocked_plan_never_becomes_a_request(sample: desk.Portfolio) -> None:
    market = desk.load_market(sample, now=FRIDAY_EVENING)
    first = desk.propose(sample, market, now=FRIDAY_EVENING)
    desk.commit(sample, first, approver="A. Manager", now=FRIDAY_EVENING)
    tried = desk.propose(sample, market, now=FRIDAY_EVENING, portfolio_value=2e6)
    with pytest.raises(ChecksBlockError, match="what_if"):
        rebalance_request(tried, approver="A. Manager")
    earlier = desk.propose(
        sample, market, now=FRIDAY_EVENING, as_of=datetime(2023, 11, 30, tzinfo=UTC).date()
    )
    with pytest.raises(ChecksBlockError, match="past_session"):
        rebalance_request(earlier, approver="A. Manager")


def test_a_commit_can_be_taken_away_as_an_archive(sample: desk.Portfolio) -> None:
    market = desk.load_market(sample, now=FRIDAY_EVENING)
    plan = desk.propose(sample, market, now=FRIDAY_EVENING)
    receipt = desk.commit(sample, plan, approver="A. Manager", now=FRIDAY_EVENING)
    assert desk.archive(sample, receipt.commit_id)[:2] == b"PK"
