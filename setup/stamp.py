"""A stamp says what an installed folder holds, so that a finished set-up costs milliseconds the next time.

It is removed before the folder is changed and written when the change is complete: a set-up that was killed
half way leaves no stamp, and the next run repairs it.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

LEVELS = ("demo", "test")


class Stamp:
    """The record of one installed folder, kept as a small JSON file inside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / ".chatsite-setup.json"

    def read(self) -> dict[str, str]:
        """Return what the folder holds; empty when it is missing or unfinished."""
        try:
            record = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def needed_level(self, wanted: str) -> str:
        """Return the level to install: never less than what is there."""
        return max(wanted, self.read().get("level", wanted), key=LEVELS.index)

    def fits(self, wanted: str, **facts: str) -> bool:
        """Tell whether the folder holds at least level ``wanted`` and each of ``facts`` is as recorded."""
        record = self.read()
        return record.get("level") == self.needed_level(wanted) and all(
            record.get(name) == value for name, value in facts.items()
        )

    def remove(self) -> None:
        """Mark the folder as being changed."""
        self.path.unlink(missing_ok=True)

    def write(self, level: str, **facts: str) -> None:
        """Mark the folder as complete, in one step that cannot be seen half done."""
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"level": level, **facts}))
        os.replace(draft, self.path)


def digest(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the contents of ``files``, in order."""
    total = hashlib.sha256()
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
