"""The thresholds one user is trying: values of sliders, never written anywhere else.

With `state` and `entry` the only place that touches ``st.session_state``; the same rules hold.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st


def seed_trial(configured: Mapping[str, float]) -> None:
    """Start each slider at its configured value, once; call just before drawing them.

    Parameters
    ----------
    configured
        Key of a slider → its configured value. Keys name the portfolio and the value, so that
        another portfolio, or an edited file, starts again from its own.
    """
    for key, value in configured.items():
        if not isinstance(st.session_state.get(key), float):
            st.session_state[key] = value


def reset_trial(configured: Mapping[str, float]) -> None:
    """Put every slider back to its configured value; a callback."""
    for key, value in configured.items():
        st.session_state[key] = value
