"""`RegimeAwareRebalancer`: one rebalance of one book, from a script."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import (
    AssetClassCheck,
    ChecksConfig,
    CostConfig,
    FilesSource,
    PortfolioConfig,
    PortfolioSettings,
    ScheduleConfig,
    Universe,
    UniverseMember,
    load_mapping,
    load_strategy,
)
from quantetf_core.data.access import DataAccessContext
from quantetf_core.data.sessions import session_age
from quantetf_core.decision import RebalanceResult, Situation, decide
from quantetf_core.errors import ChecksBlockError
from quantetf_core.execution.trade import Trade
from quantetf_core.ledger import Approval, adopt, commit, current_holdings, history
from quantetf_core.ledger.artifacts import rebalance_request
from quantetf_core.ledger.holdings_file import HOLDINGS_NAME
from quantetf_core.ledger.index import INDEX_NAME
from quantetf_core.ledger.nav import nav_for_decision
from quantetf_core.production.regime_monitor import DailyRegimeMonitor
from quantetf_core.production.regime_record import logged_not_raised
from quantetf_core.version import VERSION

__all__ = ["RebalanceResult", "RegimeAwareRebalancer", "Trade"]

DEFAULT_MAPPING = Path("configs/regimes/default_mapping.yaml")
"""The mapping used when none is named, from the working directory."""

LIBRARY = "RegimeAwareRebalancer"
"""Stands where an approver's name would, for commits no person confirmed."""


class RegimeAwareRebalancer:
    """Decide and commit a rebalance as of a session, without a screen.

    The clock is the date asked for: data that ends before it is stale. Warnings are recorded with
    the commit; a check that blocks raises.

    Parameters
    ----------
    data_access
        Serves the market and the universe.
    regime_monitor
        Its thresholds are used, and its ``state_dir`` holds ``current_holdings.json``.
    regime_mapping_path
        Mapping YAML; ``configs/regimes/default_mapping.yaml`` of the working directory when None.
    strategy_configs_dir
        Folder with the strategy files that the mapping names, found by their file names.
    artifacts_dir
        Folder of commits.
    portfolio_value
        USD to size on. None: the book's own value, or 1,000,000 when there is no book yet. With a
        book, any other value is a dry run unless `rebalance` is told the cash flow.

    Raises
    ------
    ConfigError
        With every problem of the mapping and the strategies.
    """

    def __init__(
        self,
        data_access: DataAccessContext,
        regime_monitor: DailyRegimeMonitor,
        regime_mapping_path: Path | None = None,
        strategy_configs_dir: Path = Path("configs/strategies"),
        artifacts_dir: Path = Path("artifacts/rebalance"),
        portfolio_value: float | None = None,
    ) -> None:
        self.data_access = data_access
        self.regime_monitor = regime_monitor
        self.artifacts_dir = Path(artifacts_dir)
        self.portfolio_value = portfolio_value
        self.holdings_file = regime_monitor.state_dir / HOLDINGS_NAME
        mapping_path = DEFAULT_MAPPING if regime_mapping_path is None else Path(regime_mapping_path)
        self.settings = _settings(
            data_access,
            regime_monitor,
            mapping_path,
            Path(strategy_configs_dir),
            self.artifacts_dir,
        )

    def dry_run(self, as_of: object = None, *, cash_flow: float | None = None) -> RebalanceResult:
        """`rebalance` that writes nothing."""
        return self.rebalance(as_of, dry_run=True, cash_flow=cash_flow)

    def rebalance(
        self, as_of: object = None, dry_run: bool = False, *, cash_flow: float | None = None
    ) -> RebalanceResult:
        """Decide as of a session and, unless it is a dry run, commit.

        Parameters
        ----------
        as_of
            Date; one without a session is the session before. None: the last session of the data.
        dry_run
            Write nothing.
        cash_flow
            Declared deposit (+) or withdrawal (−), USD.

        Returns
        -------
        RebalanceResult
            What was decided; its ``blocks`` say why a dry run could not be committed.

        Raises
        ------
        ChecksBlockError
            When a check blocks and it is not a dry run; names them, and nothing is written.
        StaleHoldingsError
            When another commit came in between.
        """
        market = self.data_access.market
        session = market.last_session if as_of is None else market.resolve(as_of)
        if not dry_run:
            self._adopt_existing_book(session)
        result = decide(market, self.settings, self._situation(as_of, session, cash_flow))
        if dry_run:
            return result
        if result.blocks:
            raise ChecksBlockError(result.blocks)
        request = rebalance_request(
            result,
            approver=LIBRARY,
            notes={finding.code: "recorded, not reviewed" for finding in result.warnings},
        )
        commit(request, artifacts_dir=self.artifacts_dir, state_dir=self._state_dir, now=_now())
        with logged_not_raised():
            self.regime_monitor.update(session)
        return result

    @property
    def _state_dir(self) -> Path:
        return Path(self.holdings_file).parent

    def _situation(
        self, as_of: object, session: pd.Timestamp, cash_flow: float | None
    ) -> Situation:
        found = history(self.artifacts_dir, index=self._state_dir / INDEX_NAME)
        holdings, findings = current_holdings(self.artifacts_dir, self._state_dir, found=found)
        requested = session.date() if as_of is None else _date_of(as_of)
        return Situation(
            as_of=session,
            requested=requested,
            latest=session,
            data_age=session_age(session, requested),
            holdings=holdings,
            holdings_findings=findings,
            last_commit_as_of=found.newest.as_of if found.newest else None,
            portfolio_value=self.portfolio_value,
            cash_flow=cash_flow,
            nav=nav_for_decision(found, self.data_access.market.as_of(session), self.settings),
        )

    def _adopt_existing_book(self, session: pd.Timestamp) -> None:
        """A holdings file from before there was a history becomes its first commit."""
        found = history(self.artifacts_dir, index=self._state_dir / INDEX_NAME)
        holdings, findings = current_holdings(self.artifacts_dir, self._state_dir, found=found)
        if holdings is None or holdings.commit_id is not None:
            return
        adopt(
            artifacts_dir=self.artifacts_dir,
            state_dir=self._state_dir,
            as_of=holdings.as_of or session.date(),
            now=_now(),
            approval=Approval(
                approver=LIBRARY,
                notes={finding.code: "recorded, not reviewed" for finding in findings},
                code_version=VERSION,
                simulated=self.data_access.market.simulated,
            ),
        )


