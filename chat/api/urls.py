"""Routes of the REST API, version 1."""

from django.urls import path

from chat.api import views

app_name = "api"

urlpatterns = [
    path("conversations/", views.ConversationsView.as_view(), name="conversations"),
    path("conversations/<uuid:conversation_id>/", views.ConversationView.as_view(), name="conversation"),
    path(
        "conversations/<uuid:conversation_id>/export/",
        views.ConversationExportView.as_view(),
        name="conversation-export",
    ),
    path("conversations/<uuid:conversation_id>/messages/", views.MessagesView.as_view(), name="messages"),
    path("turns/<uuid:turn_id>/", views.TurnView.as_view(), name="turn"),
    path("turns/<uuid:turn_id>/stop", views.TurnStopView.as_view(), name="turn-stop"),
    path("turns/<uuid:turn_id>/events", views.TurnEventsView.as_view(), name="turn-events"),
]
