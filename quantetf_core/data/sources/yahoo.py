"""Yahoo Finance, through yfinance."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from http.client import NOT_FOUND
from pathlib import Path
from typing import Any

import pandas as pd

from quantetf_core.data.sources.vendors import (
    Answer,
    Cancelled,
    Fetched,
    OnProgress,
    Patience,
    Progress,
    Trouble,
)

logger = logging.getLogger(__name__)

BATCH = 16
"""Tickers asked for before it is looked whether to go on."""

AT_ONCE = 4
"""Tickers asked for at the same time; more makes Yahoo refuse sooner."""

_OWN_WARNING = "The inplace keyword in DataFrame.sort_index is deprecated"
_COLUMNS = ["Open", "High", "Low", "Close", "Adj Close", "Volume"]
_LIMITED = (
    "Yahoo Finance limits how often one may ask, and that was reached; an hour later it usually "
    "answers again"
)
_UNKNOWN = Answer(None, Trouble.REFUSED, "Yahoo Finance does not know this ticker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yahoo:
    """Daily prices from Yahoo Finance; ``^VIX`` is a ticker like any other.

    Parameters
    ----------
    keep
        Folder where yfinance keeps exchanges' time zones and its cookie.
    patience
        How often to ask again.
    route
        Given the address of a request, where to send it: for tests.
    timeout
        Seconds to wait for one answer.
    """

    keep: Path
    patience: Patience = field(default_factory=Patience)
    route: Callable[[str], str] = str
    timeout: float = 15.0
    name: str = "Yahoo Finance"

    def fetch(
        self,
        tickers: Sequence[str],
        start: date,
        end: date,
        *,
        progress: OnProgress,
        cancelled: Cancelled,
    ) -> Fetched:
        """Daily prices, batch by batch; see `Vendor.fetch`.

        The first ticker is asked for alone: where it cannot be had because of the network or a
        limit, the others are not asked for.
        """
        prices: dict[str, pd.DataFrame] = {}
        failed: dict[str, Answer] = {}
        session = _session(self.timeout, self.route, self.keep)
        for batch in _batches(tickers):
            if cancelled():
                return Fetched(prices, failed, cancelled=True)
            for ticker, answer in self._batch(session, batch, start, progress, cancelled):
                if answer.prices is None:
                    failed[ticker] = answer
                else:
                    prices[ticker] = answer.prices.loc[: pd.Timestamp(end)]
                done = len(prices) + len(failed)
                progress(Progress(done, len(tickers), f"{self.name}: {ticker}"))
            stopped = _stopped(batch, failed)
            if stopped is not None:
                rest = [ticker for ticker in tickers if ticker not in prices]
                return Fetched(prices, {**dict.fromkeys(rest, stopped), **failed})
        return Fetched(prices, failed, cancelled=cancelled())

    def _batch(
        self,
        session: Any,
        batch: Sequence[str],
        start: date,
        progress: OnProgress,
        cancelled: Cancelled,
    ) -> Iterator[tuple[str, Answer]]:
        def notice(said: str) -> None:
            progress(Progress(0, 0, f"{self.name}: {said}"))

        def ask(ticker: str) -> Answer:
            return self.patience.ask(
                lambda: _ask(session, ticker, start, self.timeout),
                cancelled=cancelled,
                notice=notice,
            )

        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="yahoo") as pool:
            yield from zip(batch, pool.map(ask, batch), strict=True)


def _batches(tickers: Sequence[str]) -> Iterator[Sequence[str]]:
    yield tickers[:1]
    for first in range(1, len(tickers), BATCH):
        yield tickers[first : first + BATCH]


def _stopped(batch: Sequence[str], failed: dict[str, Answer]) -> Answer | None:
    """The trouble of the whole batch, where asking on is of no use.

    One limit reached is enough; else nothing came although each might have had an answer. A
    single answer that cannot be read says nothing of the next ticker's.
    """
    troubles = [failed[ticker] for ticker in batch if ticker in failed]
    limited = next((one for one in troubles if one.trouble is Trouble.LIMITED), None)
    if limited is not None:
        return limited
    stopping = [one for one in troubles if one.trouble is not None and one.trouble.passes]
    alone = len(batch) == 1 and troubles and troubles[0].trouble is Trouble.UNREADABLE
    return stopping[0] if batch and len(stopping) == len(batch) and not alone else None


def _session(timeout: float, route: Callable[[str], str], keep: Path) -> Any:
    """A session that never waits for longer, whatever yfinance asks it to."""
    import yfinance
    from curl_cffi import requests

    # Its own use of pandas, seen on every answer. For good, not for a call: its threads share the
    # filters, and one that puts them back would take them from the others.
    warnings.filterwarnings("ignore", message=_OWN_WARNING, module=r"yfinance\.")
    logging.getLogger("yfinance").addHandler(logging.NullHandler())  # we say it in our words
    yfinance.config.debug.hide_exceptions = False
    keep.mkdir(parents=True, exist_ok=True)
    yfinance.set_tz_cache_location(str(keep))

    class Session(requests.Session):  # type: ignore[type-arg]
        def request(self, method: Any, url: str, **options: Any) -> Any:  # type: ignore[override]
            asked = options.get("timeout")
            options["timeout"] = min(asked, timeout) if isinstance(asked, int | float) else timeout
            return super().request(method, route(url), **options)

    return Session(impersonate="chrome")


def _ask(session: Any, ticker: str, start: date, timeout: float) -> Answer:
    """One request for one ticker, and what came of it in words."""
    from yfinance import Ticker
    from yfinance.data import YfData
    from yfinance.exceptions import (
        YFException,
        YFPricesMissingError,
        YFRateLimitError,
        YFTzMissingError,
    )

    YfData.cache_get.cache_clear()  # an answer cut off once would be given again and again
    asked = Ticker(ticker, session=session)
    try:
        # Without an end: yfinance keeps answers for a range that ended, broken ones too.
        prices = asked.history(
            start=start.isoformat(), auto_adjust=False, actions=False, timeout=timeout
        )
        about = asked.get_history_metadata()
        return _checked(ticker, prices, about.get("symbol"), about.get("currency"))
    except YFRateLimitError:
        return Answer(None, Trouble.LIMITED, _LIMITED)
    except YFTzMissingError:
        return _UNKNOWN
    except YFPricesMissingError as error:
        why = f" ({error.yahoo_reason})" if error.yahoo_reason else ""
        return Answer(None, Trouble.REFUSED, f"Yahoo Finance has no prices in these years{why}")
    except OSError as error:
        if getattr(getattr(error, "response", None), "status_code", None) == NOT_FOUND:
            return _UNKNOWN
        return Answer(None, Trouble.UNREACHABLE, f"Yahoo Finance cannot be reached ({_why(error)})")
    except (YFException, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        # Whatever its parser stumbles over when an answer is cut off or of another shape.
        logger.debug("%s: %r", ticker, error)
        said = "Yahoo Finance gave an answer that cannot be read: cut off, or of another shape"
        return Answer(None, Trouble.UNREADABLE, said)


def _checked(ticker: str, prices: pd.DataFrame, symbol: object, currency: object) -> Answer:
    """The prices, if they are those of the ticker in USD."""
    if symbol != ticker:
        return Answer(None, Trouble.UNREADABLE, f"Yahoo Finance answered with {symbol}")
    if currency not in ("USD", None) and not ticker.startswith("^"):
        return Answer(None, Trouble.REFUSED, f"Yahoo Finance gives it in {currency}, not in USD")
    there = [name for name in _COLUMNS if name in prices.columns]
    if prices.empty or "Close" not in there or prices["Close"].isna().all():
        return Answer(None, Trouble.REFUSED, "Yahoo Finance has no prices in these years")
    days = pd.DatetimeIndex(prices.index).tz_localize(None).normalize()
    return Answer(prices[there].set_axis(days.rename("date"), axis="index"))


def _why(error: OSError) -> str:
    """The error in a few words, without its address and its manual."""
    said = str(error).split("See https", 1)[0].rpartition("curl: (")[2]
    said = said.partition(") ")[2] or said
    return said.strip(" .")[:160] or type(error).__name__
