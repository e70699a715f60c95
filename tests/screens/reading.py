"""A page as a reader sees it."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def plain(text: object) -> str:
    """Markdown without its marks."""
    return str(text).replace("\\", "").replace("\u2060", "").replace("**", "")


def said(at: AppTest) -> str:
    """Everything the page says in words."""
    groups = (at.title, at.header, at.subheader, at.markdown, at.caption, at.text)
    groups += (at.error, at.warning, at.info, at.success)
    return "\n".join(plain(one.value) for group in groups for one in group)
