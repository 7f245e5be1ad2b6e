"""Bring folders, files and archives into the library; ``taking`` says how a single file is taken."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from knowledge.documents.archives import Member, common_folder, is_archive, unpack
from knowledge.documents.parse import in_megabytes
from knowledge.documents.taking import (
    IMPORT_NOTE,
    FileOutcome,
    Importer,
    Kind,
    Options,
    ReadFile,
    in_groups,
    program_error,
    refused,
)
from knowledge.errors import DocumentRefused
from knowledge.search.index import refresh_statistics

logger = structlog.get_logger(__name__)

Listen = Callable[[FileOutcome], None]


@dataclass(slots=True)
class Report:
    """What an import did: slugs published, drafted, unchanged, kept as edited; and why files were refused."""

    published: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)  # by file

    def add(self, outcome: FileOutcome) -> None:
        """List one file."""
        if outcome.kind == Kind.REFUSED:
            self.refused[outcome.name] = outcome.reason
            return
        lists = {Kind.PUBLISHED: self.published, Kind.DRAFT: self.drafts, Kind.UNCHANGED: self.unchanged}
        (self.kept if outcome.code == "kept" else lists[outcome.kind]).append(outcome.slug)

    @property
    def took_nothing(self) -> bool:
        """Tell whether every file was refused."""
        return not (self.published or self.drafts or self.unchanged or self.kept)


def import_folder(
    folder: Path,
    *,
    author: AbstractBaseUser | None = None,
    note: str = IMPORT_NOTE,
    keep_edited: bool = False,
) -> Report:
    """Publish every file under ``folder``; a document's slug comes from its path, or its ``slug`` detail.

    A text that equals the newest version makes no new one. With ``keep_edited`` a document whose newest
    version was not made by an import with the same ``note`` is left alone, and listed under ``kept``.
    Raises NotADirectoryError.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    return import_paths([folder], Options(author=author, note=note, keep_edited=keep_edited))


def import_paths(paths: Iterable[Path], options: Options, listen: Listen = lambda outcome: None) -> Report:
    """Take every file under ``paths``: files, folders (without hidden files) and what archives hold.

    ``listen`` is called with the outcome of each file, as soon as it is known. Raises FileNotFoundError,
    before anything is taken, for a path that is not there.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"there is no file or folder {path}")
    report = Report()

    def tell(outcome: FileOutcome) -> None:
        report.add(outcome)
        listen(outcome)

    importer = Importer(options)
    for group in in_groups(_read(paths, importer, tell)):
        for outcome in importer.take(group):
            tell(outcome)
    if report.published:
        refresh_statistics()
    return report


def size_refusal(name: str, size: int) -> DocumentRefused | None:
    """Return why a file of ``size`` bytes is too large; None for one that is not.

    An archive may be as large as a whole upload.
    """
    most = settings.UPLOAD_MAX_BYTES if is_archive(name) else settings.DOCUMENT_MAX_BYTES
    if size <= most:
        return None
    return DocumentRefused("size", f"It is larger than {in_megabytes(most)}.")


def members(name: str, content: bytes) -> Iterator[Member]:
    """Yield the files of an archive, named from inside the one folder that all may lie in.

    So a packed folder gives the same slugs as the folder itself. Raises DocumentRefused for a bad archive.
    """
    folder = common_folder(content)
    unpacked = unpack(name, content)
    while True:
        try:
            member = next(unpacked, None)
        except DocumentRefused:
            raise
        except Exception as error:  # a fault over one archive is not that of the other files
            logger.exception("archive_not_unpacked", file=name)
            raise program_error() from error
        if member is None:
            return
        yield replace(member, name=member.name.removeprefix(folder))


def _read(paths: Iterable[Path], importer: Importer, tell: Listen) -> Iterator[ReadFile]:
    """Yield the files that can be read; of the others the reason is told."""
    for path, name in _named_files(paths):
        try:
            content = _content(path, name)
            if not is_archive(name):
                yield importer.read(name, content)
                continue
            yield from _read_members(name, content, importer, tell)
        except DocumentRefused as refusal:
            tell(refused(name, refusal))


def _read_members(name: str, content: bytes, importer: Importer, tell: Listen) -> Iterator[ReadFile]:
    for member in members(name, content):
        try:
            if member.refusal:
                raise member.refusal
            yield importer.read(member.name, member.content)
        except DocumentRefused as refusal:
            tell(refused(f"{name}: {member.name}", refusal))


def _named_files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files in order, each with its path inside the folder that was named."""
    for path in paths:
        if not path.is_dir():
            yield path, path.name
            continue
        for inside in sorted(path.rglob("*")):
            name = inside.relative_to(path)
            if inside.is_file() and not any(part.startswith(".") for part in name.parts):
                yield inside, name.as_posix()


def _content(path: Path, name: str) -> bytes:
    try:
        if refusal := size_refusal(name, path.stat().st_size):
            raise refusal
        return path.read_bytes()
    except OSError as error:
        raise DocumentRefused("unreadable", f"It cannot be read: {error.strerror}.") from error
