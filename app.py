from pathlib import Path

import streamlit as st

from pages.ui import entry, loaders, sidebar

PAGES = Path(__file__).parent / "pages"
# An own file: a ":material/…:" icon of a page is fetched from the network.
ICON = PAGES / "ui" / "icon.svg"

st.set_page_config(page_title="QuantETF desk", page_icon=ICON, layout="wide")
page = st.navigation(
    [
        st.Page(PAGES / "review.py", title="Review", icon=":material/fact_check:", default=True),
        st.Page(PAGES / "history.py", title="History", icon=":material/history:"),
        st.Page(PAGES / "holdings.py", title="Holdings", icon=":material/account_balance_wallet:"),
        st.Page(PAGES / "regime.py", title="Regime", icon=":material/timeline:"),
        st.Page(PAGES / "data.py", title="Data", icon=":material/database:"),
    ]
)
sidebar.render()
loaders.freeze_once()
entry.mark_app_run()
page.run()
