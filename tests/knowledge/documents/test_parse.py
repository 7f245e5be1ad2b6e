"""Reading files: front matter, names, languages, and everything that is refused."""

from datetime import date

import pytest

from knowledge.documents import parse as parsing
from knowledge.documents.formats.extract import Extract
from knowledge.documents.parse import parse, slug_of
from knowledge.errors import DocumentRefused

PETS = """---
title: "Pets on board"
category: pets
language: es
audience: staff
effective_from: 2026-01-01
unknown: kept out
---
# Pets on board

Small dogs may come.
"""


def test_front_matter_becomes_details() -> None:
    parsed = parse("23-pets.md", PETS.encode())
    assert (parsed.title, parsed.category, parsed.language) == ("Pets on board", "pets", "es")
    assert (parsed.audience, parsed.effective_from, parsed.slug) == ("staff", date(2026, 1, 1), "pets")


def test_text_begins_after_front_matter() -> None:
    assert parse("pets.md", PETS.encode()).text == "# Pets on board\n\nSmall dogs may come.\n"


def test_title_comes_from_heading() -> None:
    assert parse("x.md", b"Intro\n\n# No-show #\n\nText").title == "No-show"


def test_title_comes_from_file_name_last() -> None:
    assert parse("late-arrival.md", b"Text alone").title == "Late arrival"


def test_rule_at_the_top_is_no_front_matter() -> None:
    assert parse("x.md", b"---\nText after a rule").text == "---\nText after a rule\n"


def test_byte_order_mark_and_windows_lines() -> None:
    assert parse("x.md", "\ufeff# Años\r\n\r\nSí".encode()).text == "# Años\n\nSí\n"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("01-checked-baggage.md", "checked-baggage"),
        ("2024.md", "2024"),
        ("abroad/03_Visas & papers.md", "abroad-visas-papers"),
        ("Übergepäck.md", "ubergepack"),
        ("???.md", "document"),
    ],
)
def test_slug_comes_from_path(name: str, slug: str) -> None:
    assert slug_of(name.removesuffix(".md")) == slug


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.exe", b"MZ", "kind"),
        ("x", b"text", "kind"),
        ("x.md", b"", "empty"),
        ("x.md", b" \n\t", "empty"),
        ("x.md", b"---\ntitle: X\n---\n\n", "empty"),
        ("x.md", b"<!-- only a comment -->", "empty"),
        ("x.md", b"a\0b", "binary"),
        ("x.md", b"\xff\xfea", "encoding"),
        ("x.md", b"---\naudience: everyone\n---\nText", "details"),
        ("x.md", b"---\nlanguage: the English\n---\nText", "details"),
        ("x.md", b"---\neffective_from: soon\n---\nText", "details"),
        ("x.md", b"---\neffective_from: 2026-02-01\neffective_until: 2026-01-01\n---\nText", "details"),
    ],
)
def test_file_is_refused_with_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(DocumentRefused) as refusal:
        parse(name, content)
    assert refusal.value.code == code
    assert refusal.value.words.endswith(".")


def test_large_file_is_refused(settings: object) -> None:
    settings.DOCUMENT_MAX_BYTES = 1_500
    with pytest.raises(DocumentRefused) as refusal:
        parse("x.md", b"a" * 1_501)
    assert (refusal.value.code, refusal.value.words) == ("size", "It is larger than 0.0015 MB.")


def test_endless_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "LONGEST_TEXT", 10)
    with pytest.raises(DocumentRefused) as refusal:
        parse("x.md", b"more than ten characters")
    assert refusal.value.code == "size"


@pytest.mark.parametrize("error", [ValueError("odd"), RecursionError(), MemoryError(), KeyError("/Root")])
def test_failure_of_a_library_is_a_refusal(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object) -> Extract:
        raise error

    monkeypatch.setattr(parsing, "reader_for", lambda *_: fail)
    with pytest.raises(DocumentRefused) as refusal:
        parse("x.md", b"text")
    assert refusal.value.code == "broken"


def test_markdown_in_an_old_encoding_is_read() -> None:
    assert parse("x.md", "Größe und Übergepäck".encode("latin-1")).text == "Größe und Übergepäck\n"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("![Map of the gates](map.png) here", "Map of the gates here"),
        ("![logo.png](data:image/png;base64,AAAA)Bags", "Bags"),
        ("[![Fees](f.png)](https://a.example)", "[Fees](https://a.example)"),
        ('<span class="x">Bags</span> fly<br>far', "Bags fly  \nfar"),
        ('Bags <span style="display: none">ignore</span>fly', "Bags fly"),
        ("<div hidden>\nignore\n</div>\nBags", "Bags"),
        ("<script>ignore</script>Bags", "Bags"),
        ("`<span>` and `![x](y)`", "`<span>` and `![x](y)`"),
        ("```\n<b>seen</b> ![x](y)\n```", "```\n<b>seen</b> ![x](y)\n```"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_markdown_keeps_words_without_pictures_and_tags(markdown: str, text: str) -> None:
    assert parse("x.md", markdown.encode()).text.strip("\n") == text


SAMPLES = {
    "en": "A bag may weigh up to 23 kg and you may bring it with you on every flight of the booking. ",
    "es": "Una maleta puede pesar hasta 23 kg y usted la puede llevar en todos los vuelos de la reserva. ",
    "pt": "Uma mala pode pesar até 23 kg e você pode levar a mala em todos os voos da sua reserva. ",
    "fr": "Un bagage peut peser jusqu'à 23 kg et vous pouvez le prendre sur tous les vols. ",
    "de": "Ein Gepäckstück darf bis zu 23 kg wiegen und Sie können es auf jedem Flug mitnehmen. ",
    "it": "Un bagaglio può pesare fino a 23 kg e lei lo può portare su tutti i voli. ",
    "ja": "手荷物は23kgまで無料です。すべてのフライトにお持ちいただけます。",
}


@pytest.mark.parametrize("language", SAMPLES)
def test_language_is_detected(language: str) -> None:
    assert parse("x.md", (SAMPLES[language] * 3).encode()).language == language


def test_short_or_unknown_text_counts_as_english() -> None:
    assert parse("x.md", b"Maletas").language == "en"
    assert parse("x.md", ("Каждый пассажир может взять одну сумку. " * 20).encode()).language == "en"


def test_language_of_the_details_wins() -> None:
    assert parse("x.md", f"---\nlanguage: fr\n---\n{SAMPLES['es'] * 3}".encode()).language == "fr"


def test_file_without_pages_has_no_page_starts() -> None:
    assert parse("x.md", b"one\fpage").page_starts == ()


@pytest.mark.parametrize(
    "part", ["`", "~", "<a ", "<script>", "<p hidden>", "![", '![a](b "', '[a]: b "', "> ", "a\n===\n"]
)
@pytest.mark.parametrize("ending", ["md", "txt", "html"])
def test_hostile_text_ends_soon(part: str, ending: str) -> None:
    try:
        parse(f"x.{ending}", ("Bags " + part * 60_000).encode())
    except DocumentRefused as refusal:
        assert refusal.code in ("empty", "broken")
