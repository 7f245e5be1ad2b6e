"""What people in danger are shown: fixed texts and help lines. The files beside this module hold the first
ones; staff's tables take their place, and where the tables cannot be read the files are there still.

The texts must be reviewed by a clinician and by the company, and the lines checked, before the desk is open
to the public: the tables keep who did it and when.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

MOST_LINES: Final = 6
NAMED_IN_TEXT: Final = 2
FALLBACK_LANGUAGE: Final = "en"
_HERE = Path(__file__).parent
_TAG = re.compile(r"\s*([a-zA-Z]{2,3})(?:-[a-zA-Z]{4})?(?:-([a-zA-Z]{2}))?\s*(?:;|$)")
_PLACES = {
    "AR": "Argentina", "AT": "Österreich", "AU": "Australia", "BE": "Belgique · België", "BR": "Brasil",
    "CA": "Canada", "CH": "Schweiz · Suisse · Svizzera", "CL": "Chile", "DE": "Deutschland", "ES": "España",
    "FR": "France", "GB": "United Kingdom", "IE": "Ireland", "IN": "India", "IT": "Italia", "MX": "México",
    "NL": "Nederland", "NZ": "New Zealand", "PT": "Portugal", "US": "United States", "ZA": "South Africa",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One help line.

    Attributes:
        country: ISO 3166 code; empty for lines that serve every country.
        language: in which it is answered.
        phone: as people write it; empty where there is none.
        text: number for text messages.
        url: a page of theirs, https.
        hours: when somebody is there.
    """

    country: str
    language: str
    name: str
    phone: str = ""
    text: str = ""
    url: str = ""
    hours: str = ""

    def as_json(self, *, with_place: bool) -> dict[str, str]:
        """Return the line as the protocol has it: what is not known is empty."""
        return {
            "name": self.name,
            "place": _PLACES.get(self.country, self.country) if with_place else "",
            "language": self.language,
            "hours": self.hours,
            "phone": self.phone,
            "phone_url": f"tel:{_dialled(self.phone)}" if self.phone else "",
            "text": self.text,
            "text_url": f"sms:{_dialled(self.text)}" if self.text else "",
            "url": self.url if self.url.startswith("https://") else "",
        }


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed texts in one language. ``{emergency}`` in them is the emergency number, ``{lines}`` the first
    help lines.

    Attributes:
        language: its code.
        heading: above the help lines.
        protocol: the whole answer of the protocol.
        support: a sentence beside an ordinary answer.
    """

    language: str
    heading: str
    protocol: str
    support: str


@dataclass(frozen=True, slots=True)
class Care:
    """What one person is shown.

    Attributes:
        text: the protocol as an answer (Markdown); empty for support beside an answer.
        notice: the help lines, as the protocol of the socket has them.
    """

    text: str
    notice: dict[str, Any]


def care_for(
    kind: str, *, words: Words, lines: Sequence[Line], country: str, emergency: str | None = None
) -> Care:
    """Return what is shown.

    Args:
        kind: ``protocol`` or ``support``.
        words: the texts in the person's language.
        lines: all active lines, in the order in which staff want them.
        country: the person's, ISO 3166; empty where it is not known.
        emergency: the emergency number, where it is not the file's.
    """
    emergency = emergency or emergency_number(country)
    chosen = chosen_lines(lines, words.language, country)
    is_local = bool(country) and any(line.country == country for line in chosen)
    listed = [line.as_json(with_place=not is_local and bool(line.country)) for line in chosen]
    if kind == "support":
        text = words.support.replace("{emergency}", emergency)
        return Care("", _notice("support", words, text, listed))
    protocol = words.protocol if "{lines}" in words.protocol else f"{words.protocol}\n\n{{lines}}"
    text = protocol.replace("{emergency}", emergency).replace("{lines}", _named(listed)).strip()
    return Care(text, _notice("crisis", words, "", listed))


def _notice(kind: str, words: Words, text: str, lines: list[dict[str, str]]) -> dict[str, Any]:
    return {"kind": kind, "title": words.heading, "text": text, "language": words.language, "lines": lines}


def chosen_lines(lines: Sequence[Line], language: str, country: str) -> list[Line]:
    """Return the country's lines, those in the language first, then those for every country; where the
    country is not known or has none, those in the language instead.
    """
    local = [line for line in lines if country and line.country == country]
    local.sort(key=lambda line: line.language != language)  # stable: staff's order otherwise
    everywhere = [line for line in lines if not line.country]
    same_language = [line for line in lines if line.country and line.language == language]
    first = local or same_language
    room = max(MOST_LINES - len(everywhere[:1]), 0)
    return [*first[:room], *everywhere][:MOST_LINES]


def country_of(accept_language: str, language: str, default: str = "") -> str:
    """Return the country of the first tag in a browser's wish list that is in the language written in, or in
    one that the desk has no texts in.

    A browser set to en-US is found everywhere: with somebody who writes Spanish it tells nothing.
    """
    for wish in accept_language.split(","):
        found = _TAG.match(wish)
        if not found or not found[2]:
            continue
        if found[1].lower() == language or found[1].lower() not in first_words():
            return found[2].upper()
    return default


def emergency_number(country: str) -> str:
    """Return the number to call in an emergency; the widely known ones where the country is not known."""
    numbers = _file("emergency")
    return numbers.get(country, numbers[""])


@cache
def first_words() -> dict[str, Words]:
    """Return the texts of the file, by language."""
    return {language: Words(language, **texts) for language, texts in _file("texts").items()}


@cache
def first_lines() -> tuple[Line, ...]:
    """Return the lines of the file."""
    return tuple(Line(**line) for line in _file("lines"))


def _named(lines: Iterable[dict[str, str]]) -> str:
    """Return the first lines as a list in the text itself, for readers that show the text alone."""
    ways = [
        (line["place"], line["name"], f"**{line['phone']}**" if line["phone"] else line["url"])
        for line in sorted(lines, key=lambda line: not line["phone"])
    ]
    return "\n".join("- " + ": ".join(filter(None, way)) for way in ways[:NAMED_IN_TEXT])


def _dialled(number: str) -> str:
    """Return a number as telephones take it."""
    return re.sub(r"[^\d+*#]", "", number).replace("#", "%23")


@cache
def _file(name: str) -> Any:
    return json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8"))
