"""All routes over HTTP."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from chatsite.health import health, show_stats

handler500 = "chatsite.failures.server_error"

urlpatterns = [
    path("health", health, name="health"),
    path("stats", show_stats, name="stats"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("knowledge/", include("knowledge.urls")),
    path("api/v1/", include("chat.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("", include("chat.urls")),
]
