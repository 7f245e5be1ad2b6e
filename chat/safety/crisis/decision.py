"""What follows from the cues and the model's judgement. In every doubt, the side of care.

========================  ====================  ===============================  =======================
model                     strong cue            weak cue                         no list for the language
========================  ====================  ===============================  =======================
is sure of a crisis       protocol              protocol                         protocol
thinks so, 0.7 or less    support, review       support, review                  support, review
sees none                 support, review       nothing                          nothing
failed or too late        protocol              support, review                  support, review
none is configured        protocol              support, review                  nothing
========================  ====================  ===============================  =======================

A verdict of no danger on a message that speaks of its own verdict counts as a failure. A strong cue in one of
the two messages before keeps the help lines in sight.
"""

from dataclasses import dataclass
from typing import Final, Literal

from chat.safety.crisis.classifier import Judgement
from chat.safety.crisis.stage_one import Level, Sighting

Kind = Literal["nothing", "support", "protocol"]
Cause = Literal["", "cues", "model", "model_unsure", "model_denied", "model_failed", "earlier"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What is shown, why, and whether staff are to look at the conversation.

    Attributes:
        kind: ``protocol`` takes the answer's place, ``support`` stands beside it.
        cause: what it follows from, for staff and the audit trail.
        is_flagged: whether staff are told; of the protocol they always are.
    """

    kind: Kind = "nothing"
    cause: Cause = ""
    is_flagged: bool = False


NOTHING: Final = Decision()


def decide(
    sighting: Sighting, judgement: Judgement | None, *, is_asked: bool, is_steering: bool = False
) -> Decision:
    """Return what is to be shown.

    Args:
        sighting: what stage one saw.
        judgement: the model's; None where it failed or was not asked.
        is_asked: whether a model was asked.
        is_steering: whether the message speaks of its own verdict.
    """
    if judgement is not None and judgement.is_crisis:
        if judgement.calls_for_protocol:
            return Decision("protocol", "model", is_flagged=True)
        return Decision("support", "model_unsure", is_flagged=True)
    if judgement is not None and not is_steering:
        return _denied(sighting)
    return _without_verdict(sighting, "model_failed" if is_asked else "cues")


def _denied(sighting: Sighting) -> Decision:
    if sighting.level is Level.STRONG:
        return Decision("support", "model_denied", is_flagged=True)
    return _lingering(sighting)


def _without_verdict(sighting: Sighting, cause: Literal["cues", "model_failed"]) -> Decision:
    if sighting.level is Level.STRONG:
        return Decision("protocol", cause, is_flagged=True)
    if sighting.level is Level.WEAK or (sighting.unlisted and cause == "model_failed"):
        return Decision("support", cause, is_flagged=True)
    return _lingering(sighting)


def _lingering(sighting: Sighting) -> Decision:
    return Decision("support", "earlier") if sighting.earlier is Level.STRONG else NOTHING
