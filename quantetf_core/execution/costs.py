"""What a trade is worth in cents, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantetf_core.config.schema import CostConfig
from quantetf_core.errors import InvalidValueError

_BPS_PER_UNIT = 10_000.0


def notional_cents(
    shares: npt.NDArray[np.float64], price: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Value of shares in whole cents, each line rounded by itself, half to even.

    Parameters
    ----------
    shares
        Count, shape ``(n,)``, finite.
    price
        USD per share, shape ``(n,)``, finite.

    Returns
    -------
    Cents, int64, shape ``(n,)``. Source: house rule.

    Examples
    --------
    >>> notional_cents(np.array([3.0, 2.0]), np.array([10.333, 0.01])).tolist()
    [3100, 2]
    """
    return np.rint(shares * price * 100.0).astype(np.int64)


@dataclass(frozen=True, slots=True)
class CostModel:
    r"""Proportional cost of trading.

    .. math:: c = \mathrm{round}(N \cdot b / 10\,000)

    with :math:`c` the cost and :math:`N` the traded notional (both in cents, unsigned) and
    :math:`b` the basis points in ``cost_bps``. Rounded line by line, half to even.
    Source: house rule.

    Parameters
    ----------
    cost_bps
        Basis points of traded notional, from 0 to below 10,000.

    Raises
    ------
    InvalidValueError
        Outside that range: a trade that costs all it is worth cannot be sized.

    Examples
    --------
    >>> CostModel(5.0).cost_cents(np.array([1_000_000, 999])).tolist()
    [500, 0]
    """

    cost_bps: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.cost_bps < _BPS_PER_UNIT:
            raise InvalidValueError("cost_bps", self.cost_bps, "from 0 to below 10000")

    @classmethod
    def from_config(cls, config: CostConfig) -> CostModel:
        """The model that ``configs/costs/*.yaml`` describes."""
        return cls(config.cost_bps)

    @property
    def rate(self) -> float:
        """Cost as a fraction of traded notional."""
        return self.cost_bps / _BPS_PER_UNIT

    def cost_cents(self, notional: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Cost of each line in whole cents.

        Parameters
        ----------
        notional
            Traded value in cents, unsigned, shape ``(n,)``.
        """
        cents: npt.NDArray[np.int64] = np.rint(notional * self.cost_bps / _BPS_PER_UNIT).astype(
            np.int64
        )
        return cents
