"""A broker's state and target weights, read once, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.account import (
    Account,
    closes,
    held_shares,
    multipliers,
    read_account,
    reserve_price,
)
from quantetf_core.execution.book import WEIGHT_NOISE
from quantetf_core.execution.broker import Bars, Broker
from quantetf_core.execution.costs import CostModel, notional_cents
from quantetf_core.execution.pending import Pending, read_pending
from quantetf_core.execution.targets import target_findings
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import from_cents, to_cents

Floats = npt.NDArray[np.float64]

_VALUE_TOLERANCE = 0.001


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What is held, wanted and under way, by asset; columns of one entry per line.

    Parameters
    ----------
    assets
        Held, wanted or with an order under way; sorted.
    held, weights
        Shares; fractions, 0 where none was given or it is no number.
    price, multiplier
        USD per share (where there is no close, what the holding is carried at, or NaN); None
        where the broker has no multipliers.
    blocked
        Why a line may not trade, or None.
    account, pending
        The broker's answers.
    config, costs
        The rules, share type decided; what trading is taken to cost.
    findings
        About the input.
    """

    assets: tuple[str, ...]
    held: Floats
    weights: Floats
    price: Floats
    multiplier: Floats | None
    blocked: tuple[Reason | None, ...]
    account: Account
    pending: tuple[Pending, ...]
    config: RebalanceConfig
    costs: CostModel
    findings: tuple[Finding, ...]

    @property
    def usd_per_share(self) -> Floats:
        """Price times contract multiplier; NaN without a price."""
        return self.price if self.multiplier is None else self.price * self.multiplier

    @property
    def margin(self) -> bool:
        """Whether the account may borrow: what it says, or what the book and targets imply."""
        if self.account.margin is not None:
            return self.account.margin
        short = self.config.allow_short and bool((self.weights < 0.0).any())
        most = self.config.max_gross_leverage
        gross = float(np.abs(self.weights).sum())
        geared = gross > 1.0 + WEIGHT_NOISE and (most is None or most > 1.0)
        return short or geared or bool((self.held < 0.0).any())

    @property
    def position_cents(self) -> int:
        """Value of what is held.

        Raises
        ------
        InvalidValueError
            For a holding without any price, by its asset.
        """
        worth = np.where(self.held == 0.0, 0.0, self.usd_per_share)
        if np.isnan(worth).any():
            asset = self.assets[int(np.argmax(np.isnan(worth)))]
            raise InvalidValueError(
                f"close of {asset}", None, "a price: it is held, and the broker has none either"
            )
        return int(notional_cents(self.held, worth).sum())

    @property
    def total_cents(self) -> int:
        """What weights are fractions of: the account value.

        For a cash account that says its cash it is cash and positions at the prices of this plan,
        so that prices the broker has not seen yet cannot make cash of nothing.
        """
        if self.account.cash is not None and not self.margin:
            return to_cents(self.account.cash) + self.position_cents
        return to_cents(self.account.value)

    def column(self, by_asset: Mapping[str, float]) -> Floats:
        """Numbers by asset as a column, 0 where there is none."""
        if not by_asset:
            return np.zeros(len(self.assets))
        return np.array([by_asset.get(asset, 0.0) for asset in self.assets])


def read_facts(
    weights: Mapping[str, float],
    data: Bars,
    broker: Broker,
    *,
    config: RebalanceConfig,
    costs: CostModel | None,
) -> Facts:
    """Ask the broker, once, for all a plan needs.

    Raises
    ------
    InvalidValueError
        For an answer of the broker or a price that is not a number, by name.
    """
    account, pending = read_account(broker), read_pending(broker)
    held = held_shares(broker)
    others = dict.fromkeys([*held, *(order.asset for order in pending)])
    assets = tuple(sorted({**weights, **others}))
    weight = np.array([weights.get(asset, 0.0) for asset in assets], dtype=np.float64)
    price = closes(data, assets)
    no_price, no_weight = np.isnan(price), np.isnan(weight)
    blocked: list[Reason | None] = [None] * len(assets)
    for at in np.flatnonzero(no_price | no_weight).tolist():
        blocked[at] = Reason.NO_PRICE if no_price[at] else Reason.INVALID_WEIGHT
    unpriced = [assets[at] for at in np.flatnonzero(no_price).tolist()]
    for at in np.flatnonzero(no_price).tolist():
        price[at] = reserve_price(broker, assets[at]) if assets[at] in held else np.nan
    fractional = config.allow_fractional
    if fractional is None:
        fractional = account.fractional and not config.round_lots
    return Facts(
        assets=assets,
        held=np.array([held.get(asset, 0.0) for asset in assets], dtype=np.float64),
        weights=np.where(no_weight, 0.0, weight),
        price=price,
        multiplier=multipliers(broker, assets),
        blocked=tuple(blocked),
        account=account,
        pending=pending,
        config=config.model_copy(update={"allow_fractional": fractional}),
        costs=costs or CostModel(account.cost_bps),
        findings=target_findings(weights, data, held=held, unpriced=unpriced),
    )


def value_findings(facts: Facts) -> tuple[Finding, ...]:
    """Where the broker's account value is not what cash and positions are at these prices."""
    total, said = from_cents(facts.total_cents), facts.account.value
    if abs(total - said) <= _VALUE_TOLERANCE * max(abs(total), abs(said)):
        return ()
    message = (
        f"the broker values the account at {said:.2f} USD, but cash and positions at these prices "
        f"are {total:.2f} USD; the latter is used"
    )
    return (Finding(Severity.WARN, "account_value_differs", "portfolio", message),)
