"""Sentences are shown when what they cite bears them out; the same wherever the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from tests.chat.turn.answers import context_for, shown

BAGS = (
    "A checked bag may weigh up to 23 kg. A second bag costs EUR 60 and a third 1.000 EUR. Bags over 32 kg "
    "are refused. Check-in closes at 14:30, 2 to 4 hours before departure. The rule holds from 3 March 2026. "
    "Two bags are included. A refund takes 7 days, and 50 % of the fare is kept. Call +351 210 000 100. Use "
    "form LW-2030 for claims."
)
FLIGHT = "LW214 leaves at 2.30 pm on 2026-03-03 from gate B12. Status: cancelled."

SUPPORTED = [
    "It may weigh 23kg [1].",
    "The second one is 60 euros [1]; the third €1,000 [1].",
    "The third is 1 000 EUR [1].",
    "Half is kept: 50 percent of the fare [1].",
    "Check-in ends at 2:30 pm, 2-4 hours before [1].",
    "It holds from March 3, 2026 [1].",
    "It holds since 03/03/2026 [1].",
    "It leaves on 3 March at 14:30 from gate B12 [2].",
    "Up to 2 bags are included [1].",
    "Claims are made on form LW-2030 [1].",
    "Call +351 210000100 [1].",
    "Your bag of 28 kg is over the limit of 23 kg [1].",
    "Flight LW 214 was cancelled [2].",
    "Bags over 32 kg are refused, e.g. at 14:30. [1]",
    "La regla vale desde el 3 de marzo de 2026 [1].",
    "Se quedan el 50 por ciento y siete días pasan [1].",
]
UNSUPPORTED = [
    "It may weigh 25 kg [1].",
    "The second one is 60 dollars [1].",
    "Check-in ends at 2.45 pm [1].",
    "It holds from 4 March [1].",
    "Three bags are included [1].",
    "It may weigh 23 kg.",
    "It may weigh 23 kg [2].",
    "That is 90 minutes in all [1].",
    "La segunda cuesta 65 euros [1].",
    "Se incluyen cinco maletas [1].",
]


def context(**changes):
    return context_for(BAGS, FLIGHT, question="What of my bag of 28 kg, and of claims?", **changes)


@pytest.mark.parametrize("written", SUPPORTED)
def test_what_stands_in_the_source_is_shown_as_written(written):
    turn = context()
    text = shown(turn, written)
    assert "[^?]" not in text and "…" not in text
    assert turn.support.unsupported == 0 < turn.support.claims


@pytest.mark.parametrize("written", UNSUPPORTED)
def test_what_does_not_is_marked_and_counted(written):
    turn = context(language="es" if written.startswith(("La", "Se")) else "en")
    assert shown(turn, written).endswith("[^?]")
    assert (turn.support.claims, turn.support.unsupported) == (1, 1)


def test_only_the_sentence_that_fails_is_marked():
    text = shown(context(), "Up to 23 kg [1]. A fourth costs 99 EUR [1]. Ask us for more.")
    assert text == "Up to 23 kg [^1]. A fourth costs 99 EUR [^1]. [^?] Ask us for more."


def test_a_mark_stands_in_its_list_item():
    text = shown(context(), "The fees:\n- One: 60 EUR [1]\n- Two: 99 EUR [1]\n\nAsk.")
    assert text == "The fees:\n- One: 60 EUR [^1]\n- Two: 99 EUR [^1] [^?]\n\nAsk."


def test_claims_can_be_dropped_instead(settings):
    settings.UNSUPPORTED_CLAIMS = "drop"
    turn = context()
    written = (
        "Up to 23 kg [1]. A fourth costs 99 EUR [1]. Ask us.\n- One: 60 EUR [1]\n- Two: 99 EUR [1]\n- Ask."
    )
    assert shown(turn, written) == "Up to 23 kg [^1]. Ask us.\n- One: 60 EUR [^1]\n- Ask."
    assert turn.support.withheld == 2


def test_any_given_source_can_count_for_what_cites_nothing(settings):
    settings.UNCITED_CLAIMS = "any_source"
    assert shown(context(), "Up to 23 kg.") == "Up to 23 kg."
    assert shown(context(), "Up to 25 kg.") == "Up to 25 kg. [^?]"


@pytest.mark.parametrize(
    "written",
    [
        "We have refunded your 60 EUR [1].",
        "I've rebooked you on the next flight.",
        "Your refund of 60 EUR is approved [1].",
        "Good news: refund approved!",
        "Hemos cancelado su reserva.",
        "Su reembolso ha sido aprobado [1].",
        "Buenas noticias: reembolso aprobado.",
        "I will cancel it for you.",
    ],
)
def test_promises_that_no_source_makes_are_not_shown(written):
    turn = context()
    text = shown(turn, f"{written} Up to 23 kg [1].")
    assert not any(
        word in text.lower() for word in ("approved", "refunded", "rebooked", "cancel", "aprobado")
    )
    assert text.endswith("Up to 23 kg [^1].")
    assert turn.support.promises == 1


@pytest.mark.parametrize(
    "written",
    [
        "Your flight is cancelled [2].",
        "If your flight is cancelled, a refund takes 7 days [1].",
        "Once the refund is approved, it takes 7 days [1].",
        "We refund the fare within 7 days [1].",
        "No hemos cancelado su reserva.",
        "Si su vuelo ha sido cancelado, el reembolso tarda 7 días [1].",
    ],
)
def test_rules_and_records_are_no_promises(written):
    from dataclasses import replace

    from knowledge.records import Fact

    turn = context()
    turn.evidence[1] = replace(turn.evidence[1], fact=Fact("k", "flight", "Flight", FLIGHT, False, {}))
    assert "[^?]" not in shown(turn, written)
    assert turn.support.promises == turn.support.withheld == 0


def test_codes_that_no_source_has_are_never_shown():
    turn = context()
    assert "QX7731ZZ" not in shown(turn, "Your voucher is QX7731ZZ. Up to 23 kg [1].")
    assert "QX7731ZZ" not in shown(turn, "QX7731ZZ")
    assert shown(turn, "Use form QX7731ZZ, 23 kg [1]. Bye.") == "Use form … [^?] Bye."


def test_another_persons_data_is_taken_out():
    turn = context()
    text = shown(
        turn, "Write to ana.canary@example.com or call +34 600 000 002, name: Ana Canary. Up to 23 kg [1]."
    )
    assert "canary@example.com" not in text and "600 000 002" not in text
    assert turn.support.personal >= 1
    assert "+351 210 000 100" in shown(turn, "Call +351 210 000 100 [1].")


def test_a_check_that_breaks_marks_and_is_counted(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("no")

    monkeypatch.setattr("chat.turn.judging.figures", broken)
    turn = context()
    assert shown(turn, "Up to 23 kg [1]. Fine.") == "Up to 23 kg [^1]. [^?] Fine."
    assert turn.support.failures == 1


def test_words_before_the_first_figure_are_shown_at_once():
    turn = context()
    turn.footnotes = []
    from chat.turn.guard import guarded

    filters = guarded(turn, quoting=False)

    def feed(piece):
        for each in filters:
            piece = each.feed(piece)
        return piece

    assert feed("Checked bags") == "Checked bags"
    assert feed(" are lighter than") == " are lighter than"
    assert feed(" 25 kg") == " "
    assert feed(" [1].") == ""
    assert feed(" So") == "25 kg [^1]. [^?] So"


def test_quotations_are_not_judged():
    from chat.models import Turn
    from chat.turn.guard import guarded

    turn = context()
    turn.source = Turn.Source.QUOTED
    assert [type(each).__name__ for each in guarded(turn, quoting=True)] == ["Citer", "Reviewer"]


_PIECES = st.sampled_from(
    ["23 kg", "25", " kg", " [1]", "[1]", ".", " ", "\n", "- ", "We have ", "refunded ", "you", "Checked ",
     "bags", "e.g.", "a@b", ".com", "60 EUR", "€", "QX7731ZZ", "Mr ", "Ana ", "two ", "t", "wo", "!", "?",
     "**", "(", ")", "[", "Your ", "refund ", "is ", "approved", "may ", "3 March", "14:30", "p.m.", "B",
     "12", "[^2]", "–", "/", "1. ", "I", "'ve "]
)  # fmt: skip


@given_settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=16), st.sampled_from(["mark", "drop"]))
def test_any_pieces_give_what_the_whole_gives(pieces, treatment):
    from django.test import override_settings

    with override_settings(UNSUPPORTED_CLAIMS=treatment):
        whole = shown(context(), "".join(pieces))
        assert shown(context(), *pieces) == whole
        assert shown(context(), *"".join(pieces)) == whole
