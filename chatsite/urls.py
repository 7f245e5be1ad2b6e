"""All routes over HTTP."""

from csp.decorators import csp_replace
from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.privacy.api import ExportView
from chatsite.health import health
from chatsite.live_stats import show_stats, stream_stats
from chatsite.stats_api import StatsView

# Swagger sets HTML from strings, and its page has one inline style, which is named by its digest.
api_docs = csp_replace(
    {
        "require-trusted-types-for": None,
        "trusted-types": None,
        "style-src": ["'self'", "'sha256-MMpT0iDxyjALd9PdfepImGX3DBfJPXZ4IlDWdPAgtn0='"],
    }
)(SpectacularSwaggerSplitView.as_view(url_name="schema"))

handler404 = "chatsite.failures.not_found"
handler500 = "chatsite.failures.server_error"
handler429 = "accounts.limits.forms.too_many_requests"  # allauth looks for it here

urlpatterns = [
    path("health", health, name="health"),
    path("stats", show_stats, name="stats"),
    path("stats/stream", stream_stats, name="stats-stream"),
    path("admin/", admin.site.urls),
    path("accounts/keys/", include("accounts.keys.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("accounts.tokens.third_parties")),
    path("knowledge/", include("knowledge.urls")),
    path("api/v1/me/export/", ExportView.as_view(), name="me-export"),
    path("api/v1/stats/", StatsView.as_view(), name="api-stats"),
    path("api/v1/", include("accounts.profile.urls")),
    path("api/v1/", include("accounts.spending.urls")),
    path("api/v1/", include("accounts.tokens.urls")),
    path("api/v1/", include("accounts.keys.api_urls")),
    path("api/v1/", include("chat.api.urls")),
    path("v1/", include("chat.openai_api.urls")),
    path("api/v1/", include("knowledge.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", api_docs, name="api-docs"),
    path("", include("chat.urls")),
]
