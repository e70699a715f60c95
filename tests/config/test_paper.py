"""The ``paper`` key of a portfolio's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantetf_core.config import load_portfolio
from quantetf_core.config.schema_paper import (
    BpsSlippageConfig,
    PaperConfig,
    PerShareCommissionConfig,
)
from quantetf_core.errors import ConfigError

SAMPLE = "configs/portfolios/sample.yaml"


def problem_with(workspace: Path, paper: str) -> tuple[str, str, str]:
    file = workspace / SAMPLE
    file.write_text(f"{file.read_text('utf-8')}{paper}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_portfolio(workspace, "sample")
    (problem,) = caught.value.problems
    assert problem.file == SAMPLE
    assert problem.line > 30
    return problem.key, problem.found, problem.accepted


def test_a_portfolio_is_on_paper_only_where_its_file_says_so(workspace: Path) -> None:
    assert load_portfolio(workspace, "sample").config.paper is None
    assert load_portfolio(workspace, "paper_example").config.paper == PaperConfig(
        fill_at="next_close",
        commission=PerShareCommissionConfig(type="per_share", per_share=0.005, minimum=1.0),
        slippage=BpsSlippageConfig(type="bps", bps=2),
        max_volume_share=0.05,
    )


@pytest.mark.parametrize(
    ("paper", "key", "found", "accepted"),
    [
        (
            "paper: {fill_at: close}",
            "paper.fill_at",
            "'close'",
            "next_close or next_open; did you mean 'next_close'?",
        ),
        (
            "paper: {commission: {bps: 3}}",
            "paper.commission.type",
            "nothing; the key is missing",
            "bps or per_share",
        ),
        (
            "paper: {commission: {type: bps, bps: -1}}",
            "paper.commission.bps",
            "-1",
            "a number of at least 0 and below 10000",
        ),
        (
            "paper: {slippage: {type: bps, bsp: 2, bps: 2}}",
            "paper.slippage.bsp",
            "the unknown key 'bsp'",
            "type and bps; did you mean 'bps'?",
        ),
        (
            "paper: {max_volume_share: 0}",
            "paper.max_volume_share",
            "0",
            "a number above 0 and at most 1",
        ),
    ],
)
def test_a_mistake_is_named_by_its_key_with_what_is_accepted(
    workspace: Path, paper: str, key: str, found: str, accepted: str
) -> None:
    assert problem_with(workspace, paper) == (key, found, accepted)
