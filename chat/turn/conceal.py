"""Stage: what of the question is personal gets placeholders, before anything of it leaves the process.

Look-ups in the records go on with the person's own words; providers, embeddings and caches get the masked
ones.
"""

from django.db import Error as DatabaseFailure

from chat.database import in_database
from chat.safety.personal import Known, Placeholders, without_placeholders
from chat.turn import concealment
from chat.turn.context import Concealed, Exchange, TurnContext


async def conceal(context: TurnContext) -> None:
    """Set what of the question may leave; where that cannot be told, nothing may.

    Raises:
        DatabaseFailure: the placeholders could not be read or stored.
    """
    try:
        context.concealed = await in_database(_concealed, context)
    except DatabaseFailure:
        raise
    except Exception as error:  # noqa: BLE001 - whatever ails the detector, the raw words must not leave
        concealment.count_failure(error)
        context.concealed = Concealed(has_failed=True)


async def conceal_trial(context: TurnContext) -> None:
    """Do the same for a question that staff try: it is nobody's, and nothing of it is stored."""
    placeholders = Placeholders(str(context.conversation_id))
    try:
        earlier = [Exchange(placeholders.mask(one.question), "") for one in context.state.exchanges]
        context.concealed = _of_question(context, placeholders, Known())
    except Exception as error:  # noqa: BLE001 - as above
        concealment.count_failure(error)
        earlier, context.concealed = [], Concealed(has_failed=True)
    context.state.exchanges = earlier


def _concealed(context: TurnContext) -> Concealed:
    is_new = context.revision == 0 and context.attempt == 1
    conversation = context.conversation_id
    placeholders = Placeholders(str(conversation)) if is_new else concealment.placeholders_of(conversation)
    concealed = _of_question(context, placeholders, concealment.known_of(context.customer))
    concealment.store(conversation, placeholders)
    return concealed


def _of_question(context: TurnContext, placeholders: Placeholders, known: Known) -> Concealed:
    found = placeholders.find(context.question, known)
    question = placeholders.masked(context.question, found)
    return Concealed(
        placeholders=placeholders,
        known=known,
        question=question,
        search_text=without_placeholders(question) if found else question,
        is_personal=bool(found),
        has_failed=False,
    )
