"""Routes below ``/v1/``. They have no slash at their end: OpenAI's clients send none."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from chat.openai_api.catalogue import ModelsView, ModelView
from chat.openai_api.completions import CompletionsView
from chat.openai_api.responses import ResponsesView, ResponseView

# A cookie opens none of them, so there is nothing that another site could have a browser do.
urlpatterns = [
    path("models", csrf_exempt(ModelsView.as_view()), name="openai-models"),
    path("models/<path:model>", csrf_exempt(ModelView.as_view()), name="openai-model"),
    path("chat/completions", csrf_exempt(CompletionsView.as_view()), name="openai-completions"),
    path("responses", csrf_exempt(ResponsesView.as_view()), name="openai-responses"),
    path("responses/<str:response_id>", csrf_exempt(ResponseView.as_view()), name="openai-response"),
]
