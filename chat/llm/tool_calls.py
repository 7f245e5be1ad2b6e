"""The calls of tools in a stream, put together from their pieces."""

from dataclasses import dataclass, field

from chat.llm.base import ToolCall

MOST_CALLS = 32  # of one answer; a model that asks for more has lost its way


@dataclass(slots=True)
class _Parts:
    """One call as far as it came."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallParts:
    """The calls of one answer, by their place in it.

    Attributes:
        characters: length of all that came.
    """

    def __init__(self) -> None:
        self._parts: dict[int, _Parts] = {}
        self.characters = 0

    def add(self, index: int, *, call_id: str = "", name: str = "", arguments: str = "") -> None:
        """Take a piece of the call at a place.

        Raises:
            TypeError: a piece is no text, or the place no number.
            ValueError: there are too many calls.
        """
        if not (isinstance(index, int) and all(isinstance(one, str) for one in (call_id, name, arguments))):
            raise TypeError
        parts = self._parts.setdefault(index, _Parts())
        if len(self._parts) > MOST_CALLS:
            raise ValueError("too many calls")
        parts.id, parts.name = parts.id or call_id, parts.name or name
        if arguments:
            parts.arguments.append(arguments)
        self.characters += len(name) + len(arguments)

    def place_of(self, call_id: str) -> int:
        """Return the place for a piece that names none: that of its id, or a new one; else the last."""
        for index, parts in self._parts.items():
            if call_id and parts.id == call_id:
                return index
        last = max(self._parts, default=-1)
        return last + 1 if call_id or last < 0 else last

    def whole(self) -> tuple[ToolCall, ...]:
        """Return the calls in order; one without an id is given one of its own."""
        return tuple(
            ToolCall(parts.id or f"call_{index}", parts.name, "".join(parts.arguments))
            for index, parts in sorted(self._parts.items())
        )
