"""The Regime page in this process: right numbers, no future, nothing saved, every empty state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import format, loaders
from quantetf_core import desk
from quantetf_core.data.sessions import sessions_between
from quantetf_core.production.regime_record import HISTORY_FILE, record_regime
from quantetf_core.regime import RegimeConfig, RegimeState
from quantetf_core.regime.analysis import days_in_regime, flip_distance, rules_in_words
from quantetf_core.regime.comparison import compare_histories
from quantetf_core.regime.replay import state_at
from quantetf_core.regime.tables import change_table, share_table

OpenDesk = Callable[..., AppTest]
WHEN = datetime(2024, 1, 2, 21, 4, tzinfo=UTC)
EARLIER = date(2010, 6, 30)


def sample_history(thresholds: RegimeConfig | None = None) -> pd.DataFrame:
    """The replay of the sample market by the configured thresholds, or by others."""
    portfolio = loaders.portfolio("sample")
    market = loaders.market(portfolio, now=loaders.now())
    return desk.regime_history(market, thresholds or portfolio.settings.thresholds)


def said(at: AppTest) -> str:
    """Everything the page says in Markdown, captions and messages, as a reader sees it."""
    elements = [*at.main.markdown, *at.main.caption, *at.main.error, *at.main.warning]
    text = "\n".join(str(one.value) for one in (*elements, *at.main.info))
    return text.replace("\\", "").replace("\u2060", "")


def title(at: AppTest) -> str:
    return at.title[0].value.replace("\\", "")


def metric(at: AppTest, label: str) -> str:
    """Value of the figure of that label."""
    found = [one.value for one in at.metric if one.label.replace("\\", "") == label]
    assert len(found) == 1, (label, [one.label for one in at.metric])
    return str(found[0]).replace("\\", "")


def table(at: AppTest, *columns: str) -> pd.DataFrame:
    """The one table of the page that has these columns."""
    found = [one.value for one in at.dataframe if set(columns) <= set(one.value.columns)]
    assert len(found) == 1, columns
    return found[0]


def slider(at: AppTest, starts: str):
    return next(one for one in at.slider if one.label.startswith(starts))


def files_portfolio(
    workspace: Path, closes: pd.Series, vix: pd.Series, *, ticker: str = "SPY"
) -> None:
    """Make a portfolio of files the only one of the workspace."""
    folder = workspace / "data" / "files"
    folder.mkdir(parents=True)
    prices = closes.rename("close").rename_axis("date").reset_index().assign(ticker=ticker)
    prices.to_csv(folder / "prices.csv", index=False)
    vix.rename("close").rename_axis("date").to_csv(folder / "vix.csv")
    example = workspace / "configs" / "portfolios" / "files_example.yaml"
    text = example.read_text(encoding="utf-8").replace("etf_prices.parquet", "prices.csv")
    example.write_text(text, encoding="utf-8")
    (workspace / "configs" / "portfolios" / "sample.yaml").unlink()


def first_sessions(count: int) -> pd.DatetimeIndex:
    return sessions_between("2010-01-04", "2011-12-30")[:count]


# --- what it says ---------------------------------------------------------------------------


def test_the_top_names_the_regime_its_length_and_how_far_it_is_from_changing(
    open_desk: OpenDesk,
) -> None:
    at = open_desk("regime")
    history = sample_history()
    state, days = state_at(history, history.index[-1]), days_in_regime(history)
    far = flip_distance(state)
    assert far.trend is not None
    assert far.vol is not None
    assert title(at) == f"Regime: {state.label}"
    text = said(at)
    assert "Fri 29 Dec 2023" in text
    assert f"since {format.day(history.index[-days])} ({format.count(days, 'session')})" in text
    assert "Simulated prices" in text
    assert metric(at, "SPY close") == format.money(state.spy_price, cents=True)
    assert metric(at, "VIX") == format.number(state.vix, places=2)
    shown = [one.value.replace("\\", "") for one in at.metric]
    assert f"{format.number(far.trend.points, places=2, signed=True)} USD" in shown
    assert f"{format.number(far.vol.points, places=2, signed=True)} points" in shown


def test_all_four_regimes_and_the_fallback_are_mapped_with_their_reasons(
    open_desk: OpenDesk,
) -> None:
    text = said(open_desk("regime"))
    mapping = loaders.portfolio("sample").settings.mapping
    for name in ("uptrend_low_vol", "downtrend_high_vol", "fallback"):
        assert mapping.entry(name).strategy in text
        assert mapping.entry(name).rationale[:60] in text
    assert text.count("In use now") == 1


def test_the_tables_are_those_of_the_replay(open_desk: OpenDesk) -> None:
    at, history = open_desk("regime"), sample_history()
    changes = table(at, "from_sessions", "spy_200ma")
    expected = change_table(history)
    assert changes["date"].tolist() == expected["date"].tolist()
    assert changes["vix"].tolist() == expected["vix"].tolist()
    shares = table(at, "regime", "longest")
    assert shares["sessions"].tolist() == share_table(history)["sessions"].tolist()
    assert shares["regime"].iloc[0] == "Uptrend, low volatility"


def test_the_rules_stand_there_in_words_with_their_file(open_desk: OpenDesk) -> None:
    text = said(open_desk("regime"))
    for rule in rules_in_words():
        assert rule in text
    assert "Thresholds from configs/regimes/thresholds.yaml." in text


def test_an_earlier_session_shows_nothing_of_what_came_after(open_desk: OpenDesk) -> None:
    at = open_desk("regime")
    at.sidebar.date_input[0].set_value(EARLIER).run()
    assert not at.exception
    seen = sample_history().loc[: pd.Timestamp(EARLIER)]
    assert title(at) == f"Regime: {state_at(seen, EARLIER).label}"
    assert table(at, "from_sessions", "spy_200ma")["date"].max() <= pd.Timestamp(EARLIER)
    assert table(at, "regime", "longest")["sessions"].sum() == len(seen)
    slider(at, "Band").set_value(5.0).run()
    assert table(at, "start", "end")["end"].max() <= pd.Timestamp(EARLIER)
    for year in range(2011, 2024):
        assert str(year) not in said(at)


def test_a_day_without_a_session_says_which_one_is_shown(open_desk: OpenDesk) -> None:
    at = open_desk("regime")
    at.sidebar.date_input[0].set_value(date(2023, 12, 25)).run()
    assert "Mon 25 Dec 2023 has no session in the data" in said(at)
    assert "Fri 22 Dec 2023" in said(at)


@pytest.mark.parametrize("period", ["5 years", "All"])
def test_the_charts_can_show_a_longer_period(open_desk: OpenDesk, period: str) -> None:
    at = open_desk("regime")
    at.button_group(key="regime_period").set_value([period]).run()
    assert not at.exception


# --- the what-if ----------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_other_thresholds_show_what_would_have_been_and_save_nothing(
    open_desk: OpenDesk, workspace: Path
) -> None:
    before = contents(workspace)
    at = open_desk("regime")
    assert "These are the configured thresholds" in said(at)
    slider(at, "Band").set_value(5.0)
    slider(at, "VIX: volatility turns low").set_value(15.0)
    slider(at, "VIX: volatility turns high").set_value(32.5).run()
    assert not at.exception
    tried = RegimeConfig(0.05, vix_high_threshold=32.5, vix_low_threshold=15.0)
    found = compare_histories(sample_history(), sample_history(tried))
    assert found.differing > 0
    assert metric(at, "Changes, trial") == format.number(found.trial_changes)
    assert metric(at, "Sessions that differ") == format.number(found.differing)
    shares = table(at, "configured_share", "trial_share")
    assert shares["trial_share"].tolist() == found.shares["trial_share"].tolist()
    assert len(table(at, "start", "end", "trial")) == len(found.disagreements)
    assert format.regime(found.trial_regime) in said(at)
    assert title(at) == f"Regime: {format.regime(found.configured_regime)}"
    assert contents(workspace) == before
    assert loaders.portfolio("sample").settings.thresholds == RegimeConfig()


def test_reset_goes_back_to_the_file(open_desk: OpenDesk) -> None:
    at = open_desk("regime")
    slider(at, "Band").set_value(5.0).run()
    assert metric(at, "Sessions that differ") != "0"
    at.button(key="trial_reset").click().run()
    assert [one.value for one in at.slider] == [2.0, 20.0, 25.0]
    assert metric(at, "Sessions that differ") == "0"
    assert "These are the configured thresholds" in said(at)


def test_another_regime_is_said_beside_the_configured_one(open_desk: OpenDesk) -> None:
    at = open_desk("regime")
    history = sample_history()
    calm = history.index[history["regime"] == "uptrend_low_vol"][-1]
    at.sidebar.date_input[0].set_value(calm.date()).run()
    slider(at, "VIX: volatility turns low").set_value(1.0)
    slider(at, "VIX: volatility turns high").set_value(5.0).run()
    assert "The regime would be **Uptrend, high volatility**, for" in said(at)
    assert "instead of **Uptrend, low volatility**" in said(at)


def test_a_lower_threshold_above_the_upper_one_is_a_sentence(open_desk: OpenDesk) -> None:
    at = open_desk("regime")
    slider(at, "VIX: volatility turns low").set_value(30.0).run()
    assert not at.exception
    assert "The lower VIX threshold (30) is above the upper one (25)." in said(at)
    assert not [one for one in at.metric if one.label == "Sessions that differ"]


def test_an_edited_file_is_what_the_sliders_start_from(
    open_desk: OpenDesk, workspace: Path
) -> None:
    path = workspace / "configs" / "regimes" / "thresholds.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("hysteresis_pct: 0.02", "hysteresis_pct: 0.125"), encoding="utf-8")
    at = open_desk("regime")
    assert slider(at, "Band").value == 12.5
    assert "more than 12.5 per cent below" in said(at)


# --- what is missing ------------------------------------------------------------------------


def test_too_few_closes_are_said_and_the_fallback_is_marked(
    open_desk: OpenDesk, workspace: Path
) -> None:
    days = first_sessions(37)
    files_portfolio(workspace, pd.Series(100.0, days), pd.Series(15.0, days))
    at = open_desk("regime")
    assert title(at) == "Regime: Unknown"
    text = said(at)
    assert "SPY has 37 closes up to this session; its 200-day mean needs 200." in text
    assert "the same since the first session" in "\n".join(one.value for one in at.text)
    assert "cautious" in text
    assert metric(at, "SPY to a change of trend") == "–"
    slider(at, "Band").set_value(5.0).run()
    assert not at.exception


def test_a_vix_that_ended_is_said_with_its_age(open_desk: OpenDesk, workspace: Path) -> None:
    days = first_sessions(230)
    vix = pd.Series(15.0, days)[:220]
    files_portfolio(workspace, pd.Series(np.linspace(100, 120, 230), days), vix)
    at = open_desk("regime")
    assert title(at) == "Regime: Unknown"
    assert "The VIX was last seen" in said(at)
    assert metric(at, "VIX") == "–"


def test_a_market_without_spy_is_a_sentence(open_desk: OpenDesk, workspace: Path) -> None:
    days = first_sessions(20)
    files_portfolio(workspace, pd.Series(100.0, days), pd.Series(15.0, days), ticker="QQQ")
    at = open_desk("regime")
    assert "the market regime needs SPY, which the market data does not have" in said(at)


# --- the record -----------------------------------------------------------------------------


def test_a_record_that_disagrees_is_shown_beside_the_replay(
    open_desk: OpenDesk, workspace: Path
) -> None:
    folder = workspace / "data" / "state" / "sample"
    history = sample_history()
    right = state_at(history, history.index[-2])
    record_regime(folder, right, regime_changed=False, now=WHEN)
    assert "1 session recorded" in said(open_desk("regime"))
    assert "all agree with the replay" in said(open_desk("regime"))
    wrong = RegimeState("downtrend", "high_vol", history.index[-1])
    record_regime(folder, wrong, regime_changed=True, now=WHEN)
    at = open_desk("regime")
    assert "the replay of today's prices" in said(at)
    assert table(at, "recorded", "replayed")["recorded"].tolist() == ["Downtrend, high volatility"]


def test_a_damaged_record_is_a_sentence_and_the_page_stands(
    open_desk: OpenDesk, workspace: Path
) -> None:
    folder = workspace / "data" / "state" / "sample"
    folder.mkdir(parents=True)
    (folder / HISTORY_FILE).write_bytes(b"not parquet")
    at = open_desk("regime")
    assert "is damaged" in said(at)
    assert title(at).startswith("Regime: ")
