"""From bytes to text: UTF-8 when it is, else marks at the start, else what the bytes look like.

A detector that guesses among all encodings errs on short texts, and policies come as short as a line; so
the question is put narrowly: Japanese (which has a grammar of byte pairs), else Western, and a detector
only for texts that
are neither.
"""

import codecs
import re

from knowledge.errors import DocumentRefused

_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MANY_CONTROLS = 0.01  # share of bytes; a text has none, a picture a quarter
_FOREIGN = 0.5  # share of letters beyond ASCII; German and French have about 0.05
_LETTERS = 0xC0  # where the letters of the Western set begin, and those of the Cyrillic and Greek ones
_ENOUGH = 40  # such letters a detector needs
_SURE_PAIRS = 0.6  # share of Japanese characters that are common and stand beside another
_SAMPLE = 200_000  # bytes looked at; a text is in one encoding
_JAPANESE = re.compile(r"[^\x00-\x7f\uff61-\uff9f]")  # half-width letters speak neither for nor against
_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_COMMON = re.compile(r"[\u3000-\u30ff\uff01-\uff5e\u4e00-\u9fff]")


def decode(content: bytes, declared: str = "") -> str:
    """Return the bytes as text; ``declared`` is the encoding that the file itself names, if any.

    Raises DocumentRefused with code ``binary`` or ``encoding``.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strictly(content, encoding)
    if b"\0" in content:
        return _without_mark(content)
    if len(_CONTROLS.findall(content)) > _MANY_CONTROLS * len(content):
        raise DocumentRefused("binary", "It holds control bytes, so it is not a text.")
    if b"\x1b$" in content:
        return _strictly(content, "iso2022_jp_ext")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _declared(content, declared) or _older(content)


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        reason = f"Its encoding cannot be made out: it begins as {encoding}, but byte {error.start} is none."
        raise DocumentRefused("encoding", reason) from error


def _without_mark(content: bytes) -> str:
    """Read UTF-16 whose mark is missing: every other byte of a Western text is zero."""
    even, odd = content[:_SAMPLE:2].count(0), content[1:_SAMPLE:2].count(0)
    half = max(len(content[:_SAMPLE]) // 2, 1)
    if max(even, odd) > half * 0.4 and min(even, odd) < half * 0.05 and len(content) % 2 == 0:
        return _strictly(content, "utf-16-be" if even > odd else "utf-16-le")
    raise DocumentRefused("binary", "It holds zero bytes, so it is not a text.")


def _declared(content: bytes, name: str) -> str | None:
    """Read the file as it says; “Latin-1” is taken for the Windows set, as browsers do."""
    try:
        codec = codecs.lookup(name.strip()).name if name.strip() else ""
        if codec in ("iso8859-1", "ascii", "cp1252"):
            return _western(content)
        return content.decode("cp932" if codec == "shift_jis" else codec) if codec else None
    except (LookupError, UnicodeError, ValueError):
        return None


def _older(content: bytes) -> str:
    for encoding in ("euc_jp", "cp932"):  # EUC first: its bytes can pass for half-width letters of the other
        if _is_japanese(content, encoding):
            return content.decode(encoding)
    letters = sum(byte >= _LETTERS or (byte < 0x80 and chr(byte).isalpha()) for byte in content[:_SAMPLE])
    foreign = sum(byte >= _LETTERS for byte in content[:_SAMPLE])
    if foreign >= _ENOUGH and foreign > _FOREIGN * letters:
        return _detected(content)
    return _western(content)


def _is_japanese(content: bytes, encoding: str) -> bool:
    """Say whether the bytes are valid and give common characters in runs; Western accents stand alone."""
    try:
        text = content.decode(encoding)[:_SAMPLE]
    except UnicodeDecodeError:
        return False
    characters = len(_JAPANESE.findall(text))
    common = sum(_is_common(character) for run in _RUN.findall(text) for character in run)
    return characters > 0 and common >= _SURE_PAIRS * characters


def _is_common(character: str) -> bool:
    """Say whether it is kana, a full-width sign, or a first-level character, as nearly all in use are."""
    if not _COMMON.fullmatch(character):
        return False
    if character < "\u4e00" or character > "\u9fff":
        return True
    try:
        return 0x88 <= character.encode("shift_jis")[0] <= 0x98
    except UnicodeEncodeError:
        return False


def _western(content: bytes) -> str:
    """Read the Windows set; the five bytes it leaves free are controls in Latin-1, and nobody's text."""
    text = content.decode("cp1252", errors="replace")
    if text.count("\ufffd") > _MANY_CONTROLS * len(text):
        raise DocumentRefused(
            "binary", "It is not a text in an encoding that is known here. Save it as UTF-8."
        )
    return text


def _detected(content: bytes) -> str:
    from charset_normalizer import from_bytes  # heavy, and seldom needed

    best = from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise DocumentRefused("encoding", "Its encoding cannot be made out. Save it as UTF-8.")
    try:
        return content.decode(best.encoding)
    except UnicodeDecodeError as error:
        raise DocumentRefused("encoding", "Its encoding cannot be made out. Save it as UTF-8.") from error
