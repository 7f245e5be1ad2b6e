"""Turns under the names that staff's tools have in the admin's index; no tables of their own."""

from chat.models.turns import Turn


class Trial(Turn):
    """A question that staff try; nothing of it is kept."""

    class Meta:
        proxy = True
        default_permissions = ()  # who may read turns may try questions
        verbose_name = "trial"
        verbose_name_plural = "try a question"


class WeakQuestion(Turn):
    """A turn for which little or nothing was found."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "question that found too little"
        verbose_name_plural = "questions that found too little"
