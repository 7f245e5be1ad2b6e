"""The search index under the name that its page has in the admin's index; no table of its own."""

from knowledge.models.postings import Library


class IndexState(Library):
    """How search stands."""

    class Meta:
        proxy = True
        default_permissions = ()  # who may read documents may see how they are searched
        verbose_name = "search index"
        verbose_name_plural = "search index"
