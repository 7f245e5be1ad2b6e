"""How often the stage that understands a question is right, on questions that staff have labelled."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chat.evaluation.report import Confusion, Count
from chat.models import LabelledQuestion
from chat.turn.trial import Asked, attempt_at
from chat.turn.understand import understand


@dataclass(frozen=True, slots=True)
class Reading:
    """What the stage made of one question."""

    question: LabelledQuestion
    intent: str
    language: str
    slots: dict[str, object]

    @property
    def is_right(self) -> bool:
        """Tell whether the intent is the labelled one."""
        return self.intent == self.question.intent

    @property
    def slots_are_right(self) -> bool:
        """Tell whether all slots labelled were found."""
        return all(self.slots.get(name) == value for name, value in self.question.slots.items())


@dataclass(slots=True)
class RouterReport:
    """What came of all questions.

    Attributes:
        confusion: intents by true and predicted.
        languages: whether the language was told, by the labelled one.
        slots: whether the labelled slots were found, of the questions that have some.
        wrong: the readings in which anything is not as labelled.
    """

    confusion: Confusion = field(default_factory=Confusion)
    languages: Count = field(default_factory=Count)
    slots: Count = field(default_factory=Count)
    wrong: list[Reading] = field(default_factory=list)


async def measure(questions: Iterable[LabelledQuestion]) -> RouterReport:
    """Run the stage over the questions: of nobody's records, keeping nothing, asking no model."""
    report = RouterReport()
    for question in questions:
        reading = await _read(question)
        report.confusion.add(question.intent, reading.intent, question.language)
        report.languages.add(reading.language == question.language)
        if question.slots:
            report.slots.add(reading.slots_are_right)
        if not (reading.is_right and reading.slots_are_right and reading.language == question.language):
            report.wrong.append(reading)
    return report


async def _read(question: LabelledQuestion) -> Reading:
    context = attempt_at(Asked(question.text))
    context.concealed.has_failed = True  # nothing may leave the process, so no model judges the tone
    await understand(context)
    return Reading(question, context.intent, context.language, context.slots)
