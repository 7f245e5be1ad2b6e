"""Routes of the REST API, version 1."""

from django.urls import path

from chat.api.batch import BatchesView, BatchView
from chat.api.citations import CitationsView, CitationView
from chat.api.conversations import ConversationsView, ConversationView
from chat.api.exports import ConversationExportView
from chat.api.messages import MessageStreamView, MessagesView
from chat.api.turns import TurnEventsView, TurnRatingView, TurnRetryView, TurnStopView, TurnView

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
    path(
        "conversations/<uuid:conversation_id>/messages/stream",
        MessageStreamView.as_view(),
        name="messages-stream",
    ),
    path("batches/", BatchesView.as_view(), name="batches"),
    path("batches/<uuid:batch_id>/", BatchView.as_view(), name="batch"),
    path("turns/<uuid:turn_id>/", TurnView.as_view(), name="turn"),
    path("turns/<uuid:turn_id>/stop", TurnStopView.as_view(), name="turn-stop"),
    path("turns/<uuid:turn_id>/retry", TurnRetryView.as_view(), name="turn-retry"),
    path("turns/<uuid:turn_id>/rating", TurnRatingView.as_view(), name="turn-rating"),
    path("turns/<uuid:turn_id>/citations/", CitationsView.as_view(), name="citations"),
    path("turns/<uuid:turn_id>/citations/<int:number>/", CitationView.as_view(), name="citation"),
    path("turns/<uuid:turn_id>/events", TurnEventsView.as_view(), name="turn-events"),
]
