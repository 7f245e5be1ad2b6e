"""Real files of others, each with the outcome it must have. The folder is not part of the project."""

import re

import pytest
from django.conf import settings

from knowledge.documents.parse import Parsed, parse
from knowledge.documents.split import split
from knowledge.errors import DocumentRefused

FOLDER = settings.BASE_DIR.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"there is no folder {FOLDER}")

AUTOGEN = "AutoGen: Enabling Next-Gen LLM Applications via Multi-Agent Conversation"
# File, title, pages, headings and tables at least, words that must stand in the text as written here.
READ = [
    (
        "documents/RECEIPT-2024-TXN-98765_retail_purchase.pdf",
        "TECHMART ELECTRONICS",
        1,
        3,
        0,
        "TOTAL $821.14",
    ),
    (
        "documents/REPAIR-2022-INV-001_multipage.pdf",
        "Repair 2022 inv 001 multipage",
        3,
        8,
        4,
        "| Body Labor | 2 | 150 | 300 |",
    ),
    (
        "documents/SPARSE-2024-INV-1234_borderless_table.pdf",
        "INVENTORY RECONCILIATION REPORT",
        2,
        6,
        2,
        "| SKU-4563 | Software | $120.00 | $18,720.00 |  | Critical |",
    ),
    (
        "documents/masterformat_partial_numbering.pdf",
        "Masterformat partial numbering",
        1,
        2,
        1,
        "# 1. INTENT\n",
    ),
    (
        "documents/movie-theater-booking-2024.pdf",
        "BOOKING ORDER",
        1,
        9,
        5,
        "| 2 | SCR-2 | 12/20/24 | 12/31/24 | Winter Wonderland | Standard | 4:30 PM | Daily | 24 | $150 |",
    ),
    ("documents/test.pdf", "Test", 1, 1, 0, "because chat-optimized LLMs (e.g., GPT-4) show the ability"),
    ("documents/equations.docx", "Equations", 0, 0, 0, "(1)(550×10^(-6) mm)/(2.5 mm)"),
    ("documents/rlink.docx", "Rlink", 0, 0, 0, "A red and blue square"),
    ("documents/test.docx", AUTOGEN, 0, 4, 1, "| 7 | 8 | 9 | 10 | 11 | 12 |"),
    ("documents/test_with_comment.docx", AUTOGEN, 0, 4, 1, "## Abstract\n"),
    ("documents/test_mskanji.csv", "Test mskanji", 0, 0, 1, "| 髙橋淳 | 35 | 名古屋 |"),
    (
        "documents/test_blog.html",
        "Does Model and Inference Parameter Matter in LLM Applications? - A Case Study for MATH",
        0,
        5,
        0,
        "- max_tokens: The maximum number",
    ),
    ("documents/test_serp.html", "Microsoft wikipedia - Search", 0, 10, 0, "## Microsoft - Wikipedia\n"),
    ("documents/test_wikipedia.html", "Microsoft", 0, 30, 3, "| 2005 | 39,788 | 12,254 | 70,815 | 61,000 |"),
    (
        "policies/privacy_regulations_dpa_Data_Processing_Addendum_current.pdf",
        "37SIGNALS DATA PROCESSING ADDENDUM",
        11,
        20,
        0,
        "## 7. PERSONAL DATA INCIDENT MANAGEMENT AND NOTIFICATION\n",
    ),
    ("policies/privacy.md", "Privacy policy", 0, 15, 0, "# Privacy policy\n"),
    ("policies/taxes.md", "37signals and Taxes", 0, 6, 0, "* basecamp.com/1234567\n"),
]
NEVER = {
    "documents/test_wikipedia.html": ("Jump to content", "Toggle the table", "[edit", "Afrikaans", "var "),
    "documents/test_blog.html": ("Skip to main", "Copyright ©", "Newer Post"),
    "documents/test_with_comment.docx": ("COMMENT",),
    "policies/privacy_regulations_dpa_Data_Processing_Addendum_current.pdf": ("\n1\n", "\n11\n"),
}


def read(name: str) -> Parsed:
    path = FOLDER / name
    return parse(path.name, path.read_bytes())


@pytest.mark.parametrize(("name", "title", "pages", "headings", "tables", "words"), READ)
def test_file_is_read(name: str, title: str, pages: int, headings: int, tables: int, words: str) -> None:
    parsed = read(name)
    assert (parsed.title, len(parsed.page_starts)) == (title, pages)
    assert len(re.findall(r"^#+ ", parsed.text, re.MULTILINE)) >= headings
    assert len(re.findall(r"^\|(?: --- \|)+$", parsed.text, re.MULTILINE)) >= tables
    assert words in parsed.text
    assert not [found for found in NEVER.get(name, ()) if found in parsed.text]
    assert split(parsed.text, parsed.title)


@pytest.mark.parametrize(
    ("name", "code"),
    [("documents/MEDRPT-2024-PAT-3847_medical_report_scan.pdf", "scanned"), ("documents/LICENSE", "kind")],
)
def test_file_is_refused(name: str, code: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        read(name)
    assert refusal.value.code == code


def test_every_other_file_is_read_too() -> None:
    named = {FOLDER / row[0] for row in READ}
    for path in sorted((FOLDER / "policies").iterdir()):
        if path not in named:
            assert parse(path.name, path.read_bytes()).language == "en"
