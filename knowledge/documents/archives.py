"""Unpack a zip of documents, member by member, believing nothing that its directory says about sizes.

Sizes are counted while unpacking, in pieces, so an archive that promises little and unpacks to much is
stopped at the limit.
"""

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings

from knowledge.documents.parse import in_megabytes
from knowledge.errors import DocumentRefused

_ENDING = ".zip"
_PIECE = 64 * 1024  # bytes unpacked at a time
_HIGHEST_RATIO = 200  # unpacked to packed; text reaches 20, a file of one letter 1,000
_SMALL = 1_000_000  # bytes up to which the ratio says nothing: a short table may repeat itself
_ENCRYPTED = 0x1  # flag of a member
_ENTRY = b"PK\x01\x02"  # begins an entry of the directory, which is counted before it is read into objects
_ENTRIES_A_FILE = 50  # a Word file stored inside brings the entries of its own directory
_SYSTEM_NAMES = ("__MACOSX", "Thumbs.db", "desktop.ini")
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive.

    Args:
        name: path inside the archive, parts divided by ``/``.
        content: its bytes; empty when it is refused.
        refusal: why it cannot be taken, or None.
    """

    name: str
    content: bytes = b""
    refusal: DocumentRefused | None = None


class Room:
    """The bytes that the files of one archive may still unpack to."""

    def __init__(self, size: int) -> None:
        self._size = self._left = size

    def take(self, size: int) -> None:
        """Count unpacked bytes. Raises DocumentRefused with code ``bomb`` when no room is left."""
        self._left -= size
        if self._left < 0:
            reason = f"The files of the archive are larger than {in_megabytes(self._size)} together."
            raise DocumentRefused("bomb", reason)


def is_archive(name: str) -> bool:
    """Say whether a file of this name is to be unpacked."""
    return name.lower().endswith(_ENDING)


def unpack(name: str, content: bytes) -> Iterator[Member]:
    """Yield the files of the archive ``name``; one that cannot be taken comes with its refusal.

    Folders, hidden files and those that systems add are left out. When the files together are too large,
    those that do not fit any more are refused. Raises DocumentRefused for the archive as a whole with code
    ``broken``,
    ``empty`` or ``bomb`` (too many files).
    """
    if content.count(_ENTRY) > _ENTRIES_A_FILE * settings.UNPACKED_MAX_FILES:
        raise DocumentRefused("bomb", f"It holds far more than {settings.UNPACKED_MAX_FILES:,} files.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentRefused("broken", f"“{name}” is no zip archive, or a broken one.") from error
    with archive:
        if len(entries) > settings.UNPACKED_MAX_FILES:
            reason = f"It holds {len(entries):,} files; {settings.UNPACKED_MAX_FILES:,} are the most at once."
            raise DocumentRefused("bomb", reason)
        files = [entry for entry in entries if not entry.is_dir() and not _is_hidden(entry.filename)]
        if not files:
            raise DocumentRefused("empty", f"There are no files in “{name}”.")
        yield from _members(archive, files)


def common_folder(content: bytes) -> str:
    """Return the one folder that all files of an archive lie in, with its ``/``; empty for none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, OSError, NotImplementedError):
        return ""
    names = [entry.filename.replace("\\", "/") for entry in entries if not _is_hidden(entry.filename)]
    folders = {name.partition("/")[0] if "/" in name else "" for name in names}
    folder = folders.pop() if len(folders) == 1 else ""
    return f"{folder}/" if folder not in ("", ".", "..") else ""


def _members(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Member]:
    room = Room(settings.UNPACKED_MAX_BYTES)
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        try:
            _check(entry, name, seen)
            content = read_member(archive, entry, room)
        except DocumentRefused as refusal:
            yield Member(name[:_LONGEST_NAME], refusal=refusal)
            continue
        seen.add(name)
        yield Member(name, content)


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part in _SYSTEM_NAMES or (part.startswith(".") and part not in (".", "..")) for part in parts)


def _check(entry: zipfile.ZipInfo, name: str, seen: set[str]) -> None:
    """Refuse what must not be read, before a byte of it is unpacked."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":"))
    if outside or any(ord(sign) < 32 for sign in name) or len(name) > _LONGEST_NAME:
        raise DocumentRefused("name", "Its path inside the archive leads outside it, or is no name.")
    if name in seen:
        raise DocumentRefused("duplicate", "The archive holds another file of the same name.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise DocumentRefused("link", "It is a link, not a file.")
    if entry.flag_bits & _ENCRYPTED:
        raise DocumentRefused("encrypted", "It is protected with a password. Pack it without one.")
    if is_archive(name):
        raise DocumentRefused("kind", "Archives inside archives are not unpacked.")


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: Room) -> bytes:
    """Unpack a member piece by piece, up to the limits; what was unpacked is taken off ``room`` even when
    refused.

    Raises DocumentRefused with code ``size``, ``bomb`` or ``broken``.
    """
    try:
        with archive.open(entry) as packed:
            return bytes(_counted(packed, max(entry.compress_size, 1), room))
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
        raise DocumentRefused("broken", "It is damaged inside the archive.") from error
    except (NotImplementedError, RuntimeError) as error:  # a method of packing that is not there
        raise DocumentRefused("broken", "It is packed in a way that cannot be read.") from error


def _counted(packed: zipfile.ZipExtFile, packed_size: int, room: Room) -> bytearray:
    content = bytearray()
    while piece := packed.read(_PIECE):
        content += piece
        room.take(len(piece))
        if len(content) > settings.DOCUMENT_MAX_BYTES:
            raise DocumentRefused("size", f"It is larger than {in_megabytes(settings.DOCUMENT_MAX_BYTES)}.")
        if len(content) > _SMALL and len(content) > _HIGHEST_RATIO * packed_size:
            raise DocumentRefused("bomb", "It unpacks to far more than any document does.")
    return content
