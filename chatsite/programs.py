"""Which addresses programs use: what goes wrong there is told as a problem (RFC 9457), not on a page."""

from typing import Final

FOR_PROGRAMS: Final = ("/api/", "/chat/session", "/chat/message")
OPENAI: Final = "/v1/"  # its clients read errors in a shape of their own
