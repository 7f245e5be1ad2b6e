"""Markdown: kept as it is, without what no reader sees, pictures and tags."""

import re
from pathlib import PurePath

from knowledge.documents.formats.encoding import decode
from knowledge.documents.formats.extract import Extract

_FENCE = "---"
_KEEP = re.compile(  # code, which is shown as it stands; then what is taken out
    r"""
    (?P<code> ^\ {0,3}(?P<marks>`{3,}+(?=[^`\n]*$)|~{3,}+)[^\n]*\n
            (?:(?!\ {0,3}(?P=marks))[^\n]*\n)*+ (?:\ {0,3}(?P=marks)[^\n]*)?
        | (?<!`)(?P<ticks>`{1,2})(?!`) [^`\n]{1,500} (?P=ticks)(?!`) )
    | !\[(?P<alt>[^\]\[]{0,1000}+)\]
        (?: \(\s*(?:<[^<>\n]{0,2000}>|[^\s()]*+(?:\([^\s()]*+\)[^\s()]*+)*+)
            (?:\s+["'(][^\n"()]{0,300}["')])?\s*\)
        | \[[^\]\n]{0,200}\] )
    | <(?P<hidden>script|style|template|noscript)\b[^<>]{0,2000}> .*? (?:</(?P=hidden)\s*>|\Z)
    | <(?P<unseen>[a-z][a-z0-9]*)\b (?=[^<>]{0,2000}(?:\bhidden\b|aria-hidden\s*=\s*["']?true
        |display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])))
        [^<>]{0,2000}> .*? (?:</(?P=unseen)\s*>|\Z)
    | (?P<break> <br\s*/?> )
    |
    </?(?:span|div|p|font|center|small|big|u|a|img|section|article|details|summary|sup|sub|b|i|em|strong|kbd|abbr)\b
        (?:\s[^<>]*)?/?>
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_DATA = re.compile(r"\]\(\s*data:[^)\s]*\)")
_FILE_NAME = re.compile(
    r"(?i)^(?:image|img|picture|photo|logo|icon|untitled|\S+\.(?:png|jpe?g|gif|svg|webp))[\s\d_-]*$"
)


def read(path: PurePath, content: bytes) -> Extract:
    """Read Markdown with optional ``key: value`` lines between two ``---`` lines at its top.

    Raises DocumentRefused with code ``binary`` or ``encoding``.
    """
    details, body = _front_matter(decode(content))
    body = _KEEP.sub(_kept, body) if "<" in body or "![" in body else body
    return Extract(_DATA.sub("]()", body) if "data:" in body else body, details=details)


def says_something(alt: str | None) -> str:
    """Return the words that stand for a picture, or nothing when they are only a file's name."""
    alt = " ".join((alt or "").split())
    return "" if _FILE_NAME.match(alt) or len(alt) < 3 else alt


def _kept(match: re.Match[str]) -> str:
    if match["code"]:
        return match[0]
    if match["break"]:
        return " " if _in_table(match) else "  \n"
    return says_something(match["alt"]) if match["alt"] else ""


def _in_table(match: re.Match[str]) -> bool:
    line = match.string.rfind("\n", 0, match.start()) + 1
    return "|" in match.string[line : match.start()]


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the details at the top, keys in lower case and quotes removed, and what follows them."""
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != _FENCE or _FENCE not in (line.strip() for line in lines[1:]):
        return {}, text
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    pairs = (line.partition(":") for line in lines[1:end] if ":" in line and not line.startswith((" ", "#")))
    details = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}
    return details, "\n".join(lines[end + 1 :])
