"""The randomness of the simulated market: a fixed number of draws per session, in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_WORDS_PER_NORMAL = 3
_PIECES = 4 * _WORDS_PER_NORMAL
_SINGLE = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """Draws by session: one uniform in [0, 1), everything else standard normal.

    Parameters
    ----------
    weather, market, vix, trading
        Shape ``(n_sessions,)``; ``weather`` is the uniform one.
    factors
        Shape ``(n_sessions, n_factors)``.
    funds, volumes
        Shape ``(n_sessions, n_funds)``.
    """

    weather: Floats
    market: Floats
    vix: Floats
    trading: Floats
    factors: Floats
    funds: Floats
    volumes: Floats


def draw(n_sessions: int, n_factors: int, n_funds: int, *, seed: int) -> Draws:
    """Draw for a number of sessions; more sessions begin with the draws of fewer.

    Source of the words: PCG64, whose stream NumPy promises never to change (NEP 19).
    """
    n_normals = _SINGLE + n_factors + 2 * n_funds
    per_session = 1 + _WORDS_PER_NORMAL * n_normals
    words = np.random.PCG64(seed).random_raw(n_sessions * per_session)
    words = words.reshape(n_sessions, per_session)
    normal = _normals(words[:, 1:])
    first_fund = _SINGLE + n_factors
    first_volume = first_fund + n_funds
    return Draws(
        weather=(words[:, 0] >> np.uint64(11)).astype(np.float64) * 2.0**-53,
        market=normal[:, 0],
        vix=normal[:, 1],
        trading=normal[:, 2],
        factors=normal[:, _SINGLE:first_fund],
        funds=normal[:, first_fund:first_volume],
        volumes=normal[:, first_volume:],
    )


def _normals(words: npt.NDArray[np.uint64]) -> Floats:
    """Standard normals (nearly: none beyond ±6), each the sum of twelve 16-bit uniforms.

    Every 16-bit piece of a word is added, so the byte order of the machine does not matter.
    """
    pieces = np.ascontiguousarray(words).view(np.uint16).reshape(len(words), -1, _PIECES)
    sums = pieces.sum(axis=2, dtype=np.int64)
    middle = _PIECES * (2**16 - 1) // 2
    centred: Floats = (sums - middle) / 2.0**16
    return centred
