"""One evaluation from files to figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge.evaluation.asking import Manner, ask_all
from knowledge.evaluation.judging import judge, locate
from knowledge.evaluation.questions import Question
from knowledge.evaluation.report import Evaluation, evaluate


@dataclass(frozen=True, slots=True)
class Run:
    """The figures, and by id why questions had to be left out."""

    evaluation: Evaluation
    lost: Mapping[str, str] = field(default_factory=dict)


def run(
    questions: Sequence[Question],
    manner: Manner,
    *,
    marks: Iterable[float] = (),
    slugs: Mapping[str, str] | None = None,
) -> Run:
    """Ask the questions of the library that this thread is connected to.

    ``slugs`` gives the slug of each document that the questions name; None when they name slugs. A question
    whose answer is not in the texts in force (an old set, a changed document) is left out of all figures.
    """
    spans, lost = locate(questions, on=manner.on, slugs=slugs)
    asked = ask_all([question for question in questions if question.id not in lost], manner)
    judged = [judge(one, spans[one.question.id]) for one in asked if one.question.answers]
    unanswered = [one for one in asked if not one.question.answers]
    return Run(evaluate(judged, unanswered, marks), lost)
