"""What staff can do with one version: publish, withdraw, take the text up again, discard a draft."""

from abc import ABC, abstractmethod

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from knowledge.documents.publish import hold_library, publish_version, save_draft, withdraw_version
from knowledge.documents.timeline import after_publishing, after_withdrawing, in_words
from knowledge.errors import DocumentRefused
from knowledge.models import Document, Version

Status = Version.Status


class Step(ABC):
    """One step. ``name`` is its part of the address, ``verb`` the button, ``question`` the page before it."""

    name: str
    verb: str
    question: str
    opens_form = False  # whether the form of the document comes next

    @abstractmethod
    def is_open(self, version: Version) -> bool:
        """Say whether the version stands so that the step can be taken."""

    @abstractmethod
    def foresee(self, version: Version) -> list[str]:
        """Return what the step will change, a sentence each."""

    @abstractmethod
    def take(self, version: Version, person: AbstractBaseUser) -> str:
        """Take the step and say how it went. Raises DocumentRefused."""


class Publish(Step):
    """Publish a draft, or a withdrawn version again."""

    name, verb, question = "publish", "Publish", "Publish version {}?"

    def is_open(self, version: Version) -> bool:
        """Drafts, and what was withdrawn."""
        return version.status != Status.PUBLISHED

    def foresee(self, version: Version) -> list[str]:
        """Tell which version it replaces, and from when."""
        return published_words(version)

    def take(self, version: Version, person: AbstractBaseUser) -> str:
        """Publish, index included."""
        return publish_and_tell(version)


class Withdraw(Step):
    """Take a published version back."""

    name, verb, question = "withdraw", "Withdraw", "Withdraw version {}?"

    def is_open(self, version: Version) -> bool:
        """What is published."""
        return version.status == Status.PUBLISHED

    def foresee(self, version: Version) -> list[str]:
        """Tell which version holds then, if any."""
        return withdrawn_words([version])

    def take(self, version: Version, person: AbstractBaseUser) -> str:
        """Withdraw, index included."""
        words = withdrawn_words([version])
        withdraw_version(version)
        return " ".join([f"“{version.document}” version {version.number} is withdrawn.", *words])


class TakeUp(Step):
    """Make a draft with the text of an older version."""

    name, verb, question = "draft", "Make a draft from it", "Make a draft from version {}?"
    opens_form = True

    def is_open(self, version: Version) -> bool:
        """Whatever was published once; a draft is one already."""
        return version.status != Status.DRAFT

    def foresee(self, version: Version) -> list[str]:
        """Tell what becomes of a draft that waits."""
        words = [f"A draft begins with the text of version {version.number}, without dates."]
        if draft := _draft(version.document):
            words.append(f"It replaces the text of the draft that waits, version {draft.number}.")
        return [*words, "Customers see no change."]

    def take(self, version: Version, person: AbstractBaseUser) -> str:
        """Save the draft."""
        draft = save_draft(
            version.document,
            version.text,
            author=person,
            note=f"Text of version {version.number}",
            file_name=version.file_name,
            page_starts=version.page_starts,
        )
        return f"Version {draft.number} is a draft with the text of version {version.number}."


class Discard(Step):
    """Throw a draft away."""

    name, verb, question = "discard", "Discard", "Discard the draft, version {}?"

    def is_open(self, version: Version) -> bool:
        """Drafts alone: what was published stays, as answers may cite it."""
        return version.status == Status.DRAFT

    def foresee(self, version: Version) -> list[str]:
        """Tell that it cannot be had back."""
        return ["Its text cannot be had back. Customers see no change."]

    def take(self, version: Version, person: AbstractBaseUser) -> str:
        """Delete it, unless it was published in this very moment."""
        hold_library()
        if not Version.objects.filter(pk=version.pk, status=Status.DRAFT).exists():
            raise DocumentRefused("not_draft", f"{version} is no draft, so it can only be withdrawn.")
        version.delete()
        return f"The draft of “{version.document}”, version {version.number}, is gone."


STEPS: tuple[Step, ...] = (Publish(), Withdraw(), TakeUp(), Discard())


def publish_and_tell(version: Version) -> str:
    """Publish and return how it went; for later days from when it holds. Raises DocumentRefused."""
    words = published_words(version)
    publish_version(version)
    return " ".join([f"“{version.document}” version {version.number} {_is_out(version)}", *words])


def published_words(version: Version) -> list[str]:
    """Return what publishing changes, a sentence each."""
    return [in_words(change) for change in after_publishing(version)] or [
        "It holds on no day from today on: its days are over, or a newer version covers them."
    ]


def withdrawn_words(versions: list[Version]) -> list[str]:
    """Return what withdrawing versions of one document changes, a sentence each."""
    changed = after_withdrawing(versions) if versions else []
    return [in_words(change) for change in changed] or ["That changes nothing for customers from today on."]


def _is_out(version: Version) -> str:
    begins = version.effective_from
    is_coming = begins is not None and begins > timezone.localdate()
    return "is scheduled." if is_coming else "is published."


def _draft(document: Document) -> Version | None:
    return document.versions.filter(status=Status.DRAFT).first()
