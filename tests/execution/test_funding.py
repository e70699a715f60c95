"""Buys against cash, where cents decide."""

from __future__ import annotations

import numpy as np

from quantetf_core.execution import CostModel
from quantetf_core.execution.funding import Buys, fund_buys, sells_for_cash


def buys(units, price, *, trim=0.0, rank=0.0, least=1.0, opening=0, bps=0.0):
    n = len(units)
    return Buys(
        units=np.array(units, dtype=float),
        least=np.full(n, least),
        trim=np.broadcast_to(np.asarray(trim, dtype=float), (n,)),
        trim_rank=np.broadcast_to(np.asarray(rank, dtype=float), (n,)),
        unit=1.0,
        price=np.array(price, dtype=float),
        opening=np.full(n, opening),
        costs=CostModel(bps),
    )


def test_what_fits_is_bought_as_wished():
    units, scale = fund_buys(buys([2, 3], [10, 20]), 8_000)
    assert (units.tolist(), scale) == ([2.0, 3.0], 1.0)


def test_without_cash_nothing_is_bought():
    units, scale = fund_buys(buys([2, 3], [10, 20]), -5)
    assert (units.tolist(), scale) == ([0.0, 0.0], 0.0)


def test_a_share_that_rounding_added_goes_first_where_it_was_closest_to_half():
    """One cent is missing; B was rounded up from .5, A from .9."""
    units, scale = fund_buys(buys([2, 3], [10, 20], trim=1.0, rank=[-0.1, -0.5]), 7_999)
    assert (units.tolist(), scale) == ([2.0, 2.0], 1.0)


def test_a_share_that_rounding_added_stays_where_the_rest_would_be_too_small():
    units, scale = fund_buys(buys([2, 3], [10, 20], trim=1.0, rank=[-0.1, -0.5], least=3.0), 7_999)
    assert units.tolist() == [0.0, 3.0]
    assert scale == 7_999 / 8_000


def test_a_wish_that_fits_with_no_cent_to_spare_is_not_cut():
    """Two shares at 100.003 are 200.01 USD. Opening asks for a cent more, but the line, once
    opened with one share, can afford the other."""
    units, scale = fund_buys(buys([2], [100.003], opening=1), 20_001)
    assert (units.tolist(), scale) == ([2.0], 1.0)


def test_what_is_left_fills_lines_one_share_each_before_any_gets_two():
    """70 USD for 12 shares of 10 in all: 3.49 of 6 each is 3, and the last share goes to A."""
    units, scale = fund_buys(buys([6, 6], [10, 10]), 7_000)
    assert units.tolist() == [4.0, 3.0]
    assert scale == 7_000 / 12_000


def test_one_line_takes_as_many_shares_as_what_is_left_pays_for():
    """200 USD; A (least 30 shares of 10) is dropped, so B takes its part: 20 of 50 shares."""
    wished = buys([50, 50], [10, 10])
    least = Buys(
        **{name: getattr(wished, name) for name in wished.__slots__}
        | {"least": np.array([30.0, 1.0])}
    )
    units, _ = fund_buys(least, 20_000)
    assert units.tolist() == [0.0, 20.0]


def test_spending_includes_costs_to_the_cent():
    offer = buys([9, 1], [100.0, 33.33], bps=5.0)
    assert offer.spend(offer.units).tolist() == [90_045, 3_335]
    assert [offer.line_spend(at, units) for at, units in enumerate([9.0, 1.0])] == [90_045, 3_335]


def test_cash_is_raised_by_the_shortest_list_of_sells():
    proceeds, rank = np.array([500, 0, 900, 400]), np.array([50.0, 99.0, 90.0, 50.0])
    assert sells_for_cash(proceeds=proceeds, rank=rank, missing=900).tolist() == [2]
    assert sells_for_cash(proceeds=proceeds, rank=rank, missing=901).tolist() == [2, 0]
    assert sells_for_cash(proceeds=proceeds, rank=rank, missing=9_000).tolist() == [2, 0, 3]
