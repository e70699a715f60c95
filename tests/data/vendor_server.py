"""A server that answers as Yahoo Finance and FRED do, well or badly, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pandas as pd

OPEN = pd.Timedelta(hours=14, minutes=30)
"""From midnight UTC to the bell of New York in winter: the time Yahoo gives a daily row."""

NUMBERS = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume"}


@dataclass
class Vendors:
    """What is served, and how badly.

    ``charts`` is a table by ticker (as `table` makes it) and ``series`` a Series by name of FRED.
    ``faults`` says, by ticker or series, what to do instead of a good answer: one word for always,
    a list for the first times. ``asked`` are the addresses asked for, in order.
    """

    charts: dict[str, pd.DataFrame] = field(default_factory=dict)
    series: dict[str, pd.Series] = field(default_factory=dict)
    faults: dict[str, str | list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)

    def route(self, address: str) -> str:
        """Where a request for a vendor's address goes."""
        parts = urlsplit(address)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self.url}/{parts.netloc}{parts.path}{query}"

    def charts_asked(self, ticker: str) -> list[dict[str, str]]:
        """The questions for a ticker's prices (not for its time zone)."""
        found = []
        for address in self.asked:
            parts = urlsplit(address)
            if parts.path.endswith(f"/v8/finance/chart/{ticker}") and "period1" in parts.query:
                found.append({name: value[0] for name, value in parse_qs(parts.query).items()})
        return found

    def fault(self, name: str) -> str:
        said = self.faults.get(name, self.faults.get("*", ""))
        if isinstance(said, str):
            return said
        return said.pop(0) if said else ""


def table(closes: pd.Series, *, factor: float | pd.Series = 1.0) -> pd.DataFrame:
    """Prices of a ticker by session, all made from its closes."""
    return pd.DataFrame(
        {
            "Open": closes * 0.999,
            "High": closes * 1.01,
            "Low": closes * 0.99,
            "Close": closes,
            "Adj Close": closes * factor,
            "Volume": np.full(len(closes), 1000.0),
        },
        index=closes.index,
    )


def chart(ticker: str, prices: pd.DataFrame, *, currency: str = "USD") -> dict[str, Any]:
    """Yahoo's answer for a ticker."""
    stamps = [int((day + OPEN).timestamp()) for day in prices.index]
    numbers = {name: _numbers(prices[column]) for name, column in NUMBERS.items()}
    meta = {
        "currency": currency,
        "symbol": ticker,
        "exchangeName": "PCX",
        "instrumentType": "INDEX" if ticker.startswith("^") else "ETF",
        "firstTradeDate": stamps[0] if stamps else None,
        "regularMarketTime": stamps[-1] if stamps else None,
        "gmtoffset": -18000,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "priceHint": 2,
        "dataGranularity": "1d",
        "validRanges": ["1d", "5d", "1mo", "max"],
    }
    indicators = {"quote": [numbers], "adjclose": [{"adjclose": _numbers(prices["Adj Close"])}]}
    result: dict[str, Any] = {"meta": meta, "indicators": indicators}
    if stamps:
        result["timestamp"] = stamps
    else:
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return {"chart": {"result": [result], "error": None}}


def _numbers(column: pd.Series) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in column]


def refusal(ticker: str) -> dict[str, Any]:
    """Yahoo's answer for a ticker it does not have."""
    said = "No data found, symbol may be delisted"
    return {"chart": {"result": None, "error": {"code": "Not Found", "description": said}}}


class Handler(BaseHTTPRequestHandler):
    vendors: Vendors

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self.vendors.asked.append(self.path)
        parts = urlsplit(self.path)
        _, host, *rest = unquote(parts.path).split("/")
        query = {name: value[0] for name, value in parse_qs(parts.query).items()}
        if host.startswith("fred"):
            self._fred(query)
        elif rest[:3] == ["v8", "finance", "chart"]:
            self._chart(rest[3], query)
        elif "quoteSummary" in rest:
            said = {"code": "Not Found", "description": f"Quote not found for symbol: {rest[-1]}"}
            self._json(404, {"quoteSummary": {"result": None, "error": said}})
        elif rest[-1:] == ["getcrumb"]:
            self._send(200, b"crumb")
        else:
            self._send(200, b"<html></html>")

    def _chart(self, ticker: str, query: dict[str, str]) -> None:
        fault = self.vendors.fault(ticker) if "period1" in query else ""
        if self._spoiled(fault):
            return
        prices = self.vendors.charts.get(ticker)
        if prices is None or fault == "unknown":
            self._json(404, refusal(ticker))
            return
        if "period1" in query:
            start, end = (pd.Timestamp(int(query[f"period{n}"]), unit="s") for n in (1, 2))
            prices = prices[(prices.index + OPEN >= start) & (prices.index + OPEN < end)]
        else:
            prices = prices.iloc[-1:]
        answer = chart("WRNG" if fault == "wrong ticker" else ticker, prices)
        if fault == "pounds":
            answer["chart"]["result"][0]["meta"]["currency"] = "GBP"
        if fault == "empty":
            answer = chart(ticker, prices.iloc[:0])
        if fault == "other shape":
            answer["chart"]["result"][0]["indicators"]["quote"] = [{"closing": [1.0]}]
        self._json(200, answer, cut=fault == "truncated")

    def _fred(self, query: dict[str, str]) -> None:
        name = query["id"]
        fault = self.vendors.fault(name)
        if self._spoiled(fault):
            return
        values = self.vendors.series.get(name)
        if values is None:
            self._send(404, b"<html>Not Found</html>")
            return
        values = values[query["cosd"] : query["coed"]]
        lines = [f"observation_date,{name}"]
        lines += [f"{day.date()},{'' if np.isnan(v) else v}" for day, v in values.items()]
        content = "\n".join(lines).encode()
        self._send(200, content, claimed=len(content) * 2 if fault == "truncated" else None)

    def _spoiled(self, fault: str) -> bool:
        if fault == "throttled":
            self._send(429, b"Too Many Requests")
        elif fault == "broken":
            self._send(500, b"oops")
        elif fault == "html":
            self._send(200, b"<html>Please sign in</html>")
        elif fault == "hangs":
            self.vendors.released.wait(30)
        elif fault == "closes":
            self.connection.close()
        else:
            return False
        return True

    def _json(self, status: int, answer: dict[str, Any], *, cut: bool = False) -> None:
        content = json.dumps(answer).encode()
        self._send(status, content[: len(content) // 2] if cut else content)

    def _send(self, status: int, content: bytes, *, claimed: int | None = None) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(claimed or len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            return  # who asked has gone


@contextmanager
def vendors() -> Iterator[Vendors]:
    """A server for the length of a test."""
    served = Vendors()
    handler = type("Serving", (Handler,), {"vendors": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
