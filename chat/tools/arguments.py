"""What a tool is called with, checked against what it takes; the words of a refusal are for the model."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

LONGEST_QUERY: Final = 400
_LONGEST: Final = 40
_NUMBER = re.compile(r"[A-Z0-9]{2,3}\d{1,4}[A-Z]?")
_LOCATOR = re.compile(r"[A-Z0-9]{5,8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadArguments(ValueError):
    """A tool was called with what it does not take, or there is no such tool."""


def checked(schema: Mapping[str, Any], arguments: object) -> dict[str, str | None]:
    """Return the arguments that a schema of ours takes; those that may be null are null where left out.

    Raises:
        BadArguments: one is unknown, missing, of another type, or too long.
    """
    if not isinstance(arguments, Mapping):
        raise BadArguments("The arguments must be a JSON object.")
    known = schema["properties"]
    if unknown := [str(name)[:_LONGEST] for name in arguments if name not in known]:
        raise BadArguments(f"Unknown argument: {', '.join(unknown[:5])}. Known: {', '.join(known)}.")
    return {name: _checked(name, arguments.get(name), known[name]["type"]) for name in known}


def _checked(name: str, value: object, kind: str | list[str]) -> str | None:
    if value is None or (value == "" and kind != "string"):
        if kind == "string":
            raise BadArguments(f'"{name}" is missing.')
        return None
    if not isinstance(value, str):
        raise BadArguments(f'"{name}" must be a string.')
    if not value.isprintable() or not (text := " ".join(value.split())):
        raise BadArguments(f'"{name}" must be one line of plain text.')
    if len(text) > (LONGEST_QUERY if name == "query" else _LONGEST):
        raise BadArguments(f'"{name}" is too long.')
    return text


def flight_number(text: str) -> str:
    """Return a flight number as the records have it.

    Raises:
        BadArguments: it has not the shape of one.
    """
    number = re.sub(r"[\s-]", "", text).upper()
    if not _NUMBER.fullmatch(number):
        raise BadArguments('"number" must be a flight number like LW214.')
    return number


def day(text: str) -> date:
    """Return a day.

    Raises:
        BadArguments: it is none, or not written as YYYY-MM-DD.
    """
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise BadArguments('"date" must be a day like 2026-11-21.') from None


def locator(text: str) -> str:
    """Return a booking reference as the records have it.

    Raises:
        BadArguments: it has not the shape of one.
    """
    reference = re.sub(r"[\s-]", "", text).upper()
    if not _LOCATOR.fullmatch(reference):
        raise BadArguments('"locator" must be a booking reference of six letters and digits.')
    return reference
