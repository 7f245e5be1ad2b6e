"""How an answer is given to whoever asks in this mood: chosen in plain Python, no model has a part in it."""

from dataclasses import dataclass
from typing import Final, Literal

from chat.turn.tone import Sentiment

Feeling = Literal["", "worry", "frustration", "anger"]
_FEELINGS: Final[dict[Sentiment, Feeling]] = {
    Sentiment.CALM: "",
    Sentiment.WORRIED: "worry",
    Sentiment.FRUSTRATED: "frustration",
    Sentiment.ANGRY: "anger",
}


@dataclass(frozen=True, slots=True)
class Strategy:
    """Tone and shape of one answer; the default is the plain answer to a calm person.

    Attributes:
        acknowledges: the feeling that is acknowledged in one sentence before the answer; empty for none.
        is_repeated: the message before was met in the same way, so other words are found.
        shortest_first: the most direct step comes first, and what is not needed for it is left out.
        offers_person: somebody of the staff is offered beside the answer.
    """

    acknowledges: Feeling = ""
    is_repeated: bool = False
    shortest_first: bool = False
    offers_person: bool = False

    @property
    def steps(self) -> list[str]:
        """Return what is done otherwise than in a plain answer, for those who watch."""
        steps = {
            "acknowledge": bool(self.acknowledges),
            "shortest_first": self.shortest_first,
            "offer_person": self.offers_person,
        }
        return [name for name, is_done in steps.items() if is_done]

    @property
    def shape(self) -> list[str | bool]:
        """Return all that may show in a written answer: equal ones may share it. A plain one has none."""
        plain = not (self.acknowledges or self.shortest_first)
        return [] if plain else [self.acknowledges, self.is_repeated, self.shortest_first]


PLAIN: Final = Strategy()


def choose(
    sentiment: Sentiment,
    before: Sentiment = Sentiment.CALM,
    *,
    is_urgent: bool = False,
    is_thankful: bool = False,
    wants_person: bool = False,
) -> Strategy:
    """Return how to answer.

    A person is offered after two cross messages in a row, and to whoever is angry and in a hurry; not to one
    who has asked for a person, since that is done. Anger lasts: the next message is met as a frustrated one
    though it sounds calm, unless it thanks.

    Args:
        sentiment: of the message.
        before: of the person's message before it.
        is_urgent: they travel soon.
        is_thankful: the message thanks.
        wants_person: it asks for a person, and gets one.
    """
    offers = (sentiment.is_cross and before.is_cross) or (sentiment is Sentiment.ANGRY and is_urgent)
    lasts = before is Sentiment.ANGRY and sentiment is Sentiment.CALM and not is_thankful
    felt = Sentiment.FRUSTRATED if lasts else sentiment
    return Strategy(
        acknowledges=_FEELINGS[felt],
        is_repeated=felt.is_cross and before.is_cross,
        shortest_first=is_urgent,
        offers_person=offers and not wants_person,
    )