def _settings(
    data_access: DataAccessContext,
    monitor: DailyRegimeMonitor,
    mapping_path: Path,
    strategies_dir: Path,
    artifacts_dir: Path,
) -> PortfolioSettings:
    """The settings of a book that no portfolio file describes: documented defaults throughout."""
    mapping = load_mapping(mapping_path)
    entries = [getattr(mapping, name) for name in type(mapping).model_fields]
    wanted = {entry.config_path: strategies_dir / Path(entry.config_path).name for entry in entries}
    strategies = tuple(
        load_strategy(file, models=AlphaFactory).model_copy(update={"path": config_path})
        for config_path, file in sorted(wanted.items())
    )
    files = sorted({mapping_path, *wanted.values()})
    return PortfolioSettings(
        config=PortfolioConfig(
            name="library",
            clock="replay",
            # Nothing is read from here: the frames came from the caller.
            source=FilesSource(type="files", paths=("frames",), vix="frames"),
            universe="frames",
            mapping=mapping_path.as_posix(),
            schedule=ScheduleConfig(frequency="none"),
            artifacts_dir=artifacts_dir.as_posix(),
            state_dir=monitor.state_dir.as_posix(),
        ),
        universe=_universe(data_access.universe.tickers),
        thresholds=monitor.config,
        mapping=mapping,
        strategies=strategies,
        # Frames do not say what is in which asset class, so nothing can be said of their sums.
        checks=ChecksConfig(asset_class=AssetClassCheck(action="off")),
        costs=CostConfig(),
        texts=tuple((file.as_posix(), file.read_text(encoding="utf-8")) for file in files),
    )


def _universe(tickers: tuple[str, ...]) -> Universe:
    members = tuple(
        UniverseMember(ticker=ticker, name=ticker, asset_class="not stated") for ticker in tickers
    )
    return Universe(name="tickers of the data", tickers=members)


def _date_of(as_of: object) -> date:
    stamp = pd.Timestamp(as_of)  # type: ignore[arg-type]
    return stamp.date()


def _now() -> datetime:
    return datetime.now(UTC)
