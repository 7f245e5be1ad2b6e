"""Sentences of different documents that repeat or contradict each other.

``sentences`` takes passages apart, ``quantities`` and ``leanings`` read what a sentence claims, ``compare``
holds two of them against each other, ``sketches`` tells which passages are worth
comparing, ``finding`` compares them, ``keeping`` saves the pairs, ``differences`` shows where the two differ.
"""

from collections.abc import Iterable

from django.conf import settings

from knowledge.models import Version
from knowledge.resemblance.keeping import forget


def compare_soon() -> None:
    """Have the versions in force that are not compared yet compared in the background, after the commit."""
    if settings.COMPARE_DOCUMENTS:
        # Here, because tasks know of documents, and publishing a document asks for this.
        from knowledge.background import in_background
        from knowledge.tasks import find_resemblances

        in_background(find_resemblances)


def compare_again(versions: Iterable[Version]) -> None:
    """Do so for versions whose document has another title now, or is in another language."""
    forget(versions)
    compare_soon()
