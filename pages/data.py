from pages.ui.entry import require_app

require_app()

import streamlit as st  # noqa: E402 - nothing may run before the guard

from pages.ui import context, data_quality, show  # noqa: E402

with show.error_boundary():
    ctx = context.current()
    st.title("Data", anchor=False)
    data_quality.show_quality(ctx)
