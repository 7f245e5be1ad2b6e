"""Addresses of the pages about keys and applications."""

from django.urls import path

from accounts.keys import views

urlpatterns = [
    path("", views.keys, name="keys"),
    path("<int:pk>/revoke/", views.revoke_key, name="key-revoke"),
    path("applications/<str:client_id>/revoke/", views.revoke_application, name="application-revoke"),
]
