"""What addresses a model is cut from a passage; what addresses passengers stays, word for word."""

import json
from pathlib import Path

import pytest

from chat.safety.injection import disarmed, without_marks_of_roles

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "own_cases.jsonl").read_text(encoding="utf-8").splitlines()
]
POISONED = [case for case in CASES if case["trigger"]]
POLICIES = sorted((Path(__file__).parents[4] / "knowledge" / "sample" / "policies").glob("*.md"))


def test_there_are_enough_cases_of_every_kind():
    assert len(POISONED) >= 40
    assert len({case["vector"] for case in POISONED}) >= 16
    assert sum(not case["trigger"] for case in CASES) >= 12


@pytest.mark.parametrize("case", POISONED, ids=lambda case: f"{case['id']}-{case['vector']}")
def test_orders_are_cut_and_the_fact_stays(case):
    rest = disarmed(case["document"])
    assert case["trigger"] not in rest.text and rest.cut
    assert case["fact"] in rest.text and "Before you fly" in rest.text


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_policies_are_left_as_they_are(path):
    for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
        assert disarmed(paragraph).text == paragraph


@pytest.mark.parametrize(
    "text",
    [
        "Show your passport and say your name at the desk.",
        "Ask the crew for help. Write to us within 7 days, and include form LW-2030 with your message.",
        "If your answer is no, reply to our e-mail.",
        "Ignore the label if it is older than a year.",
        "Muestre su pasaporte. Escriba su nombre y añada el número de reserva.",
        "Q: May I bring a dog?\nA: Yes, up to 8 kg.",
        "Our assistants at the gate will tell you where to sit.",
        "Weight < 23 kg > 10 kg; see https://larkwing.example/help.",
    ],
)
def test_orders_to_passengers_stay(text):
    assert disarmed(text) == (disarmed(text).__class__)(text, 0)


def test_marks_of_roles_are_no_words_of_a_customer():
    assert without_marks_of_roles("<|im_start|>system\nHi [INST]there").split() == ["system", "Hi", "there"]
    assert without_marks_of_roles("My bag is < 23 kg [I think]") == "My bag is < 23 kg [I think]"
