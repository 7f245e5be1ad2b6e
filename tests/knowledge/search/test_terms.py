"""Words to stems."""

import pytest

from knowledge.search.terms import base_language, content_words, fold, pairs, stem, stems


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Überseegepäck", "uberseegepack"), ("CAFÉ", "cafe"), ("Straße", "strasse"), ("plain", "plain")],
)
def test_accents_and_case_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "refunds", "refunded"),
        ("en", "cancellation", "cancelled"),
        ("es", "cancelación", "cancelaciones"),
        ("es", "cancelacion", "cancelación"),
        ("es", "niño", "ninos"),
        ("pt", "cancelação", "cancelacoes"),
        ("fr", "annulé", "annulation"),
        ("de", "Gepäck", "gepack"),
        ("de", "stornierung", "stornierungen"),
        ("it", "bagaglio", "bagagli"),
    ],
)
def test_forms_of_a_word_share_a_stem(language: str, one: str, other: str) -> None:
    assert stems(one, language) == stems(other, language)


def test_unknown_language_is_only_folded() -> None:
    assert stem("matkatavarat", "fi") == "matkatavarat"


def test_stop_words_and_letters_are_dropped() -> None:
    assert content_words("Can I bring a 23 kg bag, please? It's 5 o'clock", "en") == [
        "bring",
        "23",
        "kg",
        "bag",
        "5",
        "clock",
    ]


def test_stop_words_are_known_without_accents() -> None:
    assert content_words("¿Qué más está aquí?", "es") == []


def test_link_targets_are_no_words() -> None:
    assert content_words("See [fees](https://example.com/cheap-flights).", "en") == ["see", "fees"]


def test_wide_and_joined_letters_are_normal() -> None:
    assert content_words("ＢＡＧ ﬁnes", "en") == ["bag", "fines"]


def test_pairs_are_neighbours() -> None:
    assert pairs(["bag", "fee", "refund"]) == ["bag fee", "fee refund"]
    assert pairs(["bag"]) == []


@pytest.mark.parametrize(("code", "base"), [("pt-BR", "pt"), ("EN_us", "en"), ("es", "es")])
def test_language_code_is_shortened(code: str, base: str) -> None:
    assert base_language(code) == base


def test_very_long_word_is_shortened() -> None:
    assert len(stem("x" * 500, "en")) == 40
