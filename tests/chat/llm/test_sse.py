"""Event streams from raw bytes, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.llm.errors import MalformedStream
from chat.llm.sse import LONGEST_EVENT_BYTES, EventParser

DATA = ["{}", '{"text":"año 🛫 naïve"}', "[DONE]", " two  spaces", "x" * 300]


def parsed(body: bytes, cuts: list[int] = ()) -> list[str]:
    parser, at, events = EventParser(), 0, []
    for cut in [*sorted(cuts), len(body)]:
        events += parser.feed(body[at:cut])
        at = max(at, cut)
    return [event.decode() for event in events + parser.close()]


@given(
    data=st.lists(st.sampled_from(DATA), max_size=6),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    cuts=st.lists(st.integers(0, 2500), max_size=12),
)
def test_any_cut_gives_same_events(data: list[str], newline: str, mark: bool, cuts: list[int]) -> None:
    text = "".join(f"event: m{newline}data: {item}{newline}: note{newline}{newline}" for item in data)
    body = ("\ufeff" * mark + text).encode()
    assert parsed(body, [min(cut, len(body)) for cut in cuts]) == data


def test_every_byte_alone_gives_same_events() -> None:
    body = "".join(f"data: {item}\r\n\r\n" for item in DATA).encode()
    assert parsed(body, list(range(len(body)))) == DATA


@pytest.mark.parametrize(
    ("body", "data"),
    [
        (b"data:no space\n\n", ["no space"]),
        (b"data: one\ndata: two\n\n", ["one\ntwo"]),
        (b": comment\nid: 7\nretry: 10\n\n", []),
        (b"data: without an empty line\n", ["without an empty line"]),
        (b"data: without any line end", ["without any line end"]),
        (b"\n\n\ndata: x\n\n\n\n", ["x"]),
    ],
)
def test_shapes_of_events(body: bytes, data: list[str]) -> None:
    assert parsed(body) == data


@pytest.mark.parametrize(
    "line", [b"<html>", b'{"error": 1}', b"\xff\xfe\x00", b"dat: x", b"error: {}", b"data"]
)
def test_foreign_line_is_refused(line: bytes) -> None:
    with pytest.raises(MalformedStream):
        EventParser().feed(b"data: {}\n\n" + line + b"\n")


def test_event_without_end_is_refused() -> None:
    parser = EventParser()
    with pytest.raises(MalformedStream):
        for _ in range(LONGEST_EVENT_BYTES // 65_536 + 2):
            parser.feed(b"data: " + b"x" * 65_536)
