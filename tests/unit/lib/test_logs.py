"""How log lines look, and that neither form of them holds a secret."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from dashboard.lib import trace
from dashboard.lib.clock import ManualClock
from dashboard.lib.logs import JsonFormatter, TextFormatter
from dashboard.lib.redact import MASK


def record(message: str, *args: object, error: bool = False) -> logging.LogRecord:
    return logging.LogRecord("dashboard.x", logging.INFO, "f", 1, message, args, sys.exc_info() if error else None)


def of(line: str) -> dict[str, str]:
    told: dict[str, str] = json.loads(line)
    assert "\n" not in line
    return told


def test_a_json_line_has_time_level_logger_and_message() -> None:
    told = of(JsonFormatter().format(record("房间 %s\nis live", "K7Q")))
    assert set(told) == {"time", "level", "logger", "message"}
    assert (told["level"], told["logger"], told["message"]) == ("INFO", "dashboard.x", "房间 K7Q\nis live")
    assert told["time"].endswith("+00:00")


@pytest.mark.parametrize(
    "message",
    [
        '{"sessionToken": "verysecret", "a": 1}',
        "{'token': 'verysecret'}",
        "Authorization: Bearer verysecret",
        "wss://x/y?token=verysecret&z=1",
        "/callbacks/jobs/verysecret",
        '"stream_keys": ["verysecret", "verysecret"]',
    ],
)
def test_no_secret_comes_through_json(message: str) -> None:
    """JSON escapes quotes: a mask that came after it would not know the name of what follows."""
    line = JsonFormatter().format(record("got %s", message))
    assert "verysecret" not in line
    assert MASK in of(line)["message"]


def test_no_secret_comes_through_the_traceback_of_json() -> None:
    try:
        raise ValueError('{"password": "verysecret"}')
    except ValueError:
        line = JsonFormatter().format(record("failed", error=True))
    assert "verysecret" not in line
    assert "ValueError" in of(line)["error"]


def test_both_forms_name_what_is_at_work() -> None:
    with trace.serving("click-1"), trace.following("trace-2", "click-1"):
        told = of(JsonFormatter().format(record("sent")))
        text = TextFormatter("{message}", style="{").format(record("sent"))
    assert (told["request_id"], told["trace_id"]) == ("click-1", "trace-2")
    assert text == "sent request=click-1 trace=trace-2"
    assert TextFormatter("{message}", style="{").format(record("idle")) == "idle"


def test_a_relay_names_the_request_that_it_never_saw() -> None:
    with trace.following("trace-2", "click-1"):
        assert trace.ids() == ("click-1", "trace-2")
        assert trace.asked_in() == ""  # what it asks for by itself is nobody's click


@pytest.mark.parametrize("given", ["", "with blank", "a" * 65, "x\ny", "<script>", "密"])
def test_what_is_not_fit_to_be_an_id_is_replaced(given: str) -> None:
    assert trace.new_id(given) != given
    assert len(trace.new_id(given)) == 32


def test_a_fit_id_is_kept() -> None:
    assert trace.new_id("edge-7:req.1_x") == "edge-7:req.1_x"


def test_a_departure_is_timed_once_and_answered_once(manual_clock: ManualClock) -> None:
    with trace.following("trace-3"):
        manual_clock.advance(0.5)
        assert trace.leaves() == 0.5
        assert trace.leaves() is None
    manual_clock.advance(2)
    assert trace.answered("trace-3") == 2.0
    assert trace.answered("trace-3") is None


def test_a_request_is_committed_once(manual_clock: ManualClock) -> None:
    assert trace.committed() is None
    with trace.serving("click-1"):
        manual_clock.advance(0.25)
        assert trace.committed() == 0.25
        assert trace.committed() is None


def test_departures_that_nobody_answers_are_bounded() -> None:
    for number in range(trace.MOST_DEPARTURES + 10):
        with trace.following(f"lost-{number}"):
            trace.leaves()
    assert trace.answered("lost-0") is None
    assert trace.answered(f"lost-{trace.MOST_DEPARTURES + 9}") is not None
    assert len(trace._departures) <= trace.MOST_DEPARTURES
