"""Make a person's text plain: nothing invisible in it, one form of every letter."""

import re
import unicodedata

# Zero-width and direction marks, soft hyphen, word joiners, variation and tag characters: invisible to
# people, but read by models. The zero-width joiner stays, since Indic scripts and emoji are spelt with it.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MANY_BREAKS = re.compile(r"\n{3,}")


def sanitise(text: str) -> str:
    """Return ``text`` without invisible characters, with line ends as ``\\n`` and outer space removed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    text = _INVISIBLE.sub("", _CONTROL.sub("", text))
    return _MANY_BREAKS.sub("\n\n", text).strip()
