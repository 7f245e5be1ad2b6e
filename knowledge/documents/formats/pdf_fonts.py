"""A PDF font as reading needs it: which text its codes stand for, and how wide that is."""

from pypdf.generic import DictionaryObject
from pypdf.generic._font import Font  # what pypdf's own extraction uses; it has no public name

_BOLD = ("bold", "black", "heavy", "semibold", "demi")
_FORCED_BOLD = 1 << 18
_UNIT = 1000.0  # widths are in thousandths of the letters' size


class Face:
    """A font of a page, its letters looked up once.

    Attributes:
        bold: whether its name or flags say so.
        space: width of a space, in sizes of the letters.
    """

    def __init__(self, resource: DictionaryObject) -> None:
        self.resource = resource
        self._font = Font.from_font_resource(resource)
        self._letters: dict[str, tuple[str, float]] = {}
        name = f"{self._font.name} {self._font.font_descriptor.name}".lower()
        self.bold = any(word in name for word in _BOLD) or bool(
            self._font.font_descriptor.flags & _FORCED_BOLD
        )
        self.space = self._font.space_width / _UNIT

    def read(self, value: bytes | str) -> tuple[str, float, int, int]:
        """Return a string's text, its width in sizes of the letters, and how many codes and spaces it has."""
        encoding = self._font.encoding
        if isinstance(value, str):
            codes = value
        elif isinstance(encoding, str):
            codes = value.decode(encoding, "replace")
        else:
            codes = "".join(map(chr, value))
        letters = [self._letters.get(code) or self._letter(code) for code in codes]
        width = sum(width for _, width in letters)
        return "".join(text for text, _ in letters), width, len(codes), codes.count(self._font.space_char)

    def _letter(self, code: str) -> tuple[str, float]:
        font = self._font
        shown = code if isinstance(font.encoding, str) else font.encoding.get(ord(code), code)
        width = font.space_width if code == font.space_char else font.get_text_width(code)
        self._letters[code] = (font.character_map.get(shown, shown), width / _UNIT)
        return self._letters[code]
