"""Log lines: whatever they say, values are gone before they are written, and what operators need stays."""

import io
import json
import logging
import logging.config
import threading

import pytest
import structlog

from chat.safety.personal import scrub
from chat.safety.personal.scrubbing import WITHHELD, scrub_log_line
from chatsite.logs import logging_settings

CARD, EMAIL = "4111 1111 1111 1112", "alice@example.com"


@pytest.fixture(params=["json", "console"])
def written(request):
    """What stands in the log, by a root logger made as the product makes it; put back afterwards."""
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    formatter = logging_settings(level="INFO", style=request.param)["formatters"]["lines"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter["()"](**{k: v for k, v in formatter.items() if k != "()"}))
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel("INFO")
    yield lambda: stream.getvalue()
    logging.getLogger().handlers, logging.getLogger().level = before


class Strange:
    def __repr__(self):
        return f"<Strange {EMAIL}>"


def test_no_way_into_the_log_carries_a_value(written):
    log = logging.getLogger("anything")
    log.warning(f"message {EMAIL} card {CARD}")
    log.warning("args %s %r", EMAIL, {"card": CARD})
    log.warning(
        "extra", extra={"who": EMAIL, "deep": {"list": [f"card {CARD}", ("x", EMAIL)]}, "what": Strange()}
    )
    log.warning("number", extra={"number": 4111111111111111})
    structlog.get_logger("other").warning("event", value=EMAIL, error=ValueError(EMAIL))
    try:
        try:
            raise ValueError(f"no booking for {EMAIL}")
        except ValueError as cause:
            raise KeyError(f"card {CARD}") from cause
    except KeyError:
        log.exception("failed for %s", EMAIL, stack_info=True)
        structlog.get_logger("other").exception("broke")
    text = written()
    assert EMAIL not in text
    assert (
        "4111 1111" not in text and "41111111" not in text
    )  # four digits alone stand in a time now and then
    assert text.count("Traceback") >= 2
    assert "[EMAIL]" in text
    assert "[CARD]" in text


@pytest.mark.parametrize(
    "line",
    [
        "turn_ended",
        "turn 550e8400-e29b-41d4-a716-446655440000 of 123e4567-e89b-12d3-a456-426614174000 ended in 1234 ms",
        "Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)",
        "connection to server at 10.0.0.5, port 5432 failed: Connection refused",
        "Error 111 connecting to 127.0.0.1:6379. Connection refused.",
        "Applied 0003_personal_values in 12.5 s on 2026-11-21 15:41:24",
        "Object at 0x7f3c2a1b4d60 took 1500000 ns",
        "HTTP 503 from https://api.example/v1/chat/completions after 20.0 s",
        'File "/srv/chat/turn/runner.py", line 123, in run_turn',
        "version 5.2.19 of Django, Python 3.11.7",
        "slow query: 1234567 rows",
    ],
)
def test_what_operators_need_stays(line):
    assert scrub_log_line(None, "", {"event": line})["event"] == line


def test_line_that_cannot_be_scrubbed_is_withheld(monkeypatch):
    def broken(_text):
        raise RecursionError

    monkeypatch.setattr("chat.safety.personal.scrubbing.detect", broken)
    line = scrub_log_line(None, "", {"event": f"to {EMAIL}", "level": "info"})
    assert line == {"event": WITHHELD, "level": "info", "reason": "RecursionError"}


def test_json_lines_stay_json(written):
    logging.getLogger("x").warning("to %s", EMAIL)
    line = written().strip()
    if line.startswith("{"):
        assert json.loads(line)["event"] == "to [EMAIL]"


def test_scrubbing_twice_changes_nothing():
    once = scrub(f"My name is Alice Example, {EMAIL}, card {CARD}")
    assert once == "My name is [NAME], [EMAIL], card [CARD]"
    assert scrub(once) == once


def test_broken_thread_is_told_of_in_the_log_alone(written, capfd):
    def breaks():
        raise ValueError(f"for {EMAIL}")

    logging_settings(level="INFO", style="json")
    thread = threading.Thread(target=breaks)
    thread.start()
    thread.join()
    assert "thread_broke" in written()
    assert EMAIL not in written() + "".join(capfd.readouterr())


def test_line_that_cannot_be_written_is_not_printed_raw(written, capfd):
    logging.getLogger("x").warning("only %s and %s", EMAIL)  # one argument too few
    assert EMAIL not in written() + "".join(capfd.readouterr())
