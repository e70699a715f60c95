"""The rebalancer as a script uses it: dry runs, commits, an existing book, refusals."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import DailyRegimeMonitor, DataAccessContext, RegimeAwareRebalancer
from quantetf_core.errors import ChecksBlockError, ConfigError, StaleHoldingsError
from quantetf_core.ledger import history
from tests import builders

ROOT = Path(__file__).resolve().parents[2]
TICKERS = ("AGG", "BIL", "GLD", "QQQ", "SPY", "TLT")


def long_frame(n_sessions: int = 320) -> pd.DataFrame:
    """Random walks of six ETFs, as a file would hold them."""
    close = builders.random_market(TICKERS, n_sessions=n_sessions, seed=5).close
    stacked = close.rename_axis("date").reset_index().melt("date", var_name="ticker")
    return stacked.rename(columns={"value": "close"})


def context(n_sessions: int = 320, *, vix: float = 15.0) -> DataAccessContext:
    frame = long_frame(n_sessions)
    level = pd.Series(vix, index=pd.DatetimeIndex(frame["date"].unique()))
    return DataAccessContext.from_frames(prices=frame, vix=level)


def rebalancer(
    folder: Path, data: DataAccessContext | None = None, *, value: float | None = None
) -> RegimeAwareRebalancer:
    access = data or context()
    return RegimeAwareRebalancer(
        access,
        DailyRegimeMonitor(access, state_dir=folder / "state"),
        regime_mapping_path=ROOT / "configs/regimes/default_mapping.yaml",
        strategy_configs_dir=ROOT / "configs/strategies",
        artifacts_dir=folder / "artifacts",
        portfolio_value=value,
    )


def test_a_dry_run_decides_and_leaves_no_file(tmp_path: Path) -> None:
    result = rebalancer(tmp_path).dry_run()
    assert result.regime in ("uptrend_low_vol", "downtrend_low_vol")
    assert result.to_dict()["num_trades"] == len(result.orders) > 0
    assert set(result.metadata["regime_indicators"]) == {"spy_price", "spy_200ma", "vix"}
    assert result.metadata["portfolio_value"] == 1_000_000.0
    assert list(tmp_path.rglob("*")) == []


def test_a_rebalance_writes_the_artifacts_the_holdings_and_the_regime(tmp_path: Path) -> None:
    robot = rebalancer(tmp_path)
    result = robot.rebalance()
    folder = tmp_path / "artifacts" / f"{result.as_of:%Y%m%d}"
    for name in ("target_portfolio.csv", "trades.csv", "execution_log.json"):
        assert (folder / name).is_file()
    assert json.loads((folder / "rebalance_result.json").read_text())["plan_id"] == result.plan_id
    held = json.loads(robot.holdings_file.read_text())
    assert {row["ticker"] for row in held["holdings"]} == {t.ticker for t in result.orders}
    assert held["basis"] == "assumed_fill"
    assert robot.regime_monitor.get_current_regime() == result.regime


def test_a_second_rebalance_of_the_same_session_trades_nothing(tmp_path: Path) -> None:
    robot = rebalancer(tmp_path)
    robot.rebalance()
    assert robot.rebalance().orders == ()
    assert sorted(path.name for path in (tmp_path / "artifacts").glob("2*")) == [
        "20190410",
        "20190410-2",
    ]


def test_a_date_without_a_session_is_the_session_before(tmp_path: Path) -> None:
    result = rebalancer(tmp_path).dry_run("2019-03-31")
    assert result.as_of == pd.Timestamp("2019-03-29")
    assert str(result.used.situation.requested) == "2019-03-31"


def test_another_value_than_the_books_is_only_a_dry_run_unless_the_flow_is_declared(
    tmp_path: Path,
) -> None:
    data = context()
    rebalancer(tmp_path, data).rebalance()
    other = rebalancer(tmp_path, data, value=2_000_000.0)
    assert other.dry_run().what_if
    with pytest.raises(ChecksBlockError, match="what_if"):
        other.rebalance()
    flow = 250_000.0
    result = rebalancer(tmp_path, data).rebalance(cash_flow=flow)
    assert result.used.plan.cash_flow == flow
    assert len(history(tmp_path / "artifacts").entries) == 2


def test_a_holdings_file_from_before_is_adopted_and_what_is_not_wanted_is_sold(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    state.mkdir()
    rows = [{"ticker": "SPY", "weight": 1.0, "price": 50.0, "notional": 5e5, "shares": 10_000}]
    (state / "current_holdings.json").write_text(
        json.dumps({"updated_at": "2019-04-01", "holdings": rows})
    )
    access = context()
    robot = rebalancer(tmp_path, access)
    looked = robot.dry_run()
    assert "not_in_history" in {finding.code for finding in looked.blocks}
    assert not (tmp_path / "artifacts").exists()
    result = robot.rebalance()
    assert result.used.situation.holdings is not None
    kinds = [entry.kind for entry in history(tmp_path / "artifacts").entries]
    assert [str(kind) for kind in kinds] == ["rebalance", "import"]
    assert {line.ticker for line in result.trades} >= {"SPY"}


def test_a_past_session_after_a_later_commit_is_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    robot = rebalancer(tmp_path)
    robot.rebalance()
    before = sorted(path.name for path in (tmp_path / "artifacts").glob("2*"))
    with pytest.raises(ChecksBlockError, match="before_last_commit"):
        robot.rebalance("2019-03-01")
    assert sorted(path.name for path in (tmp_path / "artifacts").glob("2*")) == before


def test_a_commit_that_came_in_between_is_a_refusal_with_the_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = context()
    first, second = rebalancer(tmp_path, data), rebalancer(tmp_path, data)
    planned = second.dry_run()
    first.rebalance(cash_flow=500_000.0)
    monkeypatch.setattr(
        "quantetf_core.production.rebalancer.decide", lambda *_args, **_kwargs: planned
    )
    with pytest.raises(StaleHoldingsError, match="changed since this plan was made"):
        second.rebalance()


def test_warnings_are_recorded_with_the_commit(tmp_path: Path) -> None:
    frame = long_frame()
    last = frame["date"].max()
    thin = frame[~((frame["ticker"] == "QQQ") & (frame["date"] == last))]
    level = pd.Series(15.0, index=pd.DatetimeIndex(frame["date"].unique()))
    access = DataAccessContext.from_frames(prices=thin, vix=level)
    result = rebalancer(tmp_path, access).rebalance()
    assert "universe_coverage" in {finding.code for finding in result.warnings}
    manifest = json.loads(
        (tmp_path / "artifacts" / f"{result.as_of:%Y%m%d}" / "manifest.json").read_text()
    )
    assert {row["code"] for row in manifest["acknowledged"]} >= {"universe_coverage"}


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    access = context()
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        RegimeAwareRebalancer(
            access, DailyRegimeMonitor(access, tmp_path), regime_mapping_path=Path("nowhere.yaml")
        )


def test_a_regime_change_between_rebalances_is_logged_as_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    level = np.where(np.arange(320) < 310, 15.0, 40.0)
    frame = long_frame()
    days = pd.DatetimeIndex(sorted(frame["date"].unique()))
    access = DataAccessContext.from_frames(prices=frame, vix=pd.Series(level, index=days))
    robot = rebalancer(tmp_path, access)
    robot.rebalance(days[300])
    with caplog.at_level(logging.WARNING):
        robot.rebalance(days[319])
    assert any("REGIME CHANGE" in record.getMessage() for record in caplog.records)


def test_data_that_ends_before_the_date_asked_for_is_stale_and_not_committed(
    tmp_path: Path,
) -> None:
    robot = rebalancer(tmp_path)
    looked = robot.dry_run("2019-06-28")
    assert looked.as_of == pd.Timestamp("2019-04-10")
    assert "freshness" in {finding.code for finding in looked.blocks}
    with pytest.raises(ChecksBlockError, match="freshness"):
        robot.rebalance("2019-06-28")
    assert list(tmp_path.rglob("*")) == []


def test_a_damaged_regime_history_does_not_make_a_commit_look_like_a_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    robot = rebalancer(tmp_path)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "regime_history.parquet").write_bytes(b"damaged")
    result = robot.rebalance()
    assert [entry.plan_id for entry in history(tmp_path / "artifacts").entries] == [result.plan_id]
    assert "the commit stands" in caplog.text
