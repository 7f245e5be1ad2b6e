"""Addresses of machines and wallets."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address

from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import CRYPTO, IP, MAC

_IPV4 = re.compile(r"(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?!\w|\.\d)")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])"
)
_VERSION = re.compile(
    r"(?<![a-z])(?:ios|android|app|chrome|firefox|safari|windows|macos|software|version|ver|v|release|"
    r"build|firmware)\.?\s?$",
    re.IGNORECASE,
)
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])"
    r"|(?<![\w.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?![\w.])"
)
_CRYPTO = re.compile(
    r"(?<!\w)(?:(?:bc1|tb1)[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|0x[0-9A-Fa-f]{40})(?!\w)"
)


def find_network(plain: PlainText) -> Iterator[tuple[int, int, str]]:
    """Yield IP and hardware addresses and the addresses of wallets."""
    text = plain.text
    for start, end in _addresses(plain):
        yield start, end, IP
    if plain.digits >= 1 and (text.count(":") >= 5 or text.count("-") >= 5 or text.count(".") >= 2):
        for found in _MAC.finditer(text):
            yield *found.span(), MAC
    if plain.digits >= 1 and len(text) >= 26:
        for found in _CRYPTO.finditer(text):
            yield *found.span(), CRYPTO


def _addresses(plain: PlainText) -> Iterator[tuple[int, int]]:
    text = plain.text
    if plain.digits >= 4 and text.count(".") >= 3:
        for found in _IPV4.finditer(text):
            if not _VERSION.search(text, max(0, found.start() - 12), found.start()):
                yield found.span()
    if text.count(":") >= 2:
        yield from (found.span() for found in _IPV6.finditer(text) if _is_ipv6(found[0]))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    groups = [group for group in text.split(":") if group]  # a few short numbers are a time or a ratio
    return len(groups) >= 2 and (
        any(map(str.isalpha, text)) or (len(groups) >= 3 and max(map(len, groups)) >= 3)
    )
