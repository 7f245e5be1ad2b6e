"""Routes of the REST API, version 1."""

from django.urls import path

from chat.api.conversations import ConversationExportView, ConversationsView, ConversationView
from chat.api.messages import MessagesView
from chat.api.turns import TurnEventsView, TurnStopView, TurnView

app_name = "api"

urlpatterns = [
    path("conversations/", ConversationsView.as_view(), name="conversations"),
    path("conversations/<uuid:conversation_id>/", ConversationView.as_view(), name="conversation"),
    path(
        "conversations/<uuid:conversation_id>/export/",
        ConversationExportView.as_view(),
        name="conversation-export",
    ),
    path("conversations/<uuid:conversation_id>/messages/", MessagesView.as_view(), name="messages"),
    path("turns/<uuid:turn_id>/", TurnView.as_view(), name="turn"),
    path("turns/<uuid:turn_id>/stop", TurnStopView.as_view(), name="turn-stop"),
    path("turns/<uuid:turn_id>/events", TurnEventsView.as_view(), name="turn-events"),
]
