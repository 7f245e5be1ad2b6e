"""Every language is found by what its speakers type."""

import pytest

from knowledge.search import Query, search
from knowledge.search.terms import content_words, stem, stems
from tests.knowledge.conftest import Publish

TEXTS = {
    "en": "Travellers' checked bags may weigh up to 23 kilograms. Cancellations are free for a day.",
    "es": "El equipaje facturado puede pesar 23 kilos. La cancelación es gratuita. El niño viaja gratis.",
    "pt": "A bagagem de porão não pode pesar mais de 23 quilos. As alterações e os cancelamentos são grátis.",
    "fr": "L'avion part à l'heure. Les bagages enregistrés pèsent 23 kilos. L'annulation est gratuite.",
    "de": "Das Gepäck darf 23 Kilogramm wiegen. Für Übergepäck gelten Gebühren. Straßenschuhe sind erlaubt.",
    "it": "I bagagli registrati possono pesare fino a 23 chili. L'annullamento è gratuito. Perché no?",
}


@pytest.fixture
def everywhere(publish: Publish) -> None:
    for language, text in TEXTS.items():
        publish(f"bags-{language}", text, language=language)


@pytest.mark.usefixtures("everywhere")
@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("en", "CHECKED BAG WEIGHT: cancelling?"),
        ("es", "¿cuánto pesa el equipaje facturado?"),
        ("es", "EQUIPAJES FACTURADOS"),
        ("es", "ninos gratis"),
        ("pt", "posso fazer uma alteracao?"),
        ("pt", "BAGAGENS DE PORAO"),
        ("pt", "cancelamento grátis"),
        ("fr", "quand part l'avion"),
        ("fr", "quand part l’avion"),  # the apostrophe of a telephone
        ("fr", "AVIONS"),
        ("fr", "annulations gratuites"),
        ("fr", "bagage enregistre"),
        ("de", "wie viel darf mein gepaeck wiegen"),
        ("de", "ÜBERGEPÄCK GEBÜHR"),
        ("de", "uebergepaeck"),
        ("de", "Ubergepack"),
        ("de", "strassenschuhe"),
        ("it", "quanto pesa un bagaglio registrato"),
        ("it", "ANNULLAMENTI"),
    ],
)
def test_document_is_found_in_its_language(language: str, question: str) -> None:
    results = search(Query(question, language=language))
    assert results.hits[0].slug == f"bags-{language}"
    assert results.corrected == {}


JAPANESE = "手荷物は二個まで無料でお預けいただけます。超過手荷物には料金がかかります。"
CHINESE = "每位旅客可以免费托运两件行李。超重行李需要付费。"
THAI = "ผู้โดยสารสามารถนำสัมภาระติดตัวขึ้นเครื่องได้หนึ่งชิ้น"
KOREAN = "위탁 수하물은 두 개까지 무료입니다."


@pytest.mark.parametrize(
    ("language", "text", "question", "nothing"),
    [
        ("ja", JAPANESE, "手荷物の料金は?", "天気予報"),
        ("ja", JAPANESE, "ﾃﾞﾝﾜ 超過", "ﾃﾝｷ"),
        ("zh", CHINESE, "行李超重怎么办", "天气"),
        ("th", THAI, "สัมภาระ", "อากาศ"),
        ("ko", KOREAN, "수하물 무료인가요", "날씨"),
    ],
)
def test_script_without_spaces_is_found(
    publish: Publish, language: str, text: str, question: str, nothing: str
) -> None:
    publish("bags", text, language=language)
    publish("pets", "Dogs travel in the cabin.")
    results = search(Query(question, language=language))
    assert [hit.slug for hit in results.hits] == ["bags"] and results.corrected == {}
    assert search(Query(nothing, language=language)).hits == ()


def test_japanese_question_is_read_when_taken_for_english(publish: Publish) -> None:
    publish("bags", JAPANESE, language="ja")
    assert search(Query("手荷物の料金", language="en")).hits


def test_unspaced_script_gives_neighbouring_letters() -> None:
    assert content_words("手荷物 23kg LW214便", "ja") == ["手荷", "荷物", "23kg", "lw214", "便"]


def test_signs_of_a_script_are_no_accents() -> None:
    assert stem("ばか", "ja") != stem("はか", "ja")


@pytest.mark.parametrize(
    ("language", "word"),
    [("hi", "हवाई"), ("ar", "الأمتعة"), ("he", "מטען"), ("el", "αποσκευές"), ("ru", "багаж")],
)
def test_word_of_another_script_stays_whole(language: str, word: str) -> None:
    assert len(stems(word, language)) == 1


def test_arabic_vowel_points_do_not_matter() -> None:
    assert stems("كِتَاب", "ar") == stems("كتاب", "ar")
