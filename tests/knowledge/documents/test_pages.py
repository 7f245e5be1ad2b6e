"""The page of a passage, from the file to the citation."""

import pytest

from knowledge.documents.parse import parse
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.knowledge.documents.formats.pdfs import a_pdf, lines

PAGE = tuple(
    f"Rule {number} of this page says that a bag may weigh up to 23 kg on each flight we operate."
    for number in range(30)
)


@pytest.fixture
def document(db: None) -> Document:
    return Document.objects.create(slug="bags", title="Bags")


def test_passages_know_their_page(document: Document) -> None:
    parsed = parse("bags.pdf", a_pdf(lines(*PAGE), "", lines(*PAGE)))
    draft = save_draft(document, parsed.text, file_name="bags.pdf", page_starts=parsed.page_starts)
    passages = list(publish_version(draft).passages.all())
    assert (draft.file_name, draft.page_starts) == ("bags.pdf", list(parsed.page_starts))
    assert {passage.page for passage in passages} == {1, 3}
    assert all(passage.page == (3 if passage.start >= parsed.page_starts[2] else 1) for passage in passages)


def test_text_without_pages_gives_passages_without(document: Document) -> None:
    version = publish_version(save_draft(document, "Bags are free."))
    assert [passage.page for passage in version.passages.all()] == [None]


def test_note_alone_keeps_the_pages_and_new_words_lose_them(document: Document) -> None:
    save_draft(document, "Bags are free.", file_name="bags.pdf", page_starts=(0,))
    assert save_draft(document, "Bags are free.", note="Checked").page_starts == [0]
    changed = save_draft(document, "Bags cost.", note="Changed")
    assert (changed.page_starts, changed.file_name) == ([], "")
