"""Can the prices be trusted? What is looked for, in the history and as of one session.

A decision looks for itself, at rows up to its session only (`at_session`, `gate`); the Data page
scans the whole history (`history`); two snapshots of one source are held against each other
(`quantetf_core.data.restated`). What was dropped while reading a source (duplicate or conflicting
rows, closed days, rows out of order) is in ``MarketData.findings``.

Faults in the history, each with its session and the numbers it was judged by:

========================  =====  =============================================================
code                             what it says
========================  =====  =============================================================
``unadjusted_split``      block  the close jumps by a split's ratio, and what scores use with it
``unit_slip``             block  the close is 100 or 1,000 times what it was, or that fraction
``adjusted_jump``         block  the adjusted close jumps, the close does not
``flat_line``             warn   the close stands still as it never does; block while it lasts
``jump_reversed``         warn   a jump undone by the next close: one wrong close
``large_move``            warn   a jump far beyond the ticker's and the market's usual moves
``adjustment_mismatch``   warn   close and adjusted close move apart as no distribution can
``invalid_close``         warn   a close that is zero, negative or infinite
``gap``                   warn   no close on more than 3 sessions (info: fewer, or a thin fund)
``empty_session``         warn   no ticker has a close on a session: the source lacks it
``no_volume``             warn   no volume on 5 sessions or more as it never was (info: fewer)
``split_in_close``        info   the close jumps by a split's ratio, the adjusted close is right
``large_distribution``    info   a distribution of 6 % to 15 %
``late_start``            info   the first close comes after the first session of the data
``vix_scale``             block  the VIX is no index points (0.16 where 16 is meant)
``vix_flat_line``         warn   the VIX stands still; block while it lasts
``vix_out_of_step``       block  SPY and VIX move with each other's dates shifted by a session
========================  =====  =============================================================

As of a session (see `at_session`): ``carried_price``, ``stale_price``, ``never_priced``,
``no_adjusted_close``, ``missing_closes``, ``suspect_split``, ``adjustment_move``, ``vix_carried``,
``vix_missing``, ``vix_gaps``, and ``large_move`` for any move beyond the configured limit.
"""

from quantetf_core.data.quality.at_session import data_findings
from quantetf_core.data.quality.vix_at_session import vix_findings
from quantetf_core.data.splits import restated_splits, suspect_splits

__all__ = [
    "data_findings",
    "restated_splits",
    "suspect_splits",
    "vix_findings",
]
