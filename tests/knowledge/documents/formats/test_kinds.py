"""Which reader a file gets, and that none is loaded before it is needed."""

import io
import subprocess
import sys
import zipfile

import docx
import pytest

from knowledge.documents.parse import parse
from knowledge.errors import DocumentRefused
from tests.knowledge.documents.formats.pdfs import a_pdf, lines

PDF = a_pdf(lines("Bags are free on every flight."))
HTML = b"<!-- made by hand --><!DOCTYPE html><title>Bags</title><p>Bags are <b>free</b>."


def a_docx() -> bytes:
    content = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("Bags are free.")
    document.save(content)
    return content.getvalue()


def a_zip(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize("ending", ["pdf", "docx", "md", "txt", "html", "csv"])
@pytest.mark.parametrize("content", [PDF, a_docx(), HTML])
def test_file_is_read_as_what_it_certainly_is(content: bytes, ending: str) -> None:
    assert parse(f"bags.{ending}", content).text.startswith("Bags are free")


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("x.pdf", b"Bags are free.", "broken", "no PDF"),
        ("x.docx", b"Bags are free.", "broken", "no Word file"),
        ("x.docx", a_zip("xl/workbook.xml"), "kind", "Excel"),
        ("x.docx", a_zip("ppt/presentation.xml"), "kind", "PowerPoint"),
        ("x.docx", a_zip("META-INF/manifest.xml"), "kind", "OpenDocument"),
        ("x.txt", a_zip("notes.txt"), "kind", "archive"),
        ("x.docx", b"PK\x03\x04 cut short", "broken", "broken"),
        ("x.txt", b"\x89PNG\r\n\x1a\n", "kind", "picture"),
        ("x.md", b"\x1f\x8b\x08", "kind", "gzip"),
        ("x.txt", b"{\\rtf1 Bags}", "kind", "RTF"),
        ("x.doc", b"Bags", "kind", ".docx"),
        ("x.xlsx", b"Bags", "kind", ".csv"),
        ("x.png", b"Bags", "kind", "picture"),
        ("x.zip", b"Bags", "kind", "archives"),
        ("x.exe", b"Bags", "kind", ".md"),
        ("bags", b"Bags", "kind", "without an ending"),
    ],
)
def test_file_is_refused_with_what_helps(name: str, content: bytes, code: str, words: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse(name, content)
    assert refused.value.code == code
    assert words in refused.value.words


def test_start_loads_no_heavy_library() -> None:
    program = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'chatsite.settings'; django.setup();"
        "import knowledge.documents.parse, knowledge.documents.archives;"
        "print(sorted({'pypdf', 'docx', 'selectolax'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
