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
from chatsite.recent_answers import WINDOW_SECONDS
from chatsite.services import PROCESS


class ProcessSerializer(serializers.Serializer):
    """One web or worker process."""

    kind = serializers.ChoiceField(choices=(("web", "web"), ("worker", "worker")))
    sockets = serializers.IntegerField()
    turns_running_here = serializers.IntegerField()
    answers_last_minute = serializers.IntegerField(help_text="Turns that ended there, however.")


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


class PercentilesSerializer(serializers.Serializer):
    """Milliseconds within which so many percent came; exact, by nearest rank. Null: there were none."""

    p50 = serializers.IntegerField(allow_null=True)
    p95 = serializers.IntegerField(allow_null=True)
    p99 = serializers.IntegerField(allow_null=True)


class SourcesSerializer(serializers.Serializer):
    """Answers by where their words came from."""

    model = serializers.IntegerField()
    cache = serializers.IntegerField()
    shared = serializers.IntegerField(help_text="Taken from somebody who had asked the same at once.")
    quoted = serializers.IntegerField()
    fixed = serializers.IntegerField()


class StepSerializer(serializers.Serializer):
    """One point of the graphs."""

    at = serializers.IntegerField(help_text="Its end, in seconds since the epoch.")
    answers = serializers.IntegerField()
    failed = serializers.IntegerField()
    first_token_p50 = serializers.IntegerField(allow_null=True)
    first_token_p95 = serializers.IntegerField(allow_null=True)


class RecentSerializer(serializers.Serializer):
    """What was answered in the last minutes."""

    seconds = serializers.IntegerField(
        help_text=f"How far back the figures reach: {WINDOW_SECONDS}, or less where that held too much."
    )
    answers = serializers.IntegerField()
    answers_per_minute = serializers.FloatField()
    failed = serializers.IntegerField()
    failed_per_minute = serializers.FloatField()
    tokens_per_minute = serializers.FloatField()
    money_per_hour = serializers.FloatField(
        help_text="At today's prices; prompts that a vendor had cached count in full."
    )
    currency = serializers.CharField()
    sources = SourcesSerializer()
    first_token_ms = PercentilesSerializer()
    total_ms = PercentilesSerializer()
    steps = StepSerializer(many=True)


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
                "everywhere": True,
                "sockets": 1,
                "processes": {
                    "web-1:311": {
                        "kind": "web",
                        "sockets": 1,
                        "turns_running_here": 1,
                        "answers_last_minute": 2,
                    }
                },
                "conversations": [
                    {
                        "conversation": "2f1c7f0e-6f0a-4a0e-9a52-6a5f8a4f2b11",
                        "sockets": 1,
                        "idle_seconds": 4.2,
                    }
                ],
                "turns": {"running": 1, "queued": 0},
                "recent": {
                    "seconds": 600,
                    "answers": 14,
                    "answers_per_minute": 1.4,
                    "failed": 0,
                    "failed_per_minute": 0.0,
                    "tokens_per_minute": 1204.3,
                    "money_per_hour": 0.0181,
                    "currency": "EUR",
                    "sources": {"model": 9, "cache": 4, "shared": 0, "quoted": 1, "fixed": 0},
                    "first_token_ms": {"p50": 412, "p95": 980, "p99": 1_204},
                    "total_ms": {"p50": 1_730, "p95": 3_410, "p99": 3_902},
                    "steps": [
                        {
                            "at": 1_790_000_010,
                            "answers": 2,
                            "failed": 0,
                            "first_token_p50": 412,
                            "first_token_p95": 518,
                        }
                    ],
                },
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
    """What goes on right now, over all processes, and what was counted since the cache began."""

    everywhere = serializers.BooleanField(
        help_text="False while Redis is away: sockets and processes are those of the process that answers, "
        "and what all count together is null."
    )
    sockets = serializers.IntegerField()
    processes = serializers.DictField(child=ProcessSerializer(), help_text="By host and process id.")
    conversations = OpenConversationSerializer(many=True)
    turns = UnfinishedTurnsSerializer()
    recent = RecentSerializer()
    answer_cache = AnswerCacheSerializer(allow_null=True)
    safety = SafetySerializer(allow_null=True)
    tone = ToneSerializer(allow_null=True)
    personal_data = PersonalDataSerializer(allow_null=True)
    ratings = RatingsSerializer()


class StatsView(APIView):
    """The desk's figures, for staff."""

    permission_classes = (IsAdminUser,)

    @extend_schema(responses=StatsSerializer, operation_id="stats", tags=["stats"])
    def get(self, request: Request) -> Response:
        """Return the sockets, turns and counts of all processes, as the page `/stats` shows them."""
        own = async_to_sync(_of_this_process)()
        figures = stats.gather(PROCESS, own, is_shared=stats.ping_cache())
        return Response(StatsSerializer(figures).data, headers={"Cache-Control": "no-store"})


async def _of_this_process() -> dict[str, Any]:
    return stats.of_this_process()
