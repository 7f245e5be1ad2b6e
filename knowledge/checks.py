"""System checks: settings that start but would not serve."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register("knowledge")
def check_embeddings(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """Refuse half an embedding endpoint, and one that serves no language."""
    address, model = settings.EMBEDDINGS_BASE_URL, settings.EMBEDDINGS_MODEL
    if address and not model:
        hint = "Name the endpoint's embedding model, or leave both unset to search by words alone."
        return [Error("EMBEDDINGS_BASE_URL is set without EMBEDDINGS_MODEL.", hint=hint, id="knowledge.E001")]
    if model and not address:
        hint = "Give the endpoint's address up to and with /v1, or leave both unset to search by words alone."
        return [Error("EMBEDDINGS_MODEL is set without EMBEDDINGS_BASE_URL.", hint=hint, id="knowledge.E002")]
    if not address:
        return []
    found: list[CheckMessage] = []
    if settings.EMBEDDINGS_TRUST_ABOVE >= settings.EMBEDDINGS_SURE_ABOVE:
        hint = "A meaning is trusted first and sure later."
        found.append(
            Error(
                "EMBEDDINGS_TRUST_ABOVE is not below EMBEDDINGS_SURE_ABOVE.", hint=hint, id="knowledge.E003"
            )
        )
    if not settings.EMBEDDINGS_LANGUAGES:
        hint = "List language codes such as en,es, or * for every language."
        found.append(
            Warning("EMBEDDINGS_LANGUAGES is empty, so nothing is embedded.", hint=hint, id="knowledge.W001")
        )
    return found
