"""The file: a tar of the manifest and the dump, readable by its owner alone, there only when it is whole."""

import tarfile
from hashlib import file_digest
from io import BytesIO
from pathlib import Path

from chatsite.backups.errors import BackupError
from chatsite.backups.manifest import Manifest

MANIFEST, DUMP = "manifest.json", "database.dump"


def pack(path: Path, manifest: Manifest, dump: Path) -> None:
    """Write the archive; a half-written one never has the name."""
    draft = path.with_name(f".{path.name}.draft")
    draft.touch(mode=0o600)
    try:
        with tarfile.open(draft, "w") as archive:
            text = manifest.written()
            head = tarfile.TarInfo(MANIFEST)
            head.size = len(text)
            archive.addfile(head, BytesIO(text))
            archive.add(dump, DUMP)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def unpack(path: Path, folder: Path) -> tuple[Manifest, Path]:
    """Return the manifest, and the dump as a file in ``folder``.

    Raises:
        BackupError: it cannot be read, or is not as it was written.
    """
    try:
        with tarfile.open(path) as archive:
            manifest = Manifest.read(archive.extractfile(MANIFEST).read())
            archive.extract(DUMP, folder, filter="data")
    except (OSError, tarfile.TarError, KeyError, AttributeError) as error:
        raise BackupError(f"{path} cannot be read as a backup: {error}") from error
    dump = folder / DUMP
    if digest_of(dump) != manifest.digest:
        raise BackupError(f"{path} is damaged: its contents are not those that were written.")
    return manifest, dump


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
