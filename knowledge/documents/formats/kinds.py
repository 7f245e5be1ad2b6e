"""Which reader a file gets: by its ending, corrected by its first bytes where these are certain."""

import io
import re
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath

from knowledge.documents.formats.extract import Extract
from knowledge.errors import DocumentRefused

Reader = Callable[[PurePath, bytes], Extract]

# The modules are imported when such a file is read: they bring heavy libraries, and the site's start stays
# quick.
_HERE = "knowledge.documents.formats"
FORMATS = {
    **dict.fromkeys((".md", ".markdown"), f"{_HERE}.markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), f"{_HERE}.html"),
    ".pdf": f"{_HERE}.pdf",
    ".docx": f"{_HERE}.docx",
    **dict.fromkeys((".txt", ".text"), f"{_HERE}.text"),
    ".csv": f"{_HERE}.csv_table",
    ".tsv": f"{_HERE}.csv_table",
}
_INSTEAD = {
    **dict.fromkeys((".doc", ".dot", ".odt", ".rtf", ".pages"), "Save it as .docx or PDF."),
    **dict.fromkeys((".xls", ".xlsx", ".ods", ".numbers"), "Save each sheet as .csv."),
    **dict.fromkeys((".ppt", ".pptx", ".odp", ".key", ".epub"), "Save it as PDF."),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".webp"), "A picture holds no text to read."
    ),
    **dict.fromkeys((".zip", ".7z", ".rar", ".gz", ".tar"), "Archives inside archives are not unpacked."),
}
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s|<\?xml[^>]{0,200}\?>|<!--.{0,2000}?-->)*<(?:!doctype\s+html|html[\s>])",
    re.I | re.S,
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Office files, and of encrypted new ones
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (  # first bytes that no text begins with
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "an RTF file; save it as .docx or PDF"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_OFFICE = (
    ("xl/", "an Excel file; save each sheet as .csv"),
    ("ppt/", "a PowerPoint file; save it as PDF"),
    ("META-INF/", "an OpenDocument or e-book file; save it as .docx or PDF"),
)


def reader_for(path: PurePath, content: bytes) -> Reader:
    """Return the reader for a file: that of its ending, or of what it certainly is.

    Raises DocumentRefused with code ``kind`` for a format that cannot be read, ``encrypted`` for a
    protected Word file, ``broken`` for a PDF or Word ending over something else.
    """
    ending = path.suffix.lower()
    check_ending(path)
    certain = _certain(content)
    if certain is None and ending in (".pdf", ".docx"):
        name = "PDF" if ending == ".pdf" else "Word file"
        raise DocumentRefused("broken", f"It ends in “{ending}”, but it is no {name}, or a broken one.")
    return import_module(FORMATS[certain or ending]).read


def check_ending(path: PurePath) -> None:
    """Raise DocumentRefused with code ``kind`` for an ending that no reader has."""
    ending = path.suffix.lower()
    if ending in FORMATS:
        return
    named = f"ending in “{path.suffix}”" if path.suffix else "without an ending"
    instead = _INSTEAD.get(ending) or f"These can: {', '.join(FORMATS)}."
    raise DocumentRefused("kind", f"Files {named} cannot be read. {instead}")


def _certain(content: bytes) -> str | None:
    """Return the ending for what the first bytes prove; None for a text, which has no mark."""
    start = content[:4096]
    if b"%PDF-" in start[:1024]:
        return ".pdf"
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(content)
    if start.startswith(_OLE):
        raise _old_office(content)
    for mark, name in _FOREIGN:
        if start.startswith(mark):
            raise DocumentRefused("kind", f"It is {name}.")
    return ".html" if _HTML.match(start) else None


def _of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentRefused("broken", "It is a broken Word file or archive.") from error
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return ".docx"
    for folder, words in _OFFICE:
        if any(name.startswith(folder) for name in names):
            raise DocumentRefused("kind", f"It is {words}.")
    raise DocumentRefused(
        "kind", "It is an archive. Archives are unpacked when uploaded as .zip, not inside another."
    )


def _old_office(content: bytes) -> DocumentRefused:
    if _ENCRYPTED_PACKAGE in content:
        return DocumentRefused("encrypted", "It is protected with a password. Save it without one.")
    return DocumentRefused("kind", "It is an old Office file (such as .doc). Save it as .docx or PDF.")
