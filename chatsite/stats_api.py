"""REST: the figures of ``/stats``, for programs of the staff."""

from typing import Any

from asgiref.sync import async_to_sync
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chatsite import stats
from chatsite.services import PROCESS


class ProcessSerializer(serializers.Serializer):
    """One web process."""

    sockets = serializers.IntegerField()
    turns_running_here = serializers.IntegerField()


class OpenConversationSerializer(serializers.Serializer):
    """A conversation that a page or program has open."""

    conversation = serializers.CharField(help_text="Its id.")
    sockets = serializers.IntegerField()
    idle_seconds = serializers.FloatField(help_text="Since something last went over one of the sockets.")


class UnfinishedTurnsSerializer(serializers.Serializer):
    """Turns without an outcome yet."""

    running = serializers.IntegerField()
    queued = serializers.IntegerField()


class AnswerCacheSerializer(serializers.Serializer):
    """How often an answer already written was given again."""

    hits = serializers.IntegerField()
    misses = serializers.IntegerField()


class SafetySerializer(serializers.Serializer):
    """What the checks of answers have found."""

    claims = serializers.IntegerField(help_text="Sentences with a figure, a code or a promise.")
    unsupported = serializers.IntegerField(help_text="Of these, the ones that no source bears out.")
    marked = serializers.IntegerField()
    withheld = serializers.IntegerField()
    promises = serializers.IntegerField()
    personal = serializers.IntegerField()
    failures = serializers.IntegerField()
    leaks = serializers.IntegerField()
    cut_from_sources = serializers.IntegerField()


class ToneSerializer(serializers.Serializer):
    """How often a model could not tell a question's tone."""

    not_told = serializers.IntegerField()


class PersonalDataSerializer(serializers.Serializer):
    """How often personal values could not be masked, and nothing was sent."""

    not_masked = serializers.IntegerField()


class RatingsSerializer(serializers.Serializer):
    """What customers thought of answers in the last days."""

    days = serializers.IntegerField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A quiet moment",
            response_only=True,
            value={
                "sockets": 1,
                "processes": {"web-1:311": {"sockets": 1, "turns_running_here": 1}},
                "conversations": [
                    {
                        "conversation": "2f1c7f0e-6f0a-4a0e-9a52-6a5f8a4f2b11",
                        "sockets": 1,
                        "idle_seconds": 4.2,
                    }
                ],
                "turns": {"running": 1, "queued": 0},
                "answer_cache": {"hits": 181, "misses": 402},
                "safety": {
                    "claims": 611,
                    "unsupported": 7,
                    "marked": 6,
                    "withheld": 1,
                    "promises": 1,
                    "personal": 0,
                    "failures": 0,
                    "leaks": 0,
                    "cut_from_sources": 2,
                },
                "tone": {"not_told": 0},
                "personal_data": {"not_masked": 0},
                "ratings": {"days": 30, "up": 57, "down": 4},
            },
        )
    ]
)
class StatsSerializer(serializers.Serializer):
    """What goes on right now, over all web processes, and what was counted since the cache began."""

    sockets = serializers.IntegerField()
    processes = serializers.DictField(child=ProcessSerializer(), help_text="By host and process id.")
    conversations = OpenConversationSerializer(many=True)
    turns = UnfinishedTurnsSerializer()
    answer_cache = AnswerCacheSerializer()
    safety = SafetySerializer()
    tone = ToneSerializer()
    personal_data = PersonalDataSerializer()
    ratings = RatingsSerializer()


class StatsView(APIView):
    """The desk's figures, for staff."""

    permission_classes = (IsAdminUser,)

    @extend_schema(responses=StatsSerializer, operation_id="stats", tags=["stats"])
    def get(self, request: Request) -> Response:
        """Return the sockets, turns and counts of all processes, as the page `/stats` shows them."""
        figures = stats.gather(PROCESS, async_to_sync(_of_this_process)())
        return Response(StatsSerializer(figures).data, headers={"Cache-Control": "no-store"})


async def _of_this_process() -> dict[str, Any]:
    return stats.of_this_process()
