"""Routes of the REST API about signing in."""

from django.urls import path

from accounts.tokens import views

urlpatterns = [
    path("tokens/", views.TokensView.as_view(), name="tokens"),
    path("tokens/second-step/", views.SecondStepView.as_view(), name="tokens-second-step"),
    path("tokens/refresh/", views.RefreshView.as_view(), name="tokens-refresh"),
    path("tokens/revoke/", views.RevokeView.as_view(), name="tokens-revoke"),
    path("socket-ticket/", views.SocketTicketView.as_view(), name="socket-ticket"),
]
