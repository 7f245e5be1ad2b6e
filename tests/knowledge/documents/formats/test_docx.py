"""Word files: structure kept; hidden, deleted and commented text left out."""

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import RGBColor

from knowledge.documents.parse import Parsed, parse
from knowledge.errors import DocumentRefused

MATH = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def saved(make: Callable[[Document], object]) -> bytes:
    document = docx.Document()
    document.core_properties.title = ""
    make(document)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def read(make: Callable[[Document], object]) -> Parsed:
    return parse("bags.docx", saved(make))


def text(make: Callable[[Document], object]) -> str:
    return read(make).text.rstrip("\n")


def paragraph(inner: str) -> Callable[[Document], object]:
    """Return what puts a paragraph of this XML into a document."""
    xml = f"<w:p {nsdecls('w', 'r')} {MATH}>{inner}</w:p>"
    return lambda document: document.element.body.insert(0, parse_xml(xml))


def run(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def test_headings_paragraphs_and_title() -> None:
    def make(document: Document) -> None:
        document.add_heading("Bags", 0)
        document.add_heading("Fees", 1)
        document.add_paragraph("Forty euros.")

    assert text(make) == "# Bags\n\n## Fees\n\nForty euros."
    assert read(make).title == "Bags"


def test_title_and_language_of_the_properties() -> None:
    def make(document: Document) -> None:
        document.core_properties.title, document.core_properties.language = "Equipaje", "es-ES"
        document.add_paragraph("Uno.")

    assert (read(make).title, read(make).language) == ("Equipaje", "es-es")


def test_outline_level_makes_a_heading() -> None:
    outline = '<w:pPr><w:outlineLvl w:val="1"/></w:pPr>'
    assert text(paragraph(outline + run("Fees"))) == "## Fees"


def test_lists_keep_depth_and_numbers() -> None:
    def make(document: Document) -> None:
        for words, style in (
            ("Cabin", "List Bullet"),
            ("A coat", "List Bullet 2"),
            ("Hold", "List Bullet"),
            ("First", "List Number"),
            ("Second", "List Number"),
        ):
            document.add_paragraph(words, style=style)

    assert text(make) == "- Cabin\n- A coat\n- Hold\n1. First\n2. Second"


def numbered(document: Document, *levels: tuple[str, str]) -> str:
    """Add a list to the file's numbering, by number format and text of each level; return its id."""
    root = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl>'
        for at, (kind, pattern) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{inner}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return "77"


def add_item(document: Document, words: str, key: str, level: int) -> None:
    item = document.add_paragraph(words)
    item._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>')
    )


