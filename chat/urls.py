"""Addresses of the chat page."""

from django.urls import path

from chat import history, views
from chat.api.legacy import SessionMessagesView, SessionsView, SessionView

urlpatterns = [
    path("", views.home, name="home"),
    path("chat/", views.chat_page, name="chat"),
    path("chat/ask/", views.ask, name="ask"),
    path("chat/session", SessionsView.as_view(), name="sessions"),
    path("chat/session/<uuid:conversation_id>", SessionView.as_view(), name="session"),
    path("chat/message", SessionMessagesView.as_view(), name="session-message"),
    path("chat/<uuid:conversation_id>/", views.chat_page, name="conversation"),
    path("chat/<uuid:conversation_id>/delete/", views.delete, name="conversation-delete"),
    path("chat/<uuid:conversation_id>/export/", views.export, name="conversation-export"),
    path("chat/<uuid:conversation_id>/ask/", views.ask, name="ask-in"),
    path("chat/<uuid:conversation_id>/rename/", history.rename, name="conversation-rename"),
    path("chat/<uuid:conversation_id>/archive/", history.archive, name="conversation-archive"),
    path("chat/history/", history.history, name="history"),
]
