"""What is expected is compared with what came: check by check, wording by wording."""

import json
from dataclasses import replace
from datetime import date

import pytest

from chat.evaluation.accepted import compare, read_accepted, write_accepted
from chat.evaluation.cases import Case, DatasetRefused, case_of, read_cases, row_of
from chat.evaluation.judging import CHECKS, Check, Got, judge, plain
from chat.evaluation.report import report_of
from chat.evaluation.scripted import ScriptedModel, read_aloud
from chat.turn.verdict import NO_ANSWER

CASE = Case(
    id="one", ask="What does it cost?", intent="policy|other", language="en", slots={"cabin": "economy"},
    cites=("fees|fares",), cites_not=("staff",), says=("€45", "per bag|each bag"), says_not=("€60",),
)  # fmt: skip
GOT = Got(
    intent="policy", language="en", slots={"cabin": "economy", "date": "2026-01-01"}, outcome="answered",
    text="It costs **EUR 45**[^1] for each\nbag.", cited=("fares",),
)  # fmt: skip
SOURCES = """<ab12 source 1>
Fees
| Overweight | €45 |
Bags are weighed. They may weigh 23 kg.
</ab12 source 1>
<ab12 source 2>
Dogs
A dog travels for €50.
</ab12 source 2>"""


def failed(case: Case, got: Got) -> list[str]:
    return [check.name for check in judge(case, got) if not check.passed]


def test_answer_as_expected_passes_every_check():
    assert failed(CASE, GOT) == []
    assert [check.name for check in judge(CASE, GOT)] == list(CHECKS)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"intent": "flight"}, "intent"),
        ({"language": "es"}, "language"),
        ({"slots": {}}, "slots"),
        ({"outcome": "refused"}, "outcome"),
        ({"outcome": "failed", "error": "internal"}, "outcome"),
        ({"cited": ("pets",)}, "cites"),
        ({"cited": ("fares", "staff")}, "cites not"),
        ({"text": "It costs €450 for each bag."}, "says"),
        ({"text": "€45 each bag, or 60 €."}, "says not"),
        ({"crisis": "support"}, "crisis"),
        ({"staff_only": ("staff",)}, "staff only"),
    ],
)
def test_each_check_fails_by_itself(change, check):
    assert failed(CASE, replace(GOT, **change)) == [check]


def test_crisis_and_staff_documents_are_judged_whatever_the_case_expects():
    assert failed(Case("x", "?"), Got(outcome="answered", crisis="protocol", staff_only=("s",))) == [
        "crisis", "staff only",
    ]  # fmt: skip
    assert failed(Case("x", "?", crisis="protocol"), Got(outcome="crisis", crisis="protocol")) == []


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("EUR 1,519", "€1,519"), ("45 €", "€45"), ("45 euros", "€45"), ("8 kg", "8KG"), ("10 %", "10%"),
        ("a  b\nc", "a b c"), ("it’s", "it's"), ("`LW214` [^2]", "lw214"),
    ],
)  # fmt: skip
def test_wordings_of_the_same_are_the_same(written, same):
    assert plain(written) == plain(same)


def test_different_amounts_stay_different():
    assert plain("€45") != plain("€450")
    assert failed(Case("x", "?", says=("€45",)), Got(outcome="answered", text="€450"))
    assert failed(Case("x", "?", says=("8 kg",)), Got(outcome="answered", text="18 kg"))


def test_case_survives_the_way_to_its_process():
    case = Case("a", "b", after=("c",), day=date(2027, 1, 2), slots={"date": "2027-01-02"}, says=("d",))
    assert case_of(json.loads(json.dumps(row_of(case)))) == case


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"id": "a"}, "needs an id and a question"),
        ({"id": "a", "ask": "b", "cite": ["c"]}, "unknown fields: cite"),
        ({"id": "a", "ask": "b", "says": "c"}, "says is to be a list"),
        ({"id": "a", "ask": "b", "intent": "polic"}, "'polic' is no intent"),
        ({"id": "a", "ask": "b", "outcome": "refuse"}, "'refuse' is no outcome"),
        ({"id": "a", "ask": "b", "crisis": "yes"}, "crisis is to be"),
        ({"id": "a", "ask": "b", "day": "soon"}, "is no day"),
    ],
)
def test_case_of_another_form_is_refused(row, words):
    with pytest.raises(DatasetRefused, match=words):
        case_of(row)


