"""Event ids."""

import pytest

from chat.events import EventId


def test_ids_are_read_and_written():
    assert str(EventId.parse("2-17")) == "2-17"


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-1", "1-b", "1-2-3", "١-1", "9" * 20 + "-1", " 1-1"])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError):
        EventId.parse(text)


def test_order_is_attempt_then_number():
    assert EventId(2, 1) > EventId(1, 99) > EventId(1, 9)


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        (None, "0-1", True),
        (None, "1-1", False),
        ("0-1", "1-1", True),
        ("1-3", "1-4", True),
        ("1-3", "1-5", False),
        ("1-3", "2-1", True),
        ("1-3", "2-2", False),
    ],
)
def test_gaps_are_seen(earlier, later, expected):
    assert EventId.parse(later).follows(earlier and EventId.parse(earlier)) is expected
