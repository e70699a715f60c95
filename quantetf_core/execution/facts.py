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
    multipliers,
    quantities_held,
    read_account,
    reserve_price,
)
from quantetf_core.execution.book import WEIGHT_NOISE
from quantetf_core.execution.broker import Bars, Broker, HeldPosition
from quantetf_core.execution.costs import CostModel, notional_cents
from quantetf_core.execution.pending import Pending, read_pending
from quantetf_core.execution.targets import target_findings
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import from_cents, to_cents

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

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
    margin
        Whether the account may borrow: what it says, or what the book and targets imply.
    position_cents, total_cents
        Value of what is held, at ``price``; what weights are fractions of.
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
    margin: bool
    position_cents: int
    total_cents: int
    config: RebalanceConfig
    costs: CostModel
    findings: tuple[Finding, ...]

    @property
    def usd_per_share(self) -> Floats:
        """Price times contract multiplier; NaN without a price."""
        return self.price if self.multiplier is None else self.price * self.multiplier

    @property
    def tradable(self) -> Bools:
        """Lines that nothing blocks."""
        if self.blocked.count(None) == len(self.blocked):
            return np.ones(len(self.blocked), dtype=np.bool_)
        return np.array([reason is None for reason in self.blocked], dtype=np.bool_)

    def column(self, by_asset: Mapping[str, float]) -> Floats:
        """Numbers by asset as a column, 0 where there is none."""
        return _column(self.assets, by_asset)


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
    positions = broker.positions
    assets = _assets(weights, positions, pending)
    weight, shares = _column(assets, weights), quantities_held(positions, assets)
    price = closes(data, assets)
    no_weight, no_price = np.isnan(weight), np.isnan(price)
    blocked = _blocks(no_weight, no_price)
    for at in np.flatnonzero(no_price & (shares != 0.0)).tolist():
        price[at] = reserve_price(broker, assets[at])
    if no_weight.any():
        weight[no_weight] = 0.0
    multiplier = multipliers(broker, assets)
    margin = _may_borrow(account, config, weight, shares)
    position_cents = _position_cents(assets, shares, price, multiplier)
    return Facts(
        assets=assets,
        held=shares,
        weights=weight,
        price=price,
        multiplier=multiplier,
        blocked=blocked,
        account=account,
        pending=pending,
        margin=margin,
        position_cents=position_cents,
        total_cents=_total_cents(account, position_cents, margin=margin),
        config=_with_share_type(config, account),
        costs=costs or CostModel(account.cost_bps),
        findings=target_findings(
            data,
            invalid=[assets[at] for at in np.flatnonzero(no_weight).tolist()],
            unpriced=[assets[at] for at in np.flatnonzero(no_price).tolist()],
            held=positions,
        ),
    )


def _assets(
    weights: Mapping[str, float],
    positions: Mapping[str, HeldPosition],
    pending: tuple[Pending, ...],
) -> tuple[str, ...]:
    """Everything wanted, held or under way; a position of 0 shares is not held."""
    others = {a for a in positions.keys() - weights.keys() if positions[a].quantity}
    others |= {order.asset for order in pending} - weights.keys()
    return tuple(sorted([*weights, *others] if others else weights))


def _blocks(no_weight: Bools, no_price: Bools) -> tuple[Reason | None, ...]:
    blocked: list[Reason | None] = [None] * len(no_price)
    for at in np.flatnonzero(no_weight | no_price).tolist():
        blocked[at] = Reason.NO_PRICE if no_price[at] else Reason.INVALID_WEIGHT
    return tuple(blocked)


def _may_borrow(account: Account, config: RebalanceConfig, weights: Floats, shares: Floats) -> bool:
    """What the account says of itself, or what the book and the targets imply."""
    if account.margin is not None:
        return account.margin
    most = config.max_gross_leverage
    geared = float(np.abs(weights).sum()) > 1.0 + WEIGHT_NOISE and (most is None or most > 1.0)
    wants_shorts = config.allow_short and bool((weights < 0.0).any())
    return wants_shorts or geared or bool((shares < 0.0).any())


def _position_cents(
    assets: tuple[str, ...], shares: Floats, price: Floats, multiplier: Floats | None
) -> int:
    """Value of what is held.

    Raises
    ------
    InvalidValueError
        For a holding without any price, by its asset.
    """
    usd = price if multiplier is None else price * multiplier
    worth = np.where(shares == 0.0, 0.0, usd)
    if np.isnan(worth).any():
        asset = assets[int(np.argmax(np.isnan(worth)))]
        raise InvalidValueError(
            f"close of {asset}", None, "a price: it is held, and the broker has none either"
        )
    return int(notional_cents(shares, worth).sum())


def _total_cents(account: Account, positions: int, *, margin: bool) -> int:
    """The account value.

    For a cash account that says its cash it is cash and positions at the prices of this plan, so
    that prices the broker has not seen yet cannot make cash of nothing.
    """
    if account.cash is not None and not margin:
        return to_cents(account.cash) + positions
    return to_cents(account.value)


def _with_share_type(config: RebalanceConfig, account: Account) -> RebalanceConfig:
    """Fractions of a share where the rules leave it open and the broker trades them."""
    if config.allow_fractional is not None:
        return config
    fractional = account.fractional and not config.round_lots
    return config.model_copy(update={"allow_fractional": fractional})


def _column(assets: tuple[str, ...], by_asset: Mapping[str, float]) -> Floats:
    if not by_asset:
        return np.zeros(len(assets))
    if len(by_asset) == len(assets):  # then it has every one of them
        return np.array([by_asset[asset] for asset in assets], dtype=np.float64)
    return np.array([by_asset.get(asset, 0.0) for asset in assets], dtype=np.float64)


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
