"""A simulated market: one path of prices, volumes and a VIX, the same on every machine.

The same bytes everywhere follow from two restrictions. Randomness is the raw output of PCG64,
whose stream NumPy promises never to change (NEP 19), made normal by adding twelve uniforms in
whole numbers. The arithmetic is + − × ÷ and square root, which IEEE 754 rounds in one way only; no
`exp`, no `log`, no matrix product.

Each session takes a fixed number of draws and uses sessions before it, never after: a longer
simulation begins with the shorter one, bit for bit.

The model (house rule; its parts are textbook, its numbers are ours):

* *weather*: a hidden Markov chain of four states, calm, nervous, grinding and panic, each with a
  drift and a level of volatility of its own;
* *market*: a return with the variance of Glosten, Jagannathan and Runkle (1993), which clusters
  and answers to losses more than to gains, drawn to the level of the weather;
* *VIX*: what that variance is expected to be over the next weeks with a premium, jumping against
  the market's shock, rising fast and falling slowly;
* *funds*: loadings on the market and on eight factors, and a part of their own, all more volatile
  when the market is. Factors and funds keep their direction for months (momentum) and give it
  back over years (value);
* *short rate*: climbs slowly in calm weather, is cut fast in a panic.
"""

from quantetf_core.data.sources.simulation.funds import FUNDS, SimulatedFund
from quantetf_core.data.sources.simulation.path import SEED, Simulation, simulate

__all__ = ["FUNDS", "SEED", "SimulatedFund", "Simulation", "simulate"]
