"""`decide()`: market, settings and situation in; one complete decision out.

Pure: the same inputs give the same bytes. The review page, the command line, the rebalancer, the
commit and the backtest all call this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from quantetf_core.config import PortfolioSettings, StrategyConfig
from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import Flags, PriceMarks, price_marks, without_adjusted
from quantetf_core.decision.checks import Facts, check, volume_shares
from quantetf_core.decision.frames import current_frame, target_frame
from quantetf_core.decision.identity import plan_id
from quantetf_core.decision.locked import lock_findings
from quantetf_core.decision.money import Money, money_for
from quantetf_core.decision.result import Inputs, RebalanceResult, Situation
from quantetf_core.decision.targets import StrategyTargets, strategy_targets
from quantetf_core.decision.trust import trust
from quantetf_core.execution import CostModel, PlanRequest, Reason, Trade
from quantetf_core.execution.locked import plan_within_locks
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.portfolio.disputes import dispute_findings, disputed_tickers
from quantetf_core.portfolio.locks import locks_in_force
from quantetf_core.portfolio.stated_shares import split_findings, splits_since_stated
from quantetf_core.regime import days_in_regime, replay, state_at
from quantetf_core.units import MAX_CARRY_SESSIONS
from quantetf_core.version import VERSION


def decide(
    market: MarketData, settings: PortfolioSettings, situation: Situation
) -> RebalanceResult:
    """Regime → strategy → scores → target weights → sized trades → checks.

    Parameters
    ----------
    market
        May hold later rows; nothing after ``situation.as_of`` is looked at.
    settings
        The portfolio's configuration.
    situation
        Session, clock, book, and the value to size on.

    Returns
    -------
    RebalanceResult
        With every line's reason, every finding, and the id of all of it.

    Raises
    ------
    UnknownTickerError
        When SPY, or a ticker the strategy cannot do without, has no column.
    PlanRefusedError
        When a holding was never priced, or there is nothing to size.
    """
    known = market.as_of(situation.as_of)
    labels = replay(known, settings.thresholds)
    regime_state = state_at(labels, situation.as_of)
    entry, strategy = settings.strategy_for(regime_state.name)
    targets = strategy_targets(known, settings, strategy, situation)
    money = money_for(known, situation)
    marks = _marks(known, situation, targets)
    splits = splits_since_stated(situation.holdings, known, as_of=situation.as_of)
    disputed = disputed_tickers(situation.holdings)
    trusted = trust(known, settings, lines=marks.tickers)
    kept_back = {
        **dict.fromkeys(trusted.untrusted, Reason.UNTRUSTED_PRICE),
        **dict.fromkeys(disputed, Reason.DISPUTED),
        **dict.fromkeys(splits, Reason.SUSPECT_SPLIT),
    }
    blocked = _block_reasons(marks, kept_back, without_adjusted(known, marks))
    locks = locks_in_force(situation.holdings, situation.as_of.date())
    plan = plan_within_locks(
        _request(settings, situation, targets, marks, blocked, money),
        {ticker: lock.rule for ticker, lock in locks.items()},
    )
    lines = plan.lines()
    facts = Facts(
        situation=situation,
        settings=settings,
        market=known,
        plan=plan,
        lines=lines,
        regime_state=regime_state,
        trust=trusted,
        volume_share=volume_shares(
            known, lines, lookback_sessions=settings.checks.volume_share.lookback_sessions
        ),
        what_if=money.what_if,
    )
    found = (
        *situation.holdings_findings,
        *_source_findings(market),
        *_strategy_findings(strategy, settings),
        *split_findings(splits, situation.holdings),
        *dispute_findings(situation.holdings),
        *lock_findings(situation, plan),
        *targets.findings,
        *(said for said in plan.findings if said.code != "cash_floor"),  # checks judge that
        *check(facts),
    )
    inputs = Inputs(
        situation=situation,
        settings=settings,
        entry=entry,
        strategy=strategy,
        regime_state=regime_state,
        days_in_regime=days_in_regime(labels),
        ranking=targets.ranking,
        weighting=targets.weighting,
        overlays=targets.overlays,
        plan=plan,
        closes=_closes(marks),
        volume_share=facts.volume_share,
        source=market.source,
        simulated=market.simulated,
        data_fingerprint=known.fingerprint,
        code_version=VERSION,
        market=market,
    )
    return _result(inputs, lines, in_order(found), what_if=money.what_if)


def _marks(known: MarketData, situation: Situation, targets: StrategyTargets) -> PriceMarks:
    held = situation.holdings.tickers if situation.holdings else ()
    tickers = tuple(sorted({*held, *targets.weights.index}))
    return price_marks(known, as_of=situation.as_of, tickers=tickers)


def _request(
    settings: PortfolioSettings,
    situation: Situation,
    targets: StrategyTargets,
    marks: PriceMarks,
    blocked: tuple[Reason | None, ...],
    money: Money,
) -> PlanRequest:
    shares = situation.holdings.shares if situation.holdings else {}
    return PlanRequest(
        tickers=marks.tickers,
        current_shares=np.array([shares.get(ticker, 0.0) for ticker in marks.tickers]),
        target_weights=np.array([targets.weights.get(ticker, 0.0) for ticker in marks.tickers]),
        price=marks.price,
        price_date=marks.price_date,
        tradable=np.array([reason is None for reason in blocked], dtype=np.bool_),
        block_reason=blocked,
        cash=money.cash,
        cash_flow=money.flow,
        config=settings.config.rebalance,
        costs=CostModel(settings.costs.cost_bps),
    )


def _block_reasons(
    marks: PriceMarks, kept_back: Mapping[str, Reason], unscorable: Flags
) -> tuple[Reason | None, ...]:
    """Why a line may not trade; None for one that may."""
    reasons: list[Reason | None] = []
    for ticker, age, unscored in zip(marks.tickers, marks.age, unscorable, strict=True):
        if age < 0:
            reasons.append(Reason.NO_PRICE)
        elif age > MAX_CARRY_SESSIONS:
            reasons.append(Reason.STALE_PRICE)
        elif age > 0:
            reasons.append(Reason.CARRIED_PRICE)
        elif ticker in kept_back:
            reasons.append(kept_back[ticker])
        else:
            # Not wanted only because its score is missing: that is no reason to sell.
            reasons.append(Reason.NO_ADJUSTED_CLOSE if unscored else None)
    return tuple(reasons)


def _closes(marks: PriceMarks) -> dict[str, float]:
    pairs = zip(marks.tickers, marks.price, strict=True)
    return {ticker: float(price) for ticker, price in pairs if np.isfinite(price)}


def _source_findings(market: MarketData) -> tuple[Finding, ...]:
    """Where the source has one close only.

    Other findings of a source speak of all its rows, later ones included, and so are no part of
    a decision.
    """
    return tuple(finding for finding in market.findings if finding.code == "single_close")


def _strategy_findings(
    strategy: StrategyConfig, settings: PortfolioSettings
) -> tuple[Finding, ...]:
    """Where a strategy's own wishes give way to the portfolio's settings."""
    found = [
        Finding(
            Severity.INFO,
            "portfolio_setting_used",
            said.key,
            f"the strategy {strategy.name} names {said.named}; the portfolio's {said.used} is used",
        )
        for said in settings.overruled
        if said.strategy == strategy.path
    ]
    outside = sorted(set(strategy.tickers or ()) - set(settings.universe.symbols))
    if outside:
        found.append(
            Finding(
                Severity.WARN,
                "ticker_outside_universe",
                strategy.name,
                f"the strategy names {', '.join(outside)}, which the universe "
                f"{settings.universe.name} does not have; never bought",
            )
        )
    return tuple(found)


def _result(
    inputs: Inputs, lines: tuple[Trade, ...], findings: tuple[Finding, ...], *, what_if: bool
) -> RebalanceResult:
    state, plan = inputs.regime_state, inputs.plan
    universe = inputs.settings.universe
    return RebalanceResult(
        as_of=inputs.situation.as_of,
        regime=state.name,
        strategy_used=inputs.strategy.name,
        target_portfolio=target_frame(plan, lines, universe),
        trades=list(lines),
        current_portfolio=current_frame(plan, lines, universe),
        metadata={
            "regime_indicators": {
                "spy_price": state.spy_price,
                "spy_200ma": state.spy_200ma,
                "vix": state.vix,
            },
            "strategy_config_path": inputs.strategy.path,
            "portfolio_value": plan.portfolio_value,
            "rationale": inputs.entry.rationale,
            "source": inputs.source,
            "simulated": inputs.simulated,
            "data_fingerprint": inputs.data_fingerprint,
        },
        plan_id=plan_id(inputs, lines, findings),
        findings=findings,
        what_if=what_if,
        inputs=inputs,
    )
