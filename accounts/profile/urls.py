"""Routes of the REST API about oneself."""

from django.urls import path

from accounts.profile import api

urlpatterns = [
    path("me/", api.MeView.as_view(), name="me"),
    path("me/plan/", api.MyPlanView.as_view(), name="me-plan"),
]
