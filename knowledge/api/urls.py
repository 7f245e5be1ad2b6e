"""Routes of the staff's REST API, version 1."""

from django.urls import path

from knowledge.api import documents, imports, records, search, versions

app_name = "knowledge-api"

urlpatterns = [
    path("documents/", documents.DocumentsView.as_view(), name="documents"),
    path("documents/<slug:document>/", documents.DocumentView.as_view(), name="document"),
    path(
        "documents/<slug:document>/withdraw",
        documents.DocumentWithdrawView.as_view(),
        name="document-withdraw",
    ),
    path("documents/<slug:document>/versions/", versions.VersionsView.as_view(), name="versions"),
    path("documents/<slug:document>/versions/<int:number>/", versions.VersionView.as_view(), name="version"),
    path(
        "documents/<slug:document>/versions/<int:number>/publish",
        versions.VersionPublishView.as_view(),
        name="version-publish",
    ),
    path(
        "documents/<slug:document>/versions/<int:number>/withdraw",
        versions.VersionWithdrawView.as_view(),
        name="version-withdraw",
    ),
    path(
        "documents/<slug:document>/versions/<int:number>/passages/",
        versions.PassagesView.as_view(),
        name="passages",
    ),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/<uuid:batch>/", imports.ImportView.as_view(), name="import"),
    path("imports/<uuid:batch>/files/", imports.ImportedFilesView.as_view(), name="imported-files"),
    path("flights/", records.FlightsView.as_view(), name="flights"),
    path("flights/<str:flight_number>/<str:date>/", records.FlightView.as_view(), name="flight"),
    path("bookings/", records.BookingsView.as_view(), name="bookings"),
    path("bookings/<str:locator>/", records.BookingView.as_view(), name="booking"),
    path("search/", search.SearchView.as_view(), name="search"),
]
