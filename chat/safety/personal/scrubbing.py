"""Take personal values out of what nobody needs them in again: log lines, staff's lists, reasons."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

from chat.safety.personal.detection import detect
from chat.safety.personal.placeholders import NAMES
from chat.safety.personal.spans import IP

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# Addresses of the machines that the desk itself runs on tell of nobody.
_OWN_NETWORK = re.compile(
    r"127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.0\.0\.0|::1?$|fe80:|f[cd][0-9a-f]{2}:"
)
_MAY_BE_PERSONAL = re.compile(r"@|\d{3}|\d[ .-]\d|[A-Za-z] [A-Z]")
WITHHELD: Final = "log_line_withheld"
# Written by the desk itself, and looked at on every line.
_PLAIN_KEYS: Final = frozenset(
    {
        *("timestamp", "level", "logger", "_record", "_from_structlog"),
        *("turn", "attempt", "request_id", "trace_id", "span_id"),
    }
)
_DEPTH: Final = 4


def scrub(text: str) -> str:
    """Return the text with the kind of each personal value in its stead: ``[EMAIL]``. Nothing restores it."""
    pieces, at = [], 0
    for span in detect(text):
        pieces += [text[at : span.start], f"[{NAMES[span.kind]}]"]
        at = span.end
    return "".join((*pieces, text[at:])) if pieces else text


def scrub_log_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Scrub everything a log line says, as a structlog processor just before rendering.

    Message, arguments, extra values, exceptions and their tracebacks are all in the mapping by then. A line
    that cannot be scrubbed is withheld, and says so.
    """
    try:
        return {key: value if key in _PLAIN_KEYS else _clean(value, _DEPTH) for key, value in event.items()}
    except Exception as error:  # noqa: BLE001 - whatever it was, the raw line must not be written instead
        return {"event": WITHHELD, "level": event.get("level", "error"), "reason": type(error).__name__}


def _clean(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, int):
        return value if abs(value) < 10**7 else _number(value)
    if depth and isinstance(value, Mapping):
        return {_clean(key, 0): _clean(item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [_clean(item, depth - 1) for item in value]
    return _clean_text(str(value) if isinstance(value, BaseException) else repr(value))


def _number(value: int) -> int | str:
    text = str(value)
    clean = _clean_text(text)
    return value if clean == text else clean


def _clean_text(text: str) -> str:
    if text.isidentifier() or not _MAY_BE_PERSONAL.search(text):
        return text
    ids = _UUID.findall(text)
    if len(ids) == 1 and len(ids[0]) == len(text):
        return text
    pieces, at = [], 0
    for span in detect(text):
        if any(_overlaps(found, span.start, span.end) for found in (_UUID.finditer(text) if ids else ())):
            continue
        if span.kind == IP and _OWN_NETWORK.match(text[span.start : span.end]):
            continue
        pieces += [text[at : span.start], f"[{NAMES[span.kind]}]"]
        at = span.end
    return "".join((*pieces, text[at:]))


def _overlaps(found: re.Match[str], start: int, end: int) -> bool:
    return found.start() < end and start < found.end()
