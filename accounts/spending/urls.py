"""The route of one's own usage over REST."""

from django.urls import path

from accounts.spending.views import UsageView

urlpatterns = [path("me/usage/", UsageView.as_view(), name="me-usage")]
