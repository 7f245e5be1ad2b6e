"""Sentences of different documents that repeat or contradict each other."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from knowledge.documents.publish import change_details, delete_document, withdraw_document
from knowledge.models import Compared, Document, Resemblance, Sketch
from knowledge.resemblance import finding
from knowledge.resemblance.compare import compare
from knowledge.resemblance.differences import differences
from knowledge.resemblance.finding import find_resemblances
from knowledge.resemblance.keeping import dismiss, restore
from knowledge.resemblance.quantities import Quantity, quantities_in
from knowledge.resemblance.sentences import Sentence, sentences_of
from knowledge.resemblance.sketches import fingerprints
from tests.knowledge.conftest import Publish

PETS = "# Pets\n\nBook the place of your pet in the cabin at least 48 hours before departure.\n"


def kind_of(first: str, second: str, language: str = "en") -> str:
    found = compare(Sentence(first, language), Sentence(second, language))
    return found.kind if found else ""


def found() -> list[tuple[str, str, str]]:
    find_resemblances()
    rows = Resemblance.objects.filter(dismissed=False)
    return [(row.kind, row.first_words, row.second_words) for row in rows]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Claims for damaged bags end after 24 hours.", "Claims for damaged bags end after 48 hours."),
        ("A gate check of a cabin bag costs €65.", "A gate check of a cabin bag costs $65."),
        ("The refund of the ticket takes two weeks.", "The refund of the ticket takes 10 days."),
        ("A cabin bag weighs 8 kg at the gate.", "A cabin bag weighs 8 lb at the gate."),
        ("Lap infants and pets may sit in exit rows.", "Lap infants and pets may not sit in exit rows."),
        ("Changes of names and dates are free of charge.", "Changes of names and dates cost a fee."),
        ("Spare batteries and power banks must be carried in cabin bags.",
         "Spare batteries and power banks may be carried in cabin bags."),
        ("Rebook your missed flight before departure.", "Rebook your missed flight after departure."),
        ("The new bag rules begin on 1 March 2026.", "The new bag rules begin on 1 April 2026."),
        ("Tickets of the Light fare are refundable.", "Tickets of the Light fare are not refundable."),
    ],
)  # fmt: skip
def test_other_numbers_and_sides_may_contradict(first: str, second: str) -> None:
    assert kind_of(first, second) == "contradicts"
    assert kind_of(second, first) == "contradicts"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Los equipajes dañados se reclaman en 7 días.", "Los equipajes dañados se reclaman en 14 días."),
        (
            "Las mascotas pequeñas pueden viajar en cabina.",
            "Las mascotas pequeñas no pueden viajar en cabina.",
        ),
        ("El cambio de nombre y fecha es gratuito.", "El cambio de nombre y fecha tiene un recargo."),
    ],
)
def test_so_they_may_in_spanish(first: str, second: str) -> None:
    assert kind_of(first, second, "es") == "contradicts"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Cancel the whole booking within 24 hours.", "Cancel the whole booking within one day."),
        ("Bag drop opens 2 hours 30 minutes earlier.", "Bag drop opens 150 minutes earlier."),
        ("Transfer points cost 1,000 euros a year.", "Transfer points cost EUR 1000 a year."),
        ("Lounge access and meals cost €35.", "Lounge access and meals cost €35, and €20 for children."),
        ("Show the form in Article 5 to desk staff.", "Show the form in Article 9 to desk staff."),
        ("Flight LW214 has meals and drinks on board.", "Flight LW218 has meals and drinks on board."),
        ("Do bags and pets fly within 24 hours?", "Do bags and pets fly within 48 hours?"),
        ("The fee is €55.", "The fee is €65."),
        ("Cabin pets fly for €55 in a carrier.", "Musical instruments cost €90 at the oversize desk."),
    ],
)
def test_agreement_and_other_subjects_do_not(first: str, second: str) -> None:
    assert kind_of(first, second) != "contradicts"


def test_long_sentences_alike_are_repeats() -> None:
    rule = "Bags that are handed in late travel on the next flight that has room for them."
    assert kind_of(rule, rule.replace("that are handed in", "handed in")) == "repeats"
    assert kind_of("Gift cards never expire.", "Gift cards never expire.") != "repeats"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("between 23 and 32 kg", {("kg", "23"), ("kg", "32")}),
        ("5 working days", {("working days", "5")}),
        ("15 per cent or 10%", {("percent", "15"), ("percent", "10")}),
        ("1.000 euros", {("EUR", "1000")}),
        ("1,5 kg", {("kg", "1.5")}),
        ("2 power banks", {("power", "2")}),
        ("at 9:30 on 3 May", {("clock", "09:30"), ("date", "-05-03")}),
        ("call +351 21 123 45 67 or see Form 22 - 1999", set()),
    ],
)
def test_numbers_are_read_with_what_they_count(text: str, expected: set[tuple[str, str]]) -> None:
    assert quantities_in(text, "en") == {Quantity(*one) for one in expected}


def test_passages_are_taken_apart_into_items_cells_and_sentences() -> None:
    text = (
        "Bags are **weighed**. See *Fees*, e.g. No. 4 there.\n\n- one bag\n- two [bags](x)\n\n"
        "| Fare | Fee |\n| --- | --- |\n| Light | €15 |\n"
    )
    assert [sentence.text for sentence in sentences_of(text, "en")] == [
        "Bags are weighed.", "See Fees, e.g. No. 4 there.", "one bag", "two bags", "Light, Fee: €15",
    ]  # fmt: skip


def test_like_sentences_share_fingerprints_and_others_do_not() -> None:
    first, second, other = (
        fingerprints(Sentence(text, "en"))
        for text in (
            "Cabin bags over the limit go into the hold at the gate for €65.",
            "Cabin bags over the limit go into the hold at the gate for €50.",
            "Assistance dogs need a health certificate from their home country.",
        )
    )
    assert first == second
    assert not first & other


def test_differences_are_marked_on_both_sides() -> None:
    first, second = differences("Within 24 hours of booking.", "Within 48 hours of booking.")
    assert [text for text, differs in first if differs] == ["24"]
    assert [text for text, differs in second if differs] == ["48"]
    assert "".join(text for text, _ in second) == "Within 48 hours of booking."


@pytest.mark.django_db
def test_staff_text_against_public_text_is_found(publish: Publish) -> None:
    publish("pets", PETS)
    publish("crib", PETS.replace("48", "24"), audience="staff")
    [(kind, first, second)] = found()
    assert kind == "contradicts"
    assert ("48" in first, "24" in second) == (True, True)


@pytest.mark.django_db
def test_one_document_other_languages_and_drafts_are_not_compared(publish: Publish) -> None:
    publish("pets", PETS + "\n## Late\n\n" + PETS.splitlines()[2].replace("48", "24"))
    publish("pets-pt", PETS.replace("48", "24"), language="pt")
    withdraw_document(publish("old", PETS.replace("48", "24")).document)
    publish("soon", PETS.replace("48", "24"), effective_from=timezone.localdate() + timedelta(days=9))
    assert found() == []


@pytest.mark.django_db
def test_only_what_is_new_is_compared(publish: Publish, monkeypatch: pytest.MonkeyPatch) -> None:
    publish("pets", PETS)
    assert find_resemblances() == 1
    publish("crib", PETS.replace("48", "24"))
    assert find_resemblances() == 1
    assert find_resemblances() == 0
    assert Resemblance.objects.count() == 1
    assert find_resemblances(anew=True) == 2
    assert Resemblance.objects.count() == 1


@pytest.mark.django_db
def test_pair_goes_with_either_text(publish: Publish) -> None:
    publish("pets", PETS)
    crib = publish("crib", PETS.replace("48", "24")).document
    assert len(found()) == 1
    publish("crib", PETS)
    assert found() == []
    publish("crib", PETS.replace("48", "36"))
    assert len(found()) == 1
    delete_document(crib)
    assert found() == []
    assert Sketch.objects.values("passage").distinct().count() == Compared.objects.count() == 1


@pytest.mark.django_db
def test_dismissed_pair_stays_so_until_its_sentences_change(publish: Publish) -> None:
    publish("pets", PETS)
    publish("crib", PETS.replace("48", "24"))
    assert len(found()) == 1
    dismiss(Resemblance.objects.all())
    publish("crib", PETS.replace("48", "24") + "\nAnother rule about birds, fish and mice.\n")
    assert found() == []
    assert find_resemblances(anew=True) == 2
    assert found() == []
    publish("crib", PETS.replace("48", "36"))
    assert len(found()) == 1


@pytest.mark.django_db
def test_dismissal_is_taken_back(publish: Publish) -> None:
    publish("pets", PETS)
    publish("crib", PETS.replace("48", "24"))
    find_resemblances()
    assert dismiss(Resemblance.objects.all()) == 1
    assert restore(Resemblance.objects.all()) == 1
    assert len(found()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("order", [1, -1])
def test_what_many_documents_repeat_is_meant(publish: Publish, order: int) -> None:
    common = (
        "Short-haul means all flights within Europe, including Madeira, the Azores and the Canary Islands."
    )
    own = "Dogs that weigh 8 kg at most travel in a soft carrier under the seat in front of their owner."
    for number in list(range(5))[::order]:
        publish(f"doc{number}", f"# D\n\n{common}\n\n{own if number < 2 else ''}\n")
        find_resemblances()
    assert found() == [("repeats", own, own)]


@pytest.mark.django_db
def test_lines_of_parallel_lists_are_not_held_against_each_other(publish: Publish) -> None:
    rows = "\n".join(
        f"- A bag up to {kg} kg costs €{fee} on each short flight." for kg, fee in ((23, 60), (32, 90))
    )
    publish("bags", f"# Bags\n\n{rows}\n")
    publish("fees", f"# Fees\n\n{rows}\n")
    assert all(kind != "contradicts" for kind, *_ in found())


@pytest.mark.django_db
def test_document_in_another_language_is_compared_again(publish: Publish) -> None:
    publish("pets", PETS)
    crib = publish("crib", PETS.replace("48", "24")).document
    assert len(found()) == 1
    crib.language = "pt"
    change_details(crib)
    assert found() == []


@pytest.mark.django_db
def test_sample_airline_has_no_contradictions(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_sample")
    call_command("find_resemblances")
    assert "May contradict each other: 0" in capsys.readouterr().out
    assert 0 < Resemblance.objects.count() <= 12


@pytest.mark.django_db
def test_run_leaves_word_for_the_one_that_is_at_work(publish: Publish) -> None:
    publish("pets", PETS)
    cache.set(finding.RUN.key, True)
    finding.find_in_background()
    assert not Compared.objects.exists()
    assert cache.get(finding.RUN.again)
    cache.delete(finding.RUN.key)
    finding.find_in_background()
    assert Compared.objects.count() == 1


@pytest.mark.django_db
def test_publication_asks_for_a_comparison_after_its_commit(
    publish: Publish,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: object,
) -> None:
    asked: list[str] = []
    settings.COMPARE_DOCUMENTS = True
    monkeypatch.setattr("knowledge.background._begin", lambda task, arguments: asked.append(task.name))
    with django_capture_on_commit_callbacks(execute=True):
        publish("pets", PETS)
        assert asked == []
    assert "knowledge.tasks.find_resemblances" in asked
    assert Document.objects.count() == 1
