"""A conversation's placeholders between its turns: opened, used, and stored before anything masked leaves.

Everything here is synchronous. Where a text cannot be masked, nothing of it leaves, and the failure is
counted without it.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from django.core.cache import cache
from django.db import Error as DatabaseFailure

from accounts.models import User
from chat.llm.base import Source
from chat.models import PersonalValues
from chat.safety.personal import Known, Person, Placeholders
from chat.sealing import Unreadable
from chat.turn.context import Customer, Exchange, TurnContext
from knowledge.records import belongings_of

logger = structlog.get_logger(__name__)

FAILURES = "personal-data:failures"  # in the cache: how many texts could not be masked


def known_of(customer: Customer) -> Known:
    """Return what is known of a person: who they are, their bookings and who travels on them."""
    has = belongings_of(customer.id)
    travellers = tuple(Person(one.first_name, one.last_name, one.born) for one in has.travellers)
    return Known(
        people=(Person(customer.first_name, customer.last_name), *travellers),
        emails=tuple(filter(None, (customer.email, *has.emails))),
        references=has.references,
    )


def placeholders_of(conversation: UUID) -> Placeholders:
    """Return the conversation's placeholders; new ones where there are none, or none that can be opened."""
    sealed = PersonalValues.objects.filter(pk=conversation).values_list("sealed", flat=True).first()
    if sealed is None:
        return Placeholders(str(conversation))
    try:
        return Placeholders.opened(sealed, str(conversation))
    except Unreadable:  # the key was changed without keeping the old one: earlier values stay masked for good
        logger.warning("personal_values_unreadable", conversation=str(conversation))
        return Placeholders(str(conversation))


def store(conversation: UUID, placeholders: Placeholders) -> None:
    """Store the placeholders if new ones were issued."""
    if placeholders.is_changed:
        sealed = {"sealed": placeholders.sealed()}
        PersonalValues.objects.update_or_create(conversation_id=conversation, defaults=sealed)
        placeholders.is_changed = False


def concealed_sources(context: TurnContext) -> list[Source] | None:
    """Return the evidence as it may leave: records masked; None where it cannot be masked.

    Passages are the company's own words: only what would be taken for a placeholder is replaced there.
    """
    concealed = context.concealed
    if concealed.has_failed:
        return None
    sources = [item.source for item in context.evidence]
    if context.cache_key:  # nothing personal is in such an answer, and it is other people's too
        return sources
    try:
        return [concealed_source(source, context) for source in sources]
    except Exception as error:  # noqa: BLE001 - whatever ails the detector, the raw words must not leave
        count_failure(error)
        return None


def concealed_source(source: Source, context: TurnContext) -> Source:
    """Return one source as it may leave: a record is masked, a passage is the company's own words.

    Raises:
        Whatever ails the detector: then it must not leave.
    """
    return _concealed_record(source, context) if source.kind == "record" else _escaped(source, context)


def concealed_exchange(context: TurnContext) -> Exchange:
    """Return the context's question and answer as later turns and the cache may have them."""
    concealed = context.concealed
    if concealed.has_failed:
        return Exchange("", "")
    try:
        answer = concealed.placeholders.mask(context.text, concealed.known, may_issue=False)
    except Exception as error:  # noqa: BLE001 - as above
        count_failure(error)
        answer = ""
    return Exchange(concealed.question, answer)


def conceal_exchanges(conversation: UUID, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return exchanges read from the database with placeholders; none where they cannot be masked."""
    owner = User.objects.filter(conversations=conversation).first()
    if owner is None:
        return []
    customer = Customer(owner.pk, owner.first_name, owner.language, owner.last_name, owner.email)
    try:
        known, placeholders = known_of(customer), placeholders_of(conversation)
        masked = [
            Exchange(placeholders.mask(one.question, known), placeholders.mask(one.answer, known))
            for one in exchanges
        ]
        store(conversation, placeholders)
    except DatabaseFailure:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        count_failure(error)
        return []
    return masked


def count_failure(error: Exception) -> None:
    """Count a text that could not be masked, and say so without it."""
    # No traceback and no message: either may hold the text.
    logger.error("personal_data_not_masked", reason=type(error).__name__)
    if not cache.add(FAILURES, 1, None):
        try:
            cache.incr(FAILURES)
        except ValueError:  # evicted between the two calls: the count begins anew
            cache.add(FAILURES, 1, None)


def _concealed_record(source: Source, context: TurnContext) -> Source:
    placeholders, known = context.concealed.placeholders, context.concealed.known
    return replace(
        source,
        title=placeholders.mask(source.title, known),
        section=placeholders.mask(source.section, known),
        text=placeholders.mask(source.text, known),
    )


def _escaped(source: Source, context: TurnContext) -> Source:
    text = context.concealed.placeholders.escape(source.text)
    return source if text == source.text else replace(source, text=text)
