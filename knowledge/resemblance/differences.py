"""Where two sentences differ, for staff to see at a glance."""

import re
from difflib import SequenceMatcher

_TOKEN = re.compile(r"\s+|[\w’']+(?:[.,:]\d+)*|[^\w\s]")

Segments = list[tuple[str, bool]]


def differences(first: str, second: str) -> tuple[Segments, Segments]:
    """Return both texts cut into pieces, each with whether the other text lacks it."""
    left, right = _TOKEN.findall(first), _TOKEN.findall(second)
    matcher = SequenceMatcher(None, [t.lower() for t in left], [t.lower() for t in right], autojunk=False)
    marked: tuple[Segments, Segments] = ([], [])
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        for segments, text in zip(
            marked, ("".join(left[start:end]), "".join(right[other_start:other_end])), strict=True
        ):
            if text:
                segments.append((text, tag != "equal" and bool(text.strip())))
    return marked
