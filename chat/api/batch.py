"""REST: questions sent together: who may, what is taken, how far it is, and what is cancelled."""

import hashlib
import json
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import batches
from chat.api import idempotency
from chat.api.batch_serializers import (
    BatchDetailSerializer,
    BatchSerializer,
    NewBatchItemSerializer,
    NewBatchSerializer,
    batch_json,
    item_json,
)
from chat.api.pagination import InOrder
from chat.batches import NewItem
from chat.errors import NotFound
from chat.models import Batch, BatchItem

MAY_SEND: Final = "chat.send_batch"
_TAGS: Final = ["batches"]
_CURSOR: Final = OpenApiParameter("cursor", OpenApiTypes.STR, description="Page of items; see `items.next`.")
_STATE: Final = OpenApiParameter(
    "state", OpenApiTypes.STR, enum=BatchItem.Progress.values, description="Only the items that are so far."
)


class MaySendBatches(BasePermission):
    """Lets in who was given the permission, staff or not: an account of a back office's program."""

    message = "You do not have the permission that this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Look the permission up."""
        return bool(request.user and request.user.has_perm(MAY_SEND))


class _ItemsFilter(serializers.Serializer):
    state = serializers.ChoiceField(BatchItem.Progress.choices, required=False)


class BatchesView(generics.ListAPIView):
    """The batches that one has sent, and the way to send one."""

    permission_classes = (MaySendBatches,)
    serializer_class = BatchSerializer
    queryset = Batch.objects.none()

    @extend_schema(operation_id="batches_list", tags=_TAGS)
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """List your batches with how far they are, the newest first."""
        page = self.paginate_queryset(Batch.objects.visible_to(request.user))
        progress = batches.progress_of(page)
        return self.get_paginated_response([batch_json(batch, progress[batch.pk]) for batch in page])

    @extend_schema(
        operation_id="batches_create",
        tags=_TAGS,
        request=NewBatchSerializer,
        responses={202: BatchDetailSerializer},
        parameters=[idempotency.HEADER],
    )
    def post(self, request: Request) -> Response:
        """Send up to 100 questions (the desk may allow more or fewer). Each is accepted or refused by itself.

        They are saved when this answers, and are asked a few at a time, after everybody who is at the page.
        The answers come to conversations of your own, and stand in the batch.
        """
        items = _items_of(request.data)
        written = json.dumps(items, sort_keys=True).encode()
        batch = batches.take(
            request.user,
            [_new_item(item) for item in items],
            batch_id=idempotency.id_of(request, "batch"),
            fingerprint=hashlib.sha256(written).hexdigest(),
        )
        headers = {"Location": reverse("api:batch", args=[batch.pk])}
        return Response(_detail(self, batch), status.HTTP_202_ACCEPTED, headers=headers)


class BatchView(APIView):
    """One batch."""

    permission_classes = (MaySendBatches,)

    @extend_schema(
        operation_id="batches_retrieve",
        tags=_TAGS,
        parameters=[_CURSOR, _STATE],
        responses=BatchDetailSerializer,
    )
    def get(self, request: Request, batch_id: UUID) -> Response:
        """Return how far a batch is, and its items with what became of them, 100 a page."""
        asked = _ItemsFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return Response(_detail(self, _own(request, batch_id), asked.validated_data.get("state", "")))

    @extend_schema(operation_id="batches_cancel", tags=_TAGS, responses={200: BatchDetailSerializer})
    def delete(self, request: Request, batch_id: UUID) -> Response:
        """Cancel what has not begun. What has is answered; a turn is stopped by its own address."""
        batch = _own(request, batch_id)
        batches.cancel(batch)
        return Response(_detail(self, batch))


def _own(request: Request, batch_id: UUID) -> Batch:
    batch = Batch.objects.visible_to(request.user).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.")
    return batch


def _items_of(data: object) -> list[Any]:
    """Return the items of a request's body, whatever each of them is.

    Raises:
        ValidationError: there is no list of them, or it has too many.
    """
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) or not items:
        raise serializers.ValidationError({"items": ["A list with at least one item is needed."]})
    most = settings.BATCH_MAX_ITEMS
    if len(items) > most:
        raise serializers.ValidationError(
            {"items": [f"There are {len(items):,} items; {most:,} are the most."]}
        )
    return items


def _new_item(sent: object) -> NewItem:
    """Return an item as it is to be taken; one that is not valid carries why."""
    asked = NewBatchItemSerializer(data=sent)
    if asked.is_valid():
        values = dict(asked.validated_data)
        return NewItem(reference=values.pop("id", ""), **values)
    named = NewBatchItemSerializer(data={"id": sent.get("id"), "text": "-"} if isinstance(sent, dict) else {})
    reference = named.validated_data.get("id", "") if named.is_valid() else ""
    problem = {
        "code": "invalid",
        "title": "Some of what was sent is not valid.",
        "retryable": False,
        "fields": {name: _words(found) for name, found in asked.errors.items()},
    }
    return NewItem(reference=reference, problem=problem)


def _words(found: Any) -> list[str]:
    """Return what is wrong with a field; of a field with parts, with the part's name."""
    if isinstance(found, dict):
        return [f"{name}: {words}" for name, part in found.items() for words in _words(part)]
    return [str(words) for words in found]


def _detail(view: APIView, batch: Batch, state: str = "") -> dict[str, Any]:
    # Read before the items: whoever is told that all is finished has every answer in the same response.
    summary = batch_json(batch, batches.progress_of([batch])[batch.pk])
    items: QuerySet[BatchItem] = batch.items.with_progress().select_related("turn__answer")
    items = items.prefetch_related("turn__citations")
    if state:
        items = items.filter(progress=state)
    pages = InOrder()
    page = pages.paginate_queryset(items, view.request, view=view)
    pages.base_url = view.request.build_absolute_uri(reverse("api:batch", args=[batch.pk]))
    if state:
        pages.base_url += f"?state={state}"
    return {
        **summary,
        "items": {
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "results": [item_json(item) for item in page],
        },
    }
