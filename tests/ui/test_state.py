"""What one user looks at survives page switches, and nothing stale survives a change."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from pages.ui import state, state_history
from pages.ui.state import Flow, Key, Receipt


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """A session of its own, as plain as a dictionary."""
    session: dict[str, object] = {}
    monkeypatch.setattr(streamlit, "session_state", session)
    return session


def test_a_new_session_knows_nothing() -> None:
    view = state.view()
    assert (view.portfolio, view.as_of, view.what_if, view.flow) == (None, None, None, Flow.WHAT_IF)
    assert (view.reviewed, view.pending, view.receipt) == (None, None, None)
    assert (state.kept().selected, view.approver) == ((), "")


@pytest.mark.parametrize(
    ("key", "value", "field", "read"),
    [
        (Key.PORTFOLIO, "sample", "portfolio", "sample"),
        (Key.PORTFOLIO, "", "portfolio", None),
        (Key.PORTFOLIO, 7, "portfolio", None),
        (Key.AS_OF, date(2023, 12, 29), "as_of", date(2023, 12, 29)),
        (Key.AS_OF, datetime(2023, 12, 29, 5, tzinfo=UTC), "as_of", date(2023, 12, 29)),
        (Key.AS_OF, "2023-12-29", "as_of", None),
        (Key.FLOW, Flow.CASH_FLOW, "flow", Flow.CASH_FLOW),
        (Key.FLOW, "cash_flow", "flow", Flow.CASH_FLOW),
        (Key.FLOW, "withdraw everything", "flow", Flow.WHAT_IF),
        (Key.APPROVER, "  Ada  ", "approver", "Ada"),
        (Key.APPROVER, None, "approver", ""),
    ],
)
def test_widget_values_are_checked_when_read(session, key, value, field, read) -> None:
    session[key] = value
    assert getattr(state.view(), field) == read


def test_something_else_under_the_private_key_is_not_believed(session) -> None:
    session["_desk"] = {"what_if": 1.0}
    assert state.view().what_if is None


def choose_portfolio(name: str) -> None:
    """As the sidebar does it: the widget's value, then its callback."""
    streamlit.session_state[Key.PORTFOLIO] = name
    state.portfolio_changed()


def choose_as_of(session: date | None) -> None:
    streamlit.session_state[Key.AS_OF] = session
    state.as_of_changed()


def everything_set() -> None:
    choose_portfolio("sample")
    choose_as_of(date(2023, 12, 29))
    state.set_what_if(2_000_000.0)
    streamlit.session_state[Key.FLOW] = Flow.CASH_FLOW
    state.show_plan("plan", "parent")
    state_history.select(["20231229"])
    state_history.leave_message("hello")


def test_another_portfolio_forgets_everything_about_the_former() -> None:
    everything_set()
    state.end_commit(Receipt("sample", "20231229"))
    choose_portfolio("real")
    view = state.view()
    assert view.portfolio == "real"
    assert (view.as_of, view.what_if, view.flow) == (None, None, Flow.WHAT_IF)
    assert (view.reviewed, view.receipt, state.kept().selected) == (None, None, ())
    assert state_history.take_message() == ""


def test_another_date_forgets_the_plan_and_the_what_if_only() -> None:
    everything_set()
    choose_as_of(None)
    view = state.view()
    assert (view.portfolio, state.kept().selected) == ("sample", ("20231229",))
    assert (view.as_of, view.what_if, view.flow, view.reviewed) == (None, None, Flow.WHAT_IF, None)


@pytest.mark.parametrize("change", [lambda: choose_portfolio("b"), state.as_of_changed])
def test_a_commit_that_was_started_stays_watched(change: Callable[[], None]) -> None:
    plan = state.show_plan("plan", None)
    state.begin_commit()
    change()
    assert state.view().pending == plan


# --- what-if --------------------------------------------------------------------------------


LOW, HIGH = 500_000.0, 2_000_000.0


def seed(book_value: float = 1_000_000.0) -> tuple[str, str]:
    """Draw slider and box as the page does, and answer their keys."""
    drawn = state.seed_what_if(book_value, low=LOW, high=HIGH)
    for widget in drawn:
        streamlit.session_state.setdefault(widget.key, widget.first)
    return drawn[0].key, drawn[1].key


def shown(session, book_value: float = 1_000_000.0) -> tuple[float, float]:
    """What slider and box show when drawn again."""
    slider, box = seed(book_value)
    return session[slider], session[box]


def test_slider_and_box_start_at_the_book_s_value_which_is_no_what_if(session) -> None:
    assert shown(session) == (1_000_000.0, 1_000_000.0)
    assert state.view().what_if is None


@pytest.mark.parametrize("moved", [0, 1])
def test_slider_and_box_show_the_same_value(session, moved: int) -> None:
    key = seed()[moved]
    session[key] = 1_200_000.0
    state.adopt_what_if(key)
    assert shown(session) == (1_200_000.0, 1_200_000.0)
    assert state.view().what_if == 1_200_000.0


@pytest.mark.parametrize("moved", [0, 1])
def test_the_widget_that_was_moved_stays_and_the_other_begins_anew(session, moved: int) -> None:
    before = seed()
    session[before[moved]] = 1_200_000.0
    state.adopt_what_if(before[moved])
    after = seed()
    assert after[moved] == before[moved]
    assert after[1 - moved] != before[1 - moved]


def test_a_value_the_other_widget_had_before_cannot_come_back(session) -> None:
    slider, stale = seed()
    for value in (1_010_000.0, 1_020_000.0):
        session[slider] = value
        state.adopt_what_if(slider)
        _, box = seed()
        assert box != stale  # the browser's old box has no say any more
        session[stale] = 1_000_000.0
        state.adopt_what_if(stale)
        assert shown(session) == (value, value)


