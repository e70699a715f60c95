"""How numbers, dates and foreign text look."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pages.ui import format

ANY_NUMBER = st.one_of(st.none(), st.floats(), st.integers(-(10**12), 10**12))
FORMATS = [
    format.number,
    format.money,
    format.percent,
    format.basis_points,
    format.shares,
]


@pytest.mark.parametrize("show", FORMATS)
@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_missing_number_is_an_en_dash(show, missing) -> None:
    assert show(missing) == "–"


@pytest.mark.parametrize("show", FORMATS)
@given(value=ANY_NUMBER)
@example(value=-0.0)
@example(value=-1e-9)
@example(value=math.inf)
@example(value=-math.inf)
def test_no_number_shows_an_ascii_minus_or_a_signed_zero(show, value) -> None:
    text = show(value)
    assert "-" not in text
    digits = re.sub(r"[^0-9∞]", "", text)
    if digits and set(digits) == {"0"}:
        assert "−" not in text
        assert "+" not in text


@given(cents=st.integers(-(10**13), 10**13))
def test_money_to_the_cent_reads_back_as_the_same_cents(cents: int) -> None:
    text = format.money(cents / 100, cents=True)
    read = text.replace("−", "-").replace("$", "").replace(",", "").replace(".", "")
    assert int(read) == cents


@given(a=st.floats(-1e9, 1e9), b=st.floats(-1e9, 1e9))
def test_a_larger_amount_never_reads_as_a_smaller_one(a: float, b: float) -> None:
    def read(text: str) -> float:
        return float(text.replace("−", "-").replace("$", "").replace(",", ""))

    low, high = sorted((a, b))
    assert read(format.money(low)) <= read(format.money(high))


@pytest.mark.parametrize(
    ("value", "signed", "expected"),
    [
        (1234567.891, False, "$1,234,568"),
        (0.004, True, "$0"),
        (-0.6, False, "−$1"),
        (math.inf, True, "+$∞"),
    ],
)
def test_money_in_whole_dollars(value: float, signed: bool, expected: str) -> None:
    assert format.money(value, signed=signed) == expected


def test_shares_are_whole_where_they_are_whole_even_after_float_arithmetic() -> None:
    assert format.shares(0.1 + 0.2 + 0.7) == "1"
    assert format.shares(0.3333) == "0.3333"
    assert format.shares(-1500.0, signed=True) == "−1,500"


def test_a_metric_delta_starts_with_the_only_minus_streamlit_understands() -> None:
    assert format.metric_delta(format.basis_points(-0.0040)) == "-40 bps"


def test_days_are_words_whatever_kind_of_date_they_come_as() -> None:
    assert format.day(pd.Timestamp("2023-12-29")) == "Fri 29 Dec 2023"
    assert format.day(datetime(2024, 2, 29, 23, 59, tzinfo=UTC)) == "Thu 29 Feb 2024"
    assert format.day(pd.NaT) == "–"


def test_a_moment_is_shown_in_utc() -> None:
    new_york = timezone(timedelta(hours=-5))
    assert format.moment(datetime(2023, 12, 31, 21, 4, tzinfo=new_york)) == "1 Jan 2024, 02:04 UTC"
    assert format.moment(None) == "–"


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, "–"),
        (-1, "never"),
        (0, "latest session"),
        (1, "1 session old"),
        (2, "2 sessions old"),
    ],
)
def test_the_age_of_a_price_in_words(age: int | None, expected: str) -> None:
    assert format.session_age(age) == expected


def test_an_empty_hash_is_missing() -> None:
    assert format.short_hash("") == "–"


# --- foreign text ---------------------------------------------------------------------------

HOSTILE = [
    "![x](http://evil.test/a.png)",
    "[click](javascript:alert(1))",
    "<img src=http://evil.test/b.png>",
    "<script>alert(1)</script>",
    "$a$ and $b$",
    "$$\\int x$$",
    ":red[loud] :material/bomb: :smile: :streamlit:",
    "http://evil.test www.evil.test me@evil.test mailto:me@evil.test",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "| a | b |",
    "`code` ~~gone~~ **bold** _it_",
    "a -> b <- c <-> d -- e >= f <= g",
    "\u202eSPY",
    "a\nb\n\n# c",
    "&lt;b&gt; &#36;",
    "\\",
    "[^1] [x]: http://evil.test",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_ascii_punctuation_mark_of_foreign_text_is_escaped(hostile: str) -> None:
    escaped = format.md_escape(hostile)
    assert re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped).isascii() or "\u2060" in escaped
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", escaped))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_escaped_text_is_the_same_text_to_a_reader(hostile: str) -> None:
    shown = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", format.md_escape(hostile)).replace("\u2060", "")
    assert shown == format.plain_text(hostile)


@given(st.text())
def test_escaped_text_is_one_line_without_control_or_bidirectional_marks(text: str) -> None:
    escaped = format.md_escape(text).replace("\u2060", "")
    assert all(c.isprintable() for c in escaped)


@pytest.mark.parametrize(
    "live", ["http://", "https://", "www.", "@", ":smile:", ":streamlit:", "->", "<-", "--", ">="]
)
def test_what_is_recognised_after_markdown_is_broken_up(live: str) -> None:
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", format.md_escape(f"a{live}b"))
    assert live not in unescaped or live == "@"
    assert "\u2060" in unescaped


@pytest.mark.parametrize("harmless", ["SPY", "BRK-B", "$CASH$", "up 5%: fine", "12:30"])
def test_ordinary_text_gets_no_invisible_characters(harmless: str) -> None:
    assert "\u2060" not in format.md_escape(harmless)


def test_long_foreign_text_is_cut_with_an_ellipsis_before_it_is_escaped() -> None:
    assert format.md_escape("*" * 1000, limit=5) == r"\*\*\*\*…"
