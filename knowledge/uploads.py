"""Files of a request in one temporary file, with a limit on their number and size."""

import io
from tempfile import SpooledTemporaryFile
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class UploadedPart(io.RawIOBase):
    """The bytes of one uploaded file, a stretch of the request's temporary file."""

    def __init__(self, spool: IO[bytes], start: int, size: int) -> None:
        self._spool, self._start, self._size = spool, start, size
        self._position = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read again."""
        return True

    def tell(self) -> int:
        """Return the place, in bytes from the file's beginning."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(base + offset, 0)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Return up to ``size`` bytes, or all that are left of this file."""
        left = max(self._size - self._position, 0)
        self._spool.seek(self._start + self._position)
        content = self._spool.read(left if size is None or size < 0 else min(size, left))
        self._position += len(content)
        return content

    def readinto(self, buffer: bytearray) -> int:
        """Read into ``buffer`` up to the end of this file; return the number of bytes."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


class SpooledUploadHandler(FileUploadHandler):
    """Keeps all files of a request in one temporary file, small ones in memory.

    Django's handler opens a file each, of which a process may have about a thousand. More bytes than
    UPLOAD_MAX_BYTES, or more files than UNPACKED_MAX_FILES, are not kept: reading stops, and
    ``upload_was_cut(request)`` tells it.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._spool: IO[bytes] = SpooledTemporaryFile(  # noqa: SIM115 - it lives as long as its files
            max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE
        )
        self._start = self._end = self._files = 0

    def new_file(self, *args: object, **kwargs: object) -> None:
        """Begin a file where the last one ended."""
        super().new_file(*args, **kwargs)
        self._start = self._end
        self._files += 1
        if self._files > settings.UNPACKED_MAX_FILES:
            self._stop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece."""
        if self._end + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            self._stop()
        self._spool.seek(self._end)
        self._spool.write(raw_data)
        self._end += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Return the file."""
        part = UploadedPart(self._spool, self._start, file_size)
        return UploadedFile(
            part, self.file_name, self.content_type, file_size, self.charset, self.content_type_extra
        )

    def _stop(self) -> None:
        if self.request is not None:
            self.request._upload_was_cut = True
        raise StopUpload(
            connection_reset=False
        )  # the rest is read and dropped, so that the page gets an answer


def upload_was_cut(request: HttpRequest) -> bool:
    """Tell whether the files of a request were too many or too large, so that not all of them are there."""
    return getattr(request, "_upload_was_cut", False)
