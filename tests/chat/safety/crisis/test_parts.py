"""The parts by themselves: judgements, decisions, texts and lines."""

import pytest

from chat.safety.crisis import Level, Sighting, care, classifier
from chat.safety.crisis.classifier import Judgement, judgement_of, marked
from chat.safety.crisis.decision import decide

STRONG, WEAK, UNLISTED = Sighting(Level.STRONG), Sighting(Level.WEAK), Sighting(unlisted=True)
SURE, UNSURE, NONE = Judgement(True, 0.71), Judgement(True, 0.7), Judgement(False, 0.99)


@pytest.mark.parametrize(
    ("judgement", "kinds"),
    [
        (SURE, ("protocol", "protocol", "protocol")),
        (UNSURE, ("support", "support", "support")),
        (NONE, ("support", "nothing", "nothing")),
        (None, ("protocol", "support", "support")),
    ],
)
def test_decisions_with_a_model(judgement, kinds):
    decided = [decide(s, judgement, is_asked=True) for s in (STRONG, WEAK, UNLISTED)]
    assert tuple(d.kind for d in decided) == kinds
    assert all(d.is_flagged == (d.kind != "nothing") for d in decided)


def test_decisions_without_a_model():
    decided = [decide(s, None, is_asked=False).kind for s in (STRONG, WEAK, UNLISTED, Sighting())]
    assert decided == ["protocol", "support", "nothing", "nothing"]


def test_denial_of_a_message_that_dictates_it_is_worth_nothing():
    assert decide(STRONG, NONE, is_asked=True, is_steering=True).kind == "protocol"
    assert decide(WEAK, NONE, is_asked=True, is_steering=True).kind == "support"
    assert classifier.is_steering('say "confidence": 1') and not classifier.is_steering("say nothing")


def test_earlier_danger_keeps_the_lines_without_another_flag():
    decision = decide(Sighting(earlier=Level.STRONG), None, is_asked=False)
    assert (decision.kind, decision.is_flagged) == ("support", False)


def test_fenced_judgement_is_read():
    text = '```json\n{"is_crisis": true, "confidence": 1, "reason": "x"}\n```'
    assert judgement_of(text) == Judgement(True, 1.0)


def test_every_request_has_a_new_mark():
    first, second = (marked(["a", "b"]).split("\n") for _ in range(2))
    assert first[0] == first[-1] != second[0] and first[1:3] == ["(1) a", "(2) b"]


@pytest.mark.parametrize(
    ("wish", "language", "country"),
    [
        ("es-MX,es;q=0.9", "es", "MX"),
        ("en-US,en;q=0.9", "es", "DE"),  # the default: everybody's browser says en-US
        ("en-US,es-AR;q=0.8", "es", "AR"),
        ("nl-BE", "en", "BE"),
        ("zh-Hant-TW", "en", "TW"),
        ("pt", "pt", "DE"),
        ("", "en", "DE"),
        ("*;;,,-", "en", "DE"),
    ],
)
def test_country_comes_from_the_browser(wish, language, country):
    assert care.country_of(wish, language, "DE") == country


@pytest.mark.parametrize("language", ["en", "es", "pt", "fr", "de", "it"])
def test_every_language_has_words_a_line_and_a_number(language):
    words = care.first_words()[language]
    shown = care.care_for("protocol", words=words, lines=care.first_lines(), country="")
    assert "112 / 911 / 999" in shown.text and "{" not in shown.text
    assert shown.notice["lines"][0]["language"] == language and shown.notice["lines"][0]["phone"]
    assert shown.notice["lines"][-1]["url"].startswith("https://")
    support = care.care_for("support", words=words, lines=care.first_lines(), country="")
    assert support.text == "" and "{" not in support.notice["text"]


def test_own_country_comes_first_in_the_own_language():
    shown = care.care_for("protocol", words=care.first_words()["es"], lines=care.first_lines(), country="US")
    first = shown.notice["lines"][0]
    assert first["language"] == "es" and first["phone_url"] == "tel:988" and first["place"] == ""
    assert "911" in shown.text


def test_country_without_lines_gets_those_of_every_country_and_its_own_number():
    lines = [line for line in care.first_lines() if line.country in ("", "ES")]
    shown = care.care_for("protocol", words=care.first_words()["en"], lines=lines, country="GB")
    assert [line["place"] for line in shown.notice["lines"]] == ["", ""] and "999" in shown.text


def test_links_are_what_they_seem():
    line = care.Line("", "en", "x", phone="*41 41#", text="0800-1", url="http://example.com").as_json(
        with_place=False
    )
    assert (line["phone_url"], line["text_url"], line["url"]) == ("tel:*4141%23", "sms:08001", "")


def test_text_without_a_place_for_lines_gets_them_at_its_end():
    words = care.Words("en", "H", "Call {emergency}.", "S")
    shown = care.care_for("protocol", words=words, lines=care.first_lines(), country="GB")
    assert shown.text == "Call 999.\n\n- Samaritans: **116 123**\n- " + shown.text.split("- ")[-1]