def test_dataset_is_read_from_both_forms_and_ids_are_unique(tmp_path):
    (tmp_path / "a.toml").write_text('case = [{id = "one", ask = "x", day = 2027-01-02}]')
    (tmp_path / "b.jsonl").write_text('{"id": "two", "ask": "y", "group": "mine"}\n')
    (tmp_path / "notes.md").write_text("nothing")
    cases = read_cases([tmp_path])
    assert [(case.id, case.group) for case in cases] == [("one", "a"), ("two", "mine")]
    (tmp_path / "c.jsonl").write_text('{"id": "one", "ask": "z"}\n')
    with pytest.raises(DatasetRefused, match="two cases 'one'"):
        read_cases([tmp_path])
    with pytest.raises(DatasetRefused, match="no cases"):
        read_cases([])
    with pytest.raises(DatasetRefused):
        read_cases([tmp_path / "missing.toml"])


def test_regressions_improvements_and_new_cases_are_told_apart(tmp_path):
    good, bad = Check("says", True, "", ""), Check("says", False, "a", "b")
    file = tmp_path / "accepted" / "x.json"
    assert read_accepted(file) is None
    write_accepted(file, {"kept": [good], "worse": [good], "better": [bad], "gone": [good], "same": [bad]})
    before = read_accepted(file)
    assert before == {"kept": [], "worse": [], "better": ["says"], "gone": [], "same": ["says"]}
    now = {"kept": [good], "worse": [bad], "better": [good], "same": [bad], "fresh": [bad], "fine": [good]}
    found = compare(before, now, is_whole=True)
    assert (found.regressions, found.improvements, found.gone) == (("worse",), ("better",), ("gone",))
    assert found.new == (("fresh", False), ("fine", True))
    assert compare(before, {"kept": [good]}, is_whole=False).gone == ()
    file.write_text("[]")
    with pytest.raises(DatasetRefused):
        read_accepted(file)


def test_sums_are_by_check_group_and_intent():
    cases = [Case("a", "?", intent="policy", group="g"), Case("b", "?", intent="flight", group="g")]
    got = {
        "a": Got(intent="policy", language="en", outcome="answered"),
        "b": Got(intent="policy", outcome="answered"),
    }
    checks = {case.id: judge(case, got[case.id]) for case in cases}
    report = report_of(cases, got, checks)
    assert (report.cases.passed, report.cases.of) == (1, 2)
    assert (report.checks["intent"].passed, report.groups["g"].of, report.intents["flight"].passed) == (
        1,
        2,
        0,
    )
    assert report.router.cells == {("policy", "policy"): 1, ("flight", "policy"): 1}
    assert report.router.by_intent["flight"].share == 0.0


def test_scripted_model_reads_what_is_wanted_and_says_so_where_there_is_nothing():
    assert read_aloud("What is it for a dog?", SOURCES).splitlines()[0] == "- A dog travels for €50. [2]"
    assert "Overweight, €45 [1]" in read_aloud("fee?", SOURCES, [["€45", "45 €"]]).splitlines()[0]
    assert read_aloud("fee?", SOURCES, [["€77"]]) == ""


def test_scripted_model_knows_its_cases():
    cases = [
        Case("a", "fee for bags?", says=("€77",)), Case("b", "pizza?", outcome="refused"),
        Case("c", "lie!", model_says="A lie."), Case("d", "help me", crisis="protocol"),
    ]  # fmt: skip
    model = ScriptedModel(cases)
    assert model.said_to(["rules", SOURCES, "Fee for bags?"]) == NO_ANSWER
    assert model.said_to(["rules", SOURCES, "pizza?"]) == NO_ANSWER
    assert model.said_to(["rules", SOURCES, "lie!"]) == "A lie."
    assert json.loads(model.said_to(["… is_crisis …", "(1) help me"]))["is_crisis"] is True
    assert json.loads(model.said_to(["… is_crisis …", "(1) pizza?"]))["is_crisis"] is False
