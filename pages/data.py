from pages.ui.entry import require_app

require_app()

import streamlit as st  # noqa: E402 - nothing may run before the guard

from pages.ui import (  # noqa: E402
    context,
    data_quality,
    data_snapshots,
    data_source,
    data_upload,
    loaders,
    show,
)

with show.error_boundary():
    portfolio, now = loaders.portfolio(context.chosen_portfolio()), loaders.now()
    st.title("Data", anchor=False)
    status = data_source.render(portfolio, now=now)
    if status.live and status.snapshot is None:
        data_source.nothing_yet(portfolio)
    else:
        with show.error_boundary():
            data_quality.show_quality(context.current())
        data_snapshots.render(portfolio, status)
    data_upload.render(portfolio, now=now)
