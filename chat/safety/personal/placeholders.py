"""Placeholders of a conversation: what stands for a personal value wherever it must not be seen.

``[EMAIL_1]`` stands for the same address through the whole conversation. Values that no answer needs (cards,
accounts, papers) are not kept at all: a digest recognises them, and in the answer a neutral word stands for
them. Text that looks like a placeholder is itself replaced by one first, and comes back as it was typed.
"""

import json
import re
from typing import Any, Final

from chat.safety.personal import spans
from chat.safety.personal.detection import detect
from chat.safety.personal.known import NOTHING_KNOWN, Known
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import Span, joined
from chat.sealing import Seal

NAMES: Final = {
    spans.EMAIL: "EMAIL", spans.PHONE: "PHONE", spans.CARD: "CARD", spans.IBAN: "ACCOUNT", spans.IP: "IP",
    spans.MAC: "DEVICE", spans.CRYPTO: "WALLET", spans.SSN: "SSN", spans.LICENCE: "LICENCE",
    spans.PASSPORT: "PASSPORT", spans.IDENTITY: "ID", spans.BOOKING: "BOOKING", spans.FLYER: "MEMBER",
    spans.TICKET: "TICKET", spans.BIRTH: "BIRTH", spans.ADDRESS: "ADDRESS", spans.PERSON: "NAME",
    spans.LITERAL: "TEXT",
}  # fmt: skip
# Never restored, and therefore never kept.
SECRET: Final = frozenset({"CARD", "ACCOUNT", "SSN", "LICENCE", "PASSPORT", "ID", "WALLET"})
_KINDS: Final = {name: kind for kind, name in NAMES.items()}
# As issued, and as models come to write them: other case, a space, Markdown's backslashes.
PLACEHOLDER: Final = re.compile(
    rf"\\?\[(?P<name>{'|'.join(NAMES.values())})(?:\\?_| )(?P<number>\d{{1,4}})\\?\]", re.IGNORECASE
)
_SEAL: Final = Seal("personal-values")


class Placeholders:
    """The placeholders of one conversation, with what they stand for.

    Args:
        place: the conversation's id, which what is sealed is bound to.
    """

    def __init__(self, place: str):
        self._place = place
        self._values: dict[str, str] = {}
        self._by_value: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.is_changed = False

    def __len__(self) -> int:
        return len(self._by_value)

    def mask(self, text: str, known: Known = NOTHING_KNOWN, *, may_issue: bool = True) -> str:
        """Return the text with a placeholder for each personal value.

        Args:
            text: as written.
            known: values of the signed-in person.
            may_issue: whether values not met before get a placeholder of their own; otherwise they get one
                without a number, which nothing restores.
        """
        return self.masked(text, self.find(text, known), may_issue=may_issue)

    def find(self, text: str, known: Known = NOTHING_KNOWN) -> list[Span]:
        """Return the personal values in a text, those met earlier in the conversation included."""
        found = detect(text, self._with_earlier(known))
        literal = _literals(text)
        return joined([*found, *literal]) if literal else found

    def masked(self, text: str, found: list[Span], *, may_issue: bool = True) -> str:
        """Return the text with placeholders in the places found."""
        pieces, at = [], 0
        for span in found:
            pieces += [
                text[at : span.start],
                self._standing_for(text[span.start : span.end], span.kind, may_issue),
            ]
            at = span.end
        return "".join((*pieces, text[at:]))

    def escape(self, text: str) -> str:
        """Return the text with nothing in it that would be taken for a placeholder; personal values stay."""
        return self.masked(text, _literals(text))

    def value_of(self, name: str, number: int) -> str | None:
        """Return what a placeholder stands for: empty where that is not kept, None where none was issued."""
        if number > self._counts.get(name, 0) or number < 1:
            return None
        return "" if name in SECRET else self._values.get(f"[{name}_{number}]")

    def sealed(self) -> bytes:
        """Return the table as it may be stored."""
        kept = {"values": self._values, "digests": self._digests(), "counts": self._counts}
        return _SEAL.close(json.dumps(kept).encode(), self._place)

    @classmethod
    def opened(cls, sealed: bytes, place: str) -> "Placeholders":
        """Return the table that was stored for ``place``.

        Raises:
            Unreadable: it was sealed for another, or with a key that is no longer known.
        """
        kept: dict[str, Any] = json.loads(_SEAL.open(sealed, place))
        table = cls(place)
        table._values, table._counts = kept["values"], kept["counts"]
        table._by_value = {**kept["digests"]}
        for placeholder, value in table._values.items():
            table._by_value[_canonical(value, placeholder)] = placeholder
        return table

    def _with_earlier(self, known: Known) -> Known:
        others = tuple(
            (value, _KINDS[name])
            for placeholder, value in self._values.items()
            if (name := placeholder[1:].rpartition("_")[0]) != "TEXT" and len(value) >= 5
        )
        if not others:
            return known
        return Known(known.people, known.emails, known.references, (*known.others, *others))

    def _standing_for(self, value: str, kind: str, may_issue: bool) -> str:
        name = NAMES[kind]
        keys = self._keys_of(value, name)
        known = next((self._by_value[key] for key in keys if key in self._by_value), None)
        if known is not None:
            return known
        return self._issue(name, value, keys[0]) if may_issue else f"[{name}]"

    def _keys_of(self, value: str, name: str) -> list[str]:
        canonical = _canonical(value, name)
        return _SEAL.digests(canonical, self._place) if name in SECRET else [canonical]

    def _issue(self, name: str, value: str, key: str) -> str:
        self._counts[name] = self._counts.get(name, 0) + 1
        placeholder = f"[{name}_{self._counts[name]}]"
        self._by_value[key] = placeholder
        if name not in SECRET:
            # References as the records write them, since the answer may be about one.
            self._values[placeholder] = value.upper() if name == "BOOKING" else value
        self.is_changed = True
        return placeholder

    def _digests(self) -> dict[str, str]:
        return {
            key: placeholder
            for key, placeholder in self._by_value.items()
            if placeholder[1:].rpartition("_")[0] in SECRET
        }


def _literals(text: str) -> list[Span]:
    """Return what in a text only looks like a placeholder."""
    if "[" not in text:
        return []
    return [Span(*found.span(), spans.LITERAL) for found in PLACEHOLDER.finditer(text)]


def without_placeholders(text: str) -> str:
    """Return a masked text with nothing in the placeholders' stead, as it may be searched for."""
    return re.sub(r"[ \t]{2,}", " ", PLACEHOLDER.sub(" ", text)).strip()


def _canonical(value: str, name: str) -> str:
    """Return a value without what may differ between two ways to write it."""
    if "TEXT" in name:
        return value
    lower = PlainText.of(value).lower
    if "@" in lower:
        return "".join(lower.split())
    return "".join(filter(str.isalnum, lower)) or lower
