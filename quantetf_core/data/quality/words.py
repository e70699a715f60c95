"""Numbers in the sentences of findings."""

from __future__ import annotations


def price(value: float) -> str:
    """A price, with as many decimals as it needs.

    Examples
    --------
    >>> price(1234.5), price(0.01234)
    ('1,234.50', '0.01234')
    """
    return f"{value:,.2f}" if abs(value) >= 1.0 else f"{value:.4g}"


def percent_move(ratio: float) -> str:
    """A price ratio in words.

    Examples
    --------
    >>> percent_move(0.5), percent_move(1.25)
    ('fell 50.0%', 'rose 25.0%')
    """
    return f"{'rose' if ratio >= 1.0 else 'fell'} {abs(ratio - 1.0):,.1%}"
