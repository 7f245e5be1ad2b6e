"""Take out of a text what no reader sees: comments, link definitions that only hide words, invisible
characters.

Comments and definitions inside code (fenced, or between backticks in one line) are shown to readers, so
they stay.
"""

import re
import unicodedata

_LINES = {
    "\r\n": "\n",
    "\r": "\n",
    "\x85": "\n",
    "\x0b": "\n",
    "\x0c": "\n",
    "\u2028": "\n",
    "\u2029": "\n\n",
}
_LINE_ENDS = re.compile("\r\n|[\r\x85\x0b\x0c\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f]")  # U+3000 stays: Japanese sets it on purpose

# What a reader sees (code) or does not see (comments, definitions); the first to begin wins, as in Markdown.
_SEEN_OR_NOT = re.compile(
    r"""
    (?P<fence> ^\ {0,3}(?P<marks>`{3,}+(?=[^`\n]*$)|~{3,}+)[^\n]*\n
        (?:(?!\ {0,3}(?P=marks))[^\n]*\n)*+ (?:\ {0,3}(?P=marks)[^\n]*$|[^\n]*\Z) )
    | (?P<span> (?<!`)(?P<ticks>`{1,2})(?!`) [^`\n]{1,500} (?P=ticks)(?!`) )
    | (?P<comment> (?<!\\)<!--.*?(?:-->|\Z) )  # an escaped one is shown as text
    | ^\ {0,3}\[(?P<label>[^\]\n]{1,200})\]:[ \t]*\n?[ \t]*(?P<target><[^<>\n]*>|[^\s<]\S*)
        (?P<words>(?:[ \t]+|[ \t]*\n[ \t]*)
        (?:"(?:[^"\n]|\n(?![ \t]*\n))*"|'(?:[^'\n]|\n(?![ \t]*\n))*'|\((?:[^()\n]|\n(?![ \t]*\n))*\)))?[ \t]*$
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_NOWHERE = ("#", "<>", "<#>")  # where the definitions point that people use as comments

# Controls (not zero bytes: a text with these is refused), soft hyphen, direction marks, zero-width signs,
# invisible operators, fillers, blanks, private use, variation selectors beyond the two for emoji, tags,
# noncharacters, surrogates: they can carry words unseen.
_INVISIBLE = re.compile(
    "[\x01-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ud800-\udfff\ue000-\uf8ff"
    "\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
_JOINERS = re.compile("[\u200c\u200d]+")
_EMOJI_STYLE = re.compile("[\ufe0e\ufe0f]+")
_KEYCAPS = frozenset("0123456789#*")


def clean(text: str) -> str:
    """Return Markdown in the composed form (NFC) without what no reader sees, its lines ended by ``\\n``.

    Joiners stay where a script or an emoji needs them: one at a time, between letters of Arabic and the
    scripts of South and South-East Asia, or between emoji.
    """
    return clean_characters(_SEEN_OR_NOT.sub(_seen, _plain_lines(text))).strip("\n") + "\n"


def clean_characters(text: str) -> str:
    """Return ``text`` without invisible characters; spaces of every width become plain ones."""
    text = _plain_lines(text)
    if text.isascii():
        return _INVISIBLE.sub("", text)
    text = _INVISIBLE.sub("", _SPACES.sub(" ", unicodedata.normalize("NFC", text)))
    text = _EMOJI_STYLE.sub(_needed_style, text)
    return unicodedata.normalize("NFC", _JOINERS.sub(_needed_joiner, text))


def _plain_lines(text: str) -> str:
    return _LINE_ENDS.sub(lambda match: _LINES[match[0]], text)


def _seen(match: re.Match[str]) -> str:
    """Keep code; drop comments and definitions used as such; of other definitions drop the title only."""
    if match["fence"] or match["span"]:
        return match[0]
    if match["comment"] or match["target"] in _NOWHERE:
        return ""
    return match[0].removesuffix(match["words"]) if match["words"] else match[0]


def _needed_style(match: re.Match[str]) -> str:
    """Keep one selector of text or emoji style behind a character that has both."""
    before = match.string[match.start() - 1 : match.start()]
    return match[0][0] if before in _KEYCAPS or _is_symbol(before) else ""


def _needed_joiner(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    if len(match[0]) > 1 or not before or not after:
        return ""
    emoji = match[0] == "\u200d" and _is_symbol(before) and _is_symbol(after)
    return match[0] if emoji or (_joins(before) and _joins(after)) else ""


def _is_symbol(character: str) -> bool:
    return character != "" and (
        character in "\ufe0f©®" or unicodedata.category(character) in ("So", "Sk", "Sm")
    )


def _joins(character: str) -> bool:
    """Say whether the character is of a script whose spelling needs joiners."""
    return (
        "\u0620" <= character <= "\u0dff"
        or "\u0f00" <= character <= "\u109f"
        or "\u1780" <= character <= "\u17ff"
    )
