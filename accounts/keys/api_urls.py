"""Routes of the REST API about keys."""

from django.urls import path

from accounts.keys import api

urlpatterns = [
    path("me/keys/", api.KeysView.as_view(), name="me-keys"),
    path("me/keys/<int:pk>/", api.KeyView.as_view(), name="me-key"),
]
