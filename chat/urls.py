"""Addresses of the chat page."""

from django.urls import path

from chat import views

urlpatterns = [
    path("", views.home, name="home"),
    path("chat/", views.chat_page, name="chat"),
    path("chat/ask/", views.ask, name="ask"),
    path("chat/<uuid:conversation_id>/", views.chat_page, name="conversation"),
    path("chat/<uuid:conversation_id>/delete/", views.delete, name="conversation-delete"),
    path("chat/<uuid:conversation_id>/export/", views.export, name="conversation-export"),
    path("chat/<uuid:conversation_id>/ask/", views.ask, name="ask-in"),
]
