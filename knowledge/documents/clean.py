"""Take out of a text what no reader sees: comments and characters that show nothing."""

import re

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# Zero-width characters, bidirectional marks, soft hyphens and tags: they can carry words to a machine unseen.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


def clean(text: str) -> str:
    """Return Markdown without comments and invisible characters, its lines ended by ``\\n``."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", _COMMENT.sub("", text)).strip("\n") + "\n"
