"""The prompt's template files, and the version that their words make."""

import hashlib
from functools import cache
from typing import Final

from django.template.loader import get_template

SYSTEM: Final = "prompts/system.txt"
SOURCES: Final = "prompts/sources.txt"
STRATEGY: Final = "prompts/strategy.txt"  # within the system text


@cache
def prompt_version() -> str:
    """Return a short digest of the prompt templates: another prompt is another version."""
    text = "".join(get_template(name).template.source for name in (SYSTEM, SOURCES, STRATEGY))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
