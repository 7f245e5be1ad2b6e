"""What a format's reader gives: Markdown, and what the file says about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PAGE_BREAK = "\f"  # begins every page but the first; stands only where a space or a line end stands anyway


@dataclass(frozen=True, slots=True)
class Extract:
    """The content of a file as Markdown.

    Args:
        markdown: the text, pages of the file divided by ``PAGE_BREAK``.
        title: what the file calls itself; empty when it does not say.
        language: language code the file gives, possibly with a region (``en-US``); empty when it does not
        say. details: the ``key: value`` lines of a front matter.
        has_pages: whether the file has pages, even a single one.
    """

    markdown: str
    title: str = ""
    language: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    has_pages: bool = False
