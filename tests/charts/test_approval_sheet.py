"""The approval sheet: complete, escaped, self-contained, the same bytes each time."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from quantetf_core.charts.approval_facts import ApprovalFacts, plan_facts
from quantetf_core.charts.approval_sheet import approval_sheet
from quantetf_core.decision import decide
from quantetf_core.findings import Finding, Severity
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")


class Page(HTMLParser):
    """The text of a page, its tags, and every address in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self.addresses = "", [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data):
        self.text += f"{data} "


def laid_out(facts: ApprovalFacts) -> Page:
    return Page(approval_sheet(facts).decode())


@pytest.fixture(scope="module")
def facts() -> ApprovalFacts:
    market = builders.random_market(TICKERS, seed=5)
    book = builders.book({"AAA": 100.0, "EEE": 400.0}, cash=90_000.0)
    result = decide(market, builders.settings(TICKERS), builders.situation(market, holdings=book))
    return plan_facts(result, portfolio="Core book")


def test_a_plan_is_marked_as_not_confirmed_and_says_everything_that_is_signed(facts):
    page = laid_out(facts)
    said = " ".join(page.text.split())
    assert "Approval sheet: Core book" in said
    assert "not confirmed" in said
    assert "nobody has confirmed this plan" in said
    assert facts.plan_id in said
    assert facts.rationale in said
    assert "half of everything bought and sold" in said
    assert f"{facts.turnover:.2%}" in said
    for label, usd in facts.cash:
        assert f"{label} {'−' if usd < 0 else ''}${abs(usd):,.2f}" in said
    for line in facts.lines.itertuples():
        assert line.ticker in said
        assert line.reason in said
    for finding, _ in facts.findings:
        assert finding.message in said
    assert "Risk officer, name and signature" in said


def test_it_asks_for_nothing_from_elsewhere_and_runs_nothing(facts):
    html = approval_sheet(facts).decode()
    page = Page(html)
    assert page.addresses == []
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?:", html)
    assert "default-src 'none'" in html


def test_whatever_people_and_files_wrote_is_shown_letter_by_letter(facts):
    evil = '<img src=x onerror="alert(1)">{{ 7 * 7 }}'
    finding = (Finding(Severity.WARN, "odd", evil, evil), evil)
    lines = facts.lines.assign(name=evil, reason=evil)
    spoiled = replace(
        facts, portfolio=evil, rationale=evil, strategy=evil, lines=lines, findings=(finding,)
    )
    page = laid_out(spoiled)
    assert "img" not in page.tags
    assert page.text.count(evil) >= 5 + 2 * len(lines)
    hidden = laid_out(replace(facts, rationale="up\u202edown\x00\n"))
    assert "up down" in hidden.text


def test_the_same_decision_is_the_same_bytes(facts):
    assert approval_sheet(facts) == approval_sheet(facts)


def test_what_is_not_known_is_a_dash_and_never_a_number(facts):
    nothing = replace(facts, value=float("nan"), indicators={"spy_price": float("nan")})
    nothing = replace(nothing, indicators=dict.fromkeys(facts.indicators, float("nan")))
    said = " ".join(laid_out(nothing).text.split())
    assert "SPY –, its 200-session mean –, VIX –" in said
    assert "Portfolio value –" in said
    assert "nan" not in said.lower()


def test_a_what_if_says_that_it_cannot_be_confirmed():
    market = builders.random_market(TICKERS, seed=5)
    book = builders.book({"AAA": 100.0}, cash=90_000.0)
    situation = builders.situation(market, holdings=book, portfolio_value=1e6)
    tried = plan_facts(decide(market, builders.settings(TICKERS), situation), portfolio="Core")
    assert "A what-if" in laid_out(tried).text