def test_the_last_digit_of_a_slider_s_sum_is_no_change(session) -> None:
    slider, _ = seed()
    session[slider] = 1_200_000.0000001
    state.adopt_what_if(slider)
    assert seed()[0] == slider
    assert state.view().what_if == 1_200_000.0


def test_moving_back_to_the_book_s_value_ends_the_what_if(session) -> None:
    state.set_what_if(1_200_000.0)
    seed()
    state.set_what_if(1_000_000.0)
    seed()
    assert state.view().what_if is None


@pytest.mark.parametrize(("typed", "thumb"), [(9e6, HIGH), (10.0, LOW)])
def test_the_box_may_go_beyond_the_ends_of_the_slider(session, typed, thumb) -> None:
    _, box = seed()
    session[box] = typed
    state.adopt_what_if(box)
    assert shown(session) == (thumb, typed)


def test_the_what_if_is_shown_again_when_the_widgets_were_dropped(session) -> None:
    state.set_what_if(1_200_000.0)
    for key in seed():
        del session[key]
    assert shown(session) == (1_200_000.0, 1_200_000.0)


def test_without_a_what_if_the_widgets_follow_the_book(session) -> None:
    seed()
    assert shown(session, 1_100_000.0) == (1_100_000.0, 1_100_000.0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf, None, "1e6", True])
def test_a_portfolio_value_that_is_none_is_ignored(wrong: object) -> None:
    state.set_what_if(5.0)
    state.set_what_if(wrong)
    assert state.view().what_if == 5.0


# --- the commit -----------------------------------------------------------------------------


def test_the_same_plan_keeps_its_token_and_another_plan_gets_another() -> None:
    first = state.show_plan("a", None)
    assert state.show_plan("a", None) == first
    other_parent = state.show_plan("a", "20231130")
    other_plan = state.show_plan("b", "20231130")
    assert len({first.token, other_parent.token, other_plan.token}) == 3


def test_nothing_can_be_confirmed_before_a_plan_is_on_the_screen() -> None:
    assert state.begin_commit() is None
    assert state.view().pending is None


def test_a_double_click_confirms_the_plan_that_was_confirmed_first() -> None:
    first = state.show_plan("a", None)
    assert state.begin_commit() == first
    state.show_plan("b", None)
    assert state.begin_commit() == first


def test_the_token_is_spent_by_a_refusal_too() -> None:
    first = state.show_plan("a", None)
    state.begin_commit()
    state.end_commit(None)
    assert (state.view().pending, state.view().receipt) == (None, None)
    assert state.show_plan("a", None).token != first.token


def test_a_commit_leaves_a_receipt_until_it_is_put_away_or_the_next_one_begins() -> None:
    everything_set()
    state.begin_commit()
    receipt = Receipt("sample", "20231229")
    state.end_commit(receipt)
    assert (state.view().receipt, state.view().what_if) == (receipt, None)
    state.dismiss_receipt()
    assert state.view().receipt is None
    state.end_commit(receipt)
    state.show_plan("next", "20231229")
    state.begin_commit()
    assert state.view().receipt is None


# --- history --------------------------------------------------------------------------------

SHOWN = ["20231229", "20231130", "20231031"]


def test_selected_rows_become_ids_and_positions_of_rows_gone_are_dropped(session) -> None:
    session["table"] = {"selection": {"rows": [2, 0, 7, -1]}}
    state_history.select_rows("table", SHOWN)
    assert state.kept().selected == ("20231031", "20231229")
    assert state_history.selected_among(SHOWN) == ("20231229", "20231031")


def test_filtering_never_turns_a_selection_into_another_commit(session) -> None:
    session["table"] = {"selection": {"rows": [1]}}
    state_history.select_rows("table", SHOWN)
    assert state_history.selected_among(["20231031"]) == ()
    assert state_history.selected_among(["20231031", "20231130"]) == ("20231130",)


def test_a_table_without_an_event_selects_nothing() -> None:
    state_history.select(["a", "a", "b"])
    assert state.kept().selected == ("a", "b")
    state_history.select_rows("no such table", SHOWN)
    assert state.kept().selected == ()


def test_a_message_is_said_once() -> None:
    state_history.leave_message("12 positions imported")
    assert state_history.take_message() == "12 positions imported"
    assert state_history.take_message() == ""


# --- in a real session ----------------------------------------------------------------------


def widgets() -> None:
    import streamlit as st

    from pages.ui import state
    from pages.ui.state import Flow, Key

    slider, box = state.seed_what_if(1000.0, low=0.0, high=5000.0)
    adopt = state.adopt_what_if
    first, key = slider.first, slider.key
    st.slider("Value", 0.0, 5000.0, first, key=key, on_change=adopt, args=(key,))
    first, key = box.first, box.key
    st.number_input("USD", 0.0, None, first, key=key, on_change=adopt, args=(key,))
    st.radio("Means", list(Flow), key=Key.FLOW)
    st.button("Reset", on_click=state.reset_what_if)
    st.text(f"{state.view().what_if} {state.view().flow}")


def test_widgets_follow_each_other_in_a_real_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    at = AppTest.from_function(widgets, default_timeout=30).run()
    assert at.text[0].value == "None what_if"
    at.slider[0].set_value(2000.0).run()
    assert at.number_input[0].value == 2000.0
    at.number_input[0].set_value(9000.0).run()
    assert at.slider[0].value == 5000.0
    at.number_input[0].set_value(3000.0).run()
    assert at.slider[0].value == 3000.0
    at.radio(key="flow").set_value(Flow.CASH_FLOW).run()
    assert at.text[0].value == "3000.0 cash_flow"
    at.button[0].click().run()
    assert at.text[0].value == "None what_if"
    assert at.slider[0].value == 1000.0
    assert not at.exception
