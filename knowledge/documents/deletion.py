"""Whatever deletes a version, its words leave the search index in the same transaction.

Django tells before and after it deletes, within the transaction, also when a version goes with its document
or by a queryset; so no way of deleting can leave postings behind, or keep a former text from holding again.
"""

from django.db.models import Max, Min, Model
from django.db.models.query import QuerySet
from django.db.models.signals import post_delete, pre_delete

from accounts import audit
from knowledge.documents.publish import hold_library, settle_index
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Passage, RemovedText, Version
from knowledge.search import index

Status = Version.Status


def connect() -> None:
    """Begin to listen; called once, when the application is ready."""
    pre_delete.connect(_leave_index, sender=Version, dispatch_uid="version_leaves_index")
    post_delete.connect(_let_former_hold, sender=Version, dispatch_uid="former_version_holds_again")
    post_delete.connect(_note, sender=Document, dispatch_uid="document_deletion_is_audited")
    pre_delete.connect(_keep_passage, sender=Passage, dispatch_uid="passage_stays_with_version")


def _note(instance: Document, **_: object) -> None:
    audit.record(audit.Act.DOCUMENT_DELETED, target=instance)


def _leave_index(instance: Version, **_: object) -> None:
    hold_library()  # what is read next may have been published a moment ago
    version = Version.objects.select_related("document").defer("text").filter(pk=instance.pk).first()
    if version is None:
        return
    if version.indexed:
        index.lock_library()
        index.remove([version])
        instance.indexed = True  # for the step after
    if version.status != Status.DRAFT:
        _remember(version)


def _let_former_hold(instance: Version, origin: Model | QuerySet, **_: object) -> None:
    """Index the version that the deleted one had covered, unless the whole document goes."""
    if instance.indexed and not _is_of(origin, Document):
        settle_index(list(Document.objects.filter(pk=instance.document_id)))


def _is_of(origin: Model | QuerySet, model: type[Model]) -> bool:
    """Say whether a deletion began with ``model``, by one object or by many."""
    return isinstance(origin, model) or (isinstance(origin, QuerySet) and origin.model is model)


def _remember(version: Version) -> None:
    """Keep that the passages were there, so that a link to one can say what became of it."""
    held = version.passages.aggregate(first=Min("pk"), last=Max("pk"))
    if held["first"] is not None:
        RemovedText.objects.create(
            first_passage=held["first"],
            last_passage=held["last"],
            title=version.document.title,
            audience=version.document.audience,
        )


def _keep_passage(instance: Passage, origin: Model | QuerySet, **_: object) -> None:
    """Refuse to take single passages out of a version that search has; with the version they may go."""
    if not _is_of(origin, Passage):
        return
    hold_library()
    if Version.objects.filter(pk=instance.version_id, indexed=True).exists():
        words = "A passage that search can find goes only with its version: withdraw or delete that."
        raise DocumentRefused("in_search", words)
