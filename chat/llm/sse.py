"""Server-sent events from raw bytes: what a model's stream needs, with as little work a token as can be.

Works on bytes, because a read may end anywhere: inside an event, a line end or a UTF-8 character.
"""

from chat.llm.errors import MalformedStream

LONGEST_EVENT_BYTES = 1_048_576
_IGNORED_FIELDS = (b"event", b"id", b"retry")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventParser:
    """Cuts the body of an event stream into the data of its events."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._begun = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of every event that ``chunk`` completes, in order.

        Raises:
            MalformedStream: a line is not of an event stream, or an event never ends.
        """
        body = self._rest + chunk
        if not self._begun:
            if len(body) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(body):
                self._rest = body
                return []
            self._begun = True
            body = body.removeprefix(_BYTE_ORDER_MARK)
        held = b""
        if b"\r" in body:
            # A carriage return at the very end may be half of a line end: it waits for the next chunk.
            held = b"\r" if body.endswith(b"\r") else b""
            body = body[: len(body) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = body.split(b"\n")
        self._rest = lines.pop() + held
        if len(self._rest) > LONGEST_EVENT_BYTES:
            raise MalformedStream("an event without end")
        return self._events(lines)

    def close(self) -> list[bytes]:
        """Return the data of an event that the body's end left without its empty line."""
        rest, self._rest = self._rest, b""
        return self._events([rest.rstrip(b"\r"), b""])

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b" ", 5) else line[5:])
            elif not line:
                if self._data:
                    events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                    self._data = []
            else:
                _check_ignorable(line)
        return events


def _check_ignorable(line: bytes) -> None:
    # The standard skips fields it does not know. A model's stream has none, so such a line is an error page,
    # a proxy's words or damage, and skipping it would pass damage on as a shorter answer.
    field, colon, _ = line.partition(b":")
    if field and (field not in _IGNORED_FIELDS or not colon):
        raise MalformedStream("a line that is not of an event stream")
