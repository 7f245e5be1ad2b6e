"""On the stream, a person's own values come back where their placeholders stand."""

import re
from typing import Final

from chat.safety.personal.placeholders import PLACEHOLDER, Placeholders

# Everything that may still become a placeholder.
_OPEN = re.compile(r"(?:\\|\\?\[(?:[A-Za-z]{0,8}|[A-Za-z]{2,8}(?:\\|(?:\\?_| )(?:\d{1,4}\\?)?)))\Z")
# What stands for a value that is never shown, by language.
HIDDEN: Final = {
    "en": {
        "CARD": "card ••••",
        "ACCOUNT": "account ••••",
        "SSN": "social security number ••••",
        "LICENCE": "licence ••••",
        "PASSPORT": "passport ••••",
        "ID": "ID ••••",
        "WALLET": "wallet ••••",
    },
    "es": {
        "CARD": "tarjeta ••••",
        "ACCOUNT": "cuenta ••••",
        "SSN": "número de la seguridad social ••••",
        "LICENCE": "permiso ••••",
        "PASSPORT": "pasaporte ••••",
        "ID": "documento ••••",
        "WALLET": "monedero ••••",
    },
}


class Restorer:
    """Puts values in the place of the placeholders that this conversation has issued; others stay as written.

    Args:
        placeholders: those of the conversation whose owner reads the stream.
        language: of the neutral words for what is never shown.
    """

    def __init__(self, placeholders: Placeholders, language: str = "en"):
        self._placeholders = placeholders
        self._hidden = HIDDEN.get(language[:2], HIDDEN["en"])
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what is settled; what may become a placeholder is held back."""
        text = self._held + piece
        found = _OPEN.search(text, max(0, len(text) - 20)) if "[" in text or text.endswith("\\") else None
        cut = found.start() if found else len(text)
        self._held = text[cut:]
        return self._restored(text[:cut])

    def finish(self) -> str:
        """Return the rest."""
        rest, self._held = self._held, ""
        return self._restored(rest)

    def _restored(self, text: str) -> str:
        return PLACEHOLDER.sub(self._value, text) if "[" in text else text

    def _value(self, found: re.Match[str]) -> str:
        name = found["name"].upper()
        value = self._placeholders.value_of(name, int(found["number"]))
        if value is None:
            return found[0]
        return value or self._hidden[name]
