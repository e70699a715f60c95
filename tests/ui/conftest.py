"""Small apps for what the pages share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit


@pytest.fixture(autouse=True)
def no_caches_left() -> Iterator[None]:
    """Streamlit's caches outlive a test; start and end without any."""
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    yield
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
