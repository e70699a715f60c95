"""How numbers, dates and foreign text look on the pages; nothing is computed here.

Functions return plain text, not Markdown: what shows it (`show`) escapes it. A missing value
(``None``, NaN) is an en dash everywhere. Negative numbers carry the minus sign "−"; only the
delta of a metric needs ASCII "-", which `metric_delta` restores. Rounding is half to even on the
shown digit, and a value that rounds to zero has no sign.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime

from quantetf_core.findings import Severity
from quantetf_core.regime.types import REGIME_LABELS

MISSING = "\u2013"
MINUS = "\u2212"

_WHOLE = 1e-9  # shares: nearer than this to a whole number is whole
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SEVERITY_WORD = {Severity.BLOCK: "Block", Severity.WARN: "Warning", Severity.INFO: "Note"}
SEVERITY_ICON = {
    Severity.BLOCK: ":material/block:",
    Severity.WARN: ":material/warning:",
    Severity.INFO: ":material/info:",
}


def number(value: float | None, *, places: int = 0, signed: bool = False) -> str:
    """Digits in groups of three, with as many decimals as asked for.

    Examples
    --------
    >>> number(1234567.891), number(-0.4), number(27.456, places=2), number(3, signed=True)
    ('1,234,568', '0', '27.46', '+3')
    """
    return _signed("{}", value, places=places, signed=signed)


def money(usd: float | None, *, cents: bool = False, signed: bool = False) -> str:
    """US dollars, whole or to the cent.

    Examples
    --------
    >>> money(1234567.5), money(-412.3, cents=True), money(80, signed=True), money(None)
    ('$1,234,568', '−$412.30', '+$80', '–')
    """
    return _signed("${}", usd, places=2 if cents else 0, signed=signed)


def percent(fraction: float | None, *, places: int = 2, signed: bool = False) -> str:
    """A fraction as per cent; 0.157 is "15.70%".

    Examples
    --------
    >>> percent(0.157), percent(-0.021, places=1), percent(0.23, places=0), percent(float("nan"))
    ('15.70%', '−2.1%', '23%', '–')
    """
    return _signed("{}%", _times(fraction, 100.0), places=places, signed=signed)


def basis_points(fraction: float | None) -> str:
    """A signed difference of weights in basis points; 0.0016 is "+16 bps".

    Examples
    --------
    >>> basis_points(0.0016), basis_points(-0.0040), basis_points(0.0)
    ('+16 bps', '−40 bps', '0 bps')
    """
    return _signed("{} bps", _times(fraction, 10_000.0), places=0, signed=True)


def shares(count: float | None, *, signed: bool = False) -> str:
    """A share count: whole where it is whole, else four decimals.

    Examples
    --------
    >>> shares(1234.0), shares(12.5), shares(-30.0, signed=True), shares(None)
    ('1,234', '12.5000', '−30', '–')
    """
    whole = count is None or not math.isfinite(count) or abs(count - round(count)) < _WHOLE
    return _signed("{}", count, places=0 if whole else 4, signed=signed)


def metric_delta(text: str) -> str:
    """The same text with an ASCII minus: ``st.metric`` takes any other minus for a rise.

    Examples
    --------
    >>> metric_delta("−40 bps")
    '-40 bps'
    """
    return text.replace(MINUS, "-")


def day(value: date | None, *, weekday: bool = True) -> str:
    """A date in words, the same under every locale.

    Examples
    --------
    >>> day(date(2023, 12, 29)), day(date(2024, 1, 2), weekday=False), day(None)
    ('Fri 29 Dec 2023', '2 Jan 2024', '–')
    """
    if value is None or value != value:  # NaT is unequal to itself
        return MISSING
    text = f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{_DAYS[value.weekday()]} {text}" if weekday else text


def moment(value: datetime | None) -> str:
    """A time in UTC, to the minute.

    Examples
    --------
    >>> moment(datetime(2023, 12, 29, 21, 4, tzinfo=UTC))
    '29 Dec 2023, 21:04 UTC'
    """
    if value is None or value != value:
        return MISSING
    utc = value.astimezone(UTC)
    return f"{day(utc, weekday=False)}, {utc.hour:02d}:{utc.minute:02d} UTC"


def count(n: int, noun: str, plural: str = "") -> str:
    """A number of things, in the right grammatical number.

    Examples
    --------
    >>> count(8, "trade"), count(1, "trade"), count(0, "block"), count(2, "entry", "entries")
    ('8 trades', '1 trade', '0 blocks', '2 entries')
    """
    return f"{number(n)} {noun if n == 1 else plural or noun + 's'}"


def session_age(sessions: int | None) -> str:
    """How old a price is.

    Examples
    --------
    >>> session_age(0), session_age(1), session_age(12), session_age(-1)
    ('latest session', '1 session old', '12 sessions old', 'never')
    """
    if sessions is None:
        return MISSING
    if sessions < 0:
        return "never"
    return "latest session" if sessions == 0 else f"{count(sessions, 'session')} old"


def regime(name: str) -> str:
    """A regime in the words a PM reads; a name this version does not know, as it stands.

    Examples
    --------
    >>> regime("downtrend_high_vol"), regime("from_another_desk")
    ('Downtrend, high volatility', 'from_another_desk')
    """
    return REGIME_LABELS.get(name, name)


def short_hash(digest: str, length: int = 12) -> str:
    """Return the first characters of a hash, enough to compare by eye.

    Examples
    --------
    >>> short_hash("0123456789abcdef0123")
    '0123456789ab'
    """
    return digest[:length] or MISSING


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _signed(pattern: str, value: float | None, *, places: int, signed: bool) -> str:
    if value is None or math.isnan(value):
        return MISSING
    rounded = round(float(value), places)
    digits = "∞" if math.isinf(rounded) else f"{abs(rounded):,.{places}f}"
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + pattern.format(digits)


# --- foreign text ---------------------------------------------------------------------------

_JOINER = "\u2060"  # WORD JOINER: not drawn, not a break, and not part of any pattern below

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")

# What is recognised in the *text*, after Markdown, so that a backslash does not help: web and
# mail addresses, emoji and icon names between colons, and arrows or dashes drawn from ASCII.
_RECOGNISED = re.compile(
    r"""
      (?<=[a-z]) (?=://)            # http://
    | (?<=www) (?=\.)               # www.
    | (?=@)                         # name@host
    | (?<=mailto) (?=:) | (?<=xmpp) (?=:)
    | (?<=:) (?=[a-z0-9+_/-]+:)     # :name:  :material/name:
    | (?<=[-<>=~!]) (?=[-<>=])      # ->  <-  --  >=  !=
    """,
    re.IGNORECASE | re.VERBOSE,
)


def plain_text(text: object, *, limit: int = 500) -> str:
    r"""One line of printable characters: control and bidirectional marks become spaces.

    Examples
    --------
    >>> plain_text("SPY\n\u202eYPS")
    'SPY YPS'
    >>> plain_text("abcdef", limit=4)
    'abc…'
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def md_escape(text: object, *, limit: int = 500) -> str:
    r"""Text that Markdown shows letter by letter: no links, images, maths, icons or arrows.

    Examples
    --------
    >>> print(md_escape("$CASH$ *now*"))
    \$CASH\$ \*now\*
    """
    joined = _RECOGNISED.sub(_JOINER, plain_text(text, limit=limit))
    return _PUNCTUATION.sub(r"\\\g<0>", joined)
