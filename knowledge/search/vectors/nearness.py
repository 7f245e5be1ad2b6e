"""What a cosine is worth: how much nearer a question comes than questions the library cannot answer.

Cosines mean nothing by themselves: for one model 0.3 is a good match, for another 0.7 is none; and the larger
a library, the nearer some passage comes by chance. So a fixed set of everyday questions on many subjects
(``PROBES``) is embedded once, and the best cosine of each to any passage is kept up to date with the
passages. The middle of these and their spread tell how near off-topic questions come here. A question's
nearness is the number of spreads that its best passage lies above that middle. Median, median deviation and
the ninth tenth are used, so that a library that does know about a few of the subjects is not misjudged.
"""

from collections.abc import Sequence

import numpy as np
from django.conf import settings

PROBES = tuple(
    """
    How long do I boil an egg so that the yolk stays soft?
    Who painted the ceiling of the Sistine Chapel?
    What is the capital of Mongolia?
    How do I tune a guitar by ear?
    Which planet has the most moons?
    How often should I water a cactus?
    What is the offside rule in football?
    How do I remove red wine from a white carpet?
    When did the Roman Empire fall?
    What is the derivative of a sine?
    How do I teach a parrot to speak?
    Which yeast is best for sourdough bread?
    How far can a kangaroo jump?
    What does a carburettor do?
    Who wrote the Odyssey?
    How do I sharpen a kitchen knife?
    What is the difference between a crocodile and an alligator?
    How many strings does a harp have?
    What causes the northern lights?
    How do I knit a scarf with two colours?
    Which metals are magnetic?
    Who won the first world chess championship?
    How do I fold a paper crane?
    What does photosynthesis need?
    How tall is the tallest tree?
    How do I write a sonnet?
    What is the best opening move in draughts?
    Why do cats purr?
    How is glass made?
    What year was the telephone invented?
    How do I get rid of slugs in the garden?
    Which languages are spoken in Switzerland?
    How do I solve a quadratic equation?
    What is a haiku?
    How long do elephants live?
    How do I build a bird house?
    What is the plot of Hamlet?
    How do vaccines work?
    Which spices go into a curry?
    How deep is the ocean?
    What is the fastest way to learn to juggle?
    How do I paint a window frame?
    Who discovered penicillin?
    How do volcanoes erupt?
    What makes bread rise?
    How do I read sheet music?
    Which dinosaurs could fly?
    What is a good name for a goldfish?
    """.strip().splitlines()
)
PROBES = tuple(probe.strip() for probe in PROBES)
LEAST_SPREAD = 0.01  # cosines; a handful of passages must not make every question look far from the rest
# From a median deviation, and from the distance of the ninth tenth, to a normal distribution's deviation.
_TO_DEVIATION, _TENTH = 1.4826, 1.2816


def nearest_of(probes: np.ndarray, passages: np.ndarray, before: Sequence[float]) -> list[float]:
    """Return the best cosine of each probe to any passage, those of ``before`` (may be empty) included."""
    best = (probes @ passages.T).max(axis=1)
    if len(before) == len(best):
        best = np.maximum(best, np.asarray(before, dtype=best.dtype))
    return [round(float(cosine), 6) for cosine in best]


def nearness(cosine: float, probes_nearest: Sequence[float]) -> float:
    """Return how many spreads ``cosine`` lies above what off-topic questions reach; 0 when not known."""
    if len(probes_nearest) < len(PROBES) // 2:
        return 0.0
    off_topic = np.asarray(probes_nearest)
    middle = float(np.median(off_topic))
    of_all = float(np.median(np.abs(off_topic - middle))) * _TO_DEVIATION
    upwards = (float(np.quantile(off_topic, 0.9)) - middle) / _TENTH
    return (cosine - middle) / max(of_all, upwards, LEAST_SPREAD)


def confidence(nearness: float) -> float:
    """Return the confidence, on the scale of search by words, that a meaning so near gives by itself.

    Below ``EMBEDDINGS_TRUST_ABOVE`` none: then the words alone decide. From there it grows in a straight line
    through ``SEARCH_REFUSE_BELOW``, reaching ``SEARCH_SURE_ABOVE`` at ``EMBEDDINGS_SURE_ABOVE``.
    """
    trust, sure = settings.EMBEDDINGS_TRUST_ABOVE, settings.EMBEDDINGS_SURE_ABOVE
    if nearness < trust:
        return 0.0
    rise = (settings.SEARCH_SURE_ABOVE - settings.SEARCH_REFUSE_BELOW) / max(sure - trust, 1e-6)
    return settings.SEARCH_REFUSE_BELOW + (nearness - trust) * rise
