"""What the terminal keeps between two runs: the last conversation of each site and person, and typed lines.

Questions are personal: everything is readable by its owner alone.
"""

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from prompt_toolkit.history import FileHistory

_FOLDER_MODE, _FILE_MODE = 0o700, 0o600
LONGEST_HISTORY_BYTES = 256 * 1024


class State:
    """The kept state of one site and person, in ``folder``."""

    def __init__(self, folder: Path, site: str, who: str):
        self._folder = folder
        self._key = f"{who}@{site}"
        self._file = folder / "conversations.json"

    def conversation(self) -> UUID | None:
        """Return the conversation of the last run; None if there was none, or the file is damaged."""
        with suppress(ValueError):
            return UUID(str(self._read().get(self._key)))
        return None

    def remember(self, conversation_id: UUID) -> None:
        """Keep the conversation for the next run."""
        known = self._read() | {self._key: str(conversation_id)}
        self._make_folder()
        draft = self._file.with_suffix(f".{os.getpid()}")
        _make_private(draft)
        draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
        draft.replace(self._file)

    def history(self) -> FileHistory:
        """Return the lines typed before, the oldest dropped when they grow too many."""
        self._make_folder()
        path = self._folder / f"history-{sha256(self._key.encode()).hexdigest()[:16]}"
        _make_private(path)
        lines = path.read_bytes()
        if len(lines) > LONGEST_HISTORY_BYTES:
            half = lines[-LONGEST_HISTORY_BYTES // 2 :]
            path.write_bytes(half[half.find(b"\n# ") + 1 :])
        return FileHistory(str(path))

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        self._folder.chmod(_FOLDER_MODE)

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def _make_private(path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, _FILE_MODE))
    path.chmod(_FILE_MODE)