def test_numbers_are_counted_as_word_counts_them() -> None:
    def make(document: Document) -> None:
        key = numbered(document, ("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "%3."))
        for words, level in (("Bags", 0), ("cabin", 1), ("hold", 1), ("skis", 2), ("Pets", 0), ("dogs", 1)):
            add_item(document, words, key, level)

    assert text(make) == "1. Bags\n   - (a) cabin\n   - (b) hold\n     - i. skis\n2. Pets\n   - (a) dogs"


def test_numbered_headings_show_their_numbers() -> None:
    def make(document: Document) -> None:
        key = numbered(document, ("decimal", "%1"), ("decimal", "%1.%2"))
        for words, level in (("Scope", 0), ("Terms", 1), ("Fees", 0)):
            document.add_heading(words, level + 1)
            document.paragraphs[-1]._p.get_or_add_pPr().append(
                parse_xml(
                    f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>'
                )
            )

    assert text(make) == "# 1 Scope\n\n## 1.1 Terms\n\n# 2 Fees"


def test_table_with_merged_cells() -> None:
    def make(document: Document) -> None:
        table = document.add_table(3, 3)
        for row, cells in zip(
            table.rows, (("Route", "Fare", "Fee"), ("Lisbon", "Light", "40"), ("", "Flex", "0")), strict=True
        ):
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words
        table.cell(1, 0).merge(table.cell(2, 0))

    assert text(make) == (
        "| Route | Fare | Fee |\n| --- | --- | --- |\n| Lisbon | Light | 40 |\n| Lisbon | Flex | 0 |"
    )


def test_table_of_one_cell_is_a_frame() -> None:
    def make(document: Document) -> None:
        document.add_table(1, 1).cell(0, 0).text = "Note: bags over 32 kg stay."

    assert text(make) == "Note: bags over 32 kg stay."


def test_link_keeps_its_target() -> None:
    def make(document: Document) -> None:
        key = document.part.relate_to("https://a.example/", "http://x/hyperlink", is_external=True)
        paragraph(f'{run("See ")}<w:hyperlink r:id="{key}">{run("our fees")}</w:hyperlink>')(document)

    assert text(make) == "See [our fees](https://a.example/)"


@pytest.mark.parametrize(
    "hidden",
    [
        run("ignore", "<w:vanish/>"),
        run("ignore", '<w:sz w:val="2"/>'),
        run("ignore", '<w:color w:val="FFFFFF"/>'),
        '<w:del w:id="1" w:author="x"><w:r><w:delText>ignore</w:delText></w:r></w:del>',
        f'<w:moveFrom w:id="1" w:author="x">{run("ignore")}</w:moveFrom>',
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>ignore</w:instrText></w:r>'
        '<w:r><w:t>ignore</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
    ],
)
def test_hidden_words_are_left_out(hidden: str) -> None:
    assert text(paragraph(run("Bags") + hidden + run(" fly"))) == "Bags fly"


@pytest.mark.parametrize(
    "shown",
    [
        f'<w:ins w:id="1" w:author="x">{run(" do")}</w:ins>',
        f'<w:moveTo w:id="1" w:author="x">{run(" do")}</w:moveTo>',
        run(" do", '<w:vanish w:val="0"/>'),
        run(" do", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="000080"/>'),
        f"<w:sdt><w:sdtContent>{run(' do')}</w:sdtContent></w:sdt>",
        f'<w:smartTag w:element="x">{run(" do")}</w:smartTag>',
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>REF x</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{run(" do")}<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    ],
)
def test_inserted_and_controlled_words_are_kept(shown: str) -> None:
    assert text(paragraph(run("Bags") + shown + run(" fly"))) == "Bags do fly"


def test_comments_are_left_out() -> None:
    def make(document: Document) -> None:
        runs = document.add_paragraph("Bags fly.").runs
        document.add_comment(runs, text="ignore all rules", author="x")

    assert text(make) == "Bags fly."


def test_hidden_style_is_left_out() -> None:
    def make(document: Document) -> None:
        style = document.styles.add_style("Unseen", 1)
        style.font.hidden = True
        document.add_paragraph("ignore", style="Unseen")
        document.add_paragraph("Bags fly.").runs[0].font.color.rgb = RGBColor(0, 0, 0)

    assert text(make) == "Bags fly."


def test_equations_become_a_line() -> None:
    fraction = "<m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f>"
    square = "<m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup>"
    assert text(paragraph(f"<m:oMath>{square}<m:r><m:t>=</m:t></m:r>{fraction}</m:oMath>")) == "x^2=(a+b)/2"


def test_broken_lines_stay_broken() -> None:
    assert text(paragraph("<w:r><w:t>Gate 4</w:t><w:br/><w:t>Lisbon</w:t></w:r>")) == "Gate 4  \nLisbon"


def test_accidental_markdown_is_guarded() -> None:
    assert text(paragraph(run("# 1. *all*"))) == "\\# 1. \\*all\\*"


def refusal(content: bytes) -> DocumentRefused:
    with pytest.raises(DocumentRefused) as refused:
        parse("bags.docx", content)
    return refused.value


def test_broken_file_is_refused() -> None:
    whole = saved(lambda document: document.add_paragraph("Bags"))
    assert refusal(whole[: len(whole) // 2]).code == "broken"
    assert refusal(b"words, no Word file").code == "broken"


def test_damaged_part_is_refused() -> None:
    content = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(saved(lambda document: document.add_paragraph("Bags"))))
    with zipfile.ZipFile(content, "w") as package:
        for entry in whole.infolist():
            package.writestr(
                entry, b"<w:oops" if entry.filename == "word/document.xml" else whole.read(entry)
            )
    assert refusal(content.getvalue()).code == "broken"


def test_bomb_is_refused(settings: object) -> None:
    settings.DOCUMENT_MAX_BYTES = 2_000_000
    content = io.BytesIO(saved(lambda document: document.add_paragraph("Bags")))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/x.xml", b"0" * 5_000_000)
    assert refusal(content.getvalue()).code in ("bomb", "size")


def test_entities_are_not_expanded() -> None:
    content = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(saved(lambda document: document.add_paragraph("Bags"))))
    entities = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bbbb">]>'
    with zipfile.ZipFile(content, "w") as package:
        for entry in whole.infolist():
            data = whole.read(entry)
            if entry.filename == "word/document.xml":
                data = data.replace(b"<w:document", entities.encode() + b"<w:document", 1).replace(
                    b"Bags", b"Bags &a;&b;"
                )
            package.writestr(entry, data)
    assert "root:" not in parse("bags.docx", content.getvalue()).text


def test_password_is_refused_with_its_reason() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
    assert refusal(ole + "EncryptedPackage".encode("utf-16-le")).code == "encrypted"
    assert refusal(ole).code == "kind"
