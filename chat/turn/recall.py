"""Stage 2: what the conversation remembers, from the cache; from the database where the cache has not it."""

from chat.database import in_database
from chat.turn import state
from chat.turn.context import TurnContext


async def recall(context: TurnContext) -> None:
    """Load the state of the conversation as of its last settled turn."""
    context.state = await in_database(state.load, context.conversation_id, context.revision)
