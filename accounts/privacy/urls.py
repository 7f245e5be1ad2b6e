"""Addresses of one's own data."""

from django.urls import path

from accounts.privacy import views

urlpatterns = [
    path("", views.YourData.as_view(), name="your-data"),
    path("export/", views.Export.as_view(), name="your-data-export"),
    path("delete/", views.DeleteAccount.as_view(), name="account-delete"),
]
