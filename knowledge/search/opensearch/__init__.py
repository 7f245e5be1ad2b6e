"""OpenSearch in front of the built-in search, for libraries past one machine: SEARCH_ENGINE=opensearch.

OpenSearch finds candidates among all passages by the desk's own terms; the desk gives them its own scores
and looks in the database which of them are in force, so that marks of confidence, refusals and visibility
are those of the built-in search. ``shapes`` is what is sent, ``client`` sends it, ``keeping`` brings the
index up to the library's revision, ``asking`` finds. While the index is behind, moving or away the built-in
search answers.
"""

from django.conf import settings


def is_chosen() -> bool:
    """Say whether this desk is to ask OpenSearch."""
    return settings.SEARCH_ENGINE == "opensearch"


def index_soon() -> None:
    """Have the index follow once the current transaction is committed; nothing where it is not chosen."""
    if is_chosen():
        from knowledge.background import in_background
        from knowledge.tasks import follow_library

        in_background(follow_library)
