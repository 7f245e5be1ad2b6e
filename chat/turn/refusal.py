"""The plain reply where the library and the records do not hold the answer, with the closest passages."""

from collections.abc import Sequence

from chat.llm.base import Source
from chat.models import Turn
from chat.safety.injection import disarmed, disarmed_passage
from chat.turn.context import Evidence, Reply, TurnContext
from chat.turn.wording import sentence
from knowledge.records import Fact
from knowledge.search import Hit

MOST_OFFERED = 3


def refuse(context: TurnContext, closest: Sequence[Hit]) -> Reply:
    """Return the refusal; the passages it offers become the context's evidence, so that they are cited.

    Args:
        context: whose evidence is replaced.
        closest: passages, best first; the first few are offered.
    """
    lines = [sentence("not_found", context.language)]
    context.evidence = numbered([], closest[:MOST_OFFERED], context.language)
    if context.evidence:
        lines += ["", sentence("closest", context.language)]
        lines += [f"- {_name(item.source)} [{item.source.number}]" for item in context.evidence]
    return fixed("\n".join(lines))


def fixed(text: str) -> Reply:
    """Return a reply of the desk's own words."""
    return Reply(text=text, source=Turn.Source.FIXED)


def numbered(facts: Sequence[Fact], hits: Sequence[Hit], language: str) -> list[Evidence]:
    """Return records, then passages, numbered from 1, without what addresses a model in them."""
    best = max((hit.score for hit in hits), default=0.0)
    records = [(disarmed(fact.title).text, "", disarmed(fact.text).text, None, fact) for fact in facts]
    passages = [
        (*(disarmed_passage(part).text for part in (hit.title, _section(hit), hit.text)), hit, None)
        for hit in hits
    ]
    return [
        Evidence(
            Source(
                number=number,
                kind="record" if fact else "passage",
                title=title,
                section=section,
                text=text,
                language=hit.language if hit else language,
                fit=hit.score / best if hit and best > 0 else 1.0,
            ),
            hit,
            fact,
        )
        for number, (title, section, text, hit, fact) in enumerate(
            (one for one in records + passages if one[2].strip()), start=1
        )
    ]


def _section(hit: Hit) -> str:
    """Return the title path inside the document, without the document's own title in front."""
    return hit.heading.removeprefix(hit.title).removeprefix(" › ")


def _name(source: Source) -> str:
    return " › ".join(filter(None, (source.title, source.section)))
