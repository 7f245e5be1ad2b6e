"""``/v1/models``: the one model there is, which is the desk."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse

from chat.openai_api.edge import Edge, as_json
from chat.openai_api.parameters import check_model

SINCE = 1_767_225_600  # 2026-01-01; clients sort by it


class ModelsView(Edge):
    """The list of models."""

    async def get(self, request: HttpRequest) -> JsonResponse:
        """Return the list, with the desk in it."""
        return as_json({"object": "list", "data": [_desk()]})


class ModelView(Edge):
    """One model."""

    async def get(self, request: HttpRequest, model: str) -> JsonResponse:
        """Return the desk, if it is asked for."""
        check_model(model)
        return as_json(_desk())


def _desk() -> dict[str, Any]:
    return {
        "id": settings.API_MODEL_NAME,
        "object": "model",
        "created": SINCE,
        "owned_by": settings.COMPANY_NAME,
    }
