"""Routes of the pages that show policies."""

from django.urls import path

from knowledge import views

urlpatterns = [
    path("documents/<slug:slug>/", views.document, name="document"),
    path("passages/<int:passage_id>/", views.passage, name="passage"),
]
