"""REST: flights, and the signed-in person's own bookings, as the operation has them now."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.cursors import Cursors
from knowledge.models import Airport, Booking, Flight
from knowledge.models.records import Passenger, Segment
from knowledge.records.lookups import airport_codes
from knowledge.records.mentions import normal_flight_number

FLIGHTS, BOOKINGS = "flights", "bookings"
_FLIGHT: dict[str, Any] = {
    "number": "LW214",
    "date": "2026-11-21",
    "origin": {"code": "LIS", "name": "Humberto Delgado", "city": "Lisbon", "time_zone": "Europe/Lisbon"},
    "destination": {"code": "MAD", "name": "Barajas", "city": "Madrid", "time_zone": "Europe/Madrid"},
    "status": "delayed",
    "delay_minutes": 50,
    "delay_reason": "fog",
    "scheduled_departure": "2026-11-21T07:35:00Z",
    "scheduled_arrival": "2026-11-21T09:55:00+01:00",
    "departure": "2026-11-21T08:25:00Z",
    "arrival": "2026-11-21T10:45:00+01:00",
    "terminal": "1",
    "gate": "B12",
    "aircraft": "A320",
}
_BOOKING: dict[str, Any] = {
    "reference": "K7PQ2M",
    "status": "confirmed",
    "cabin": "economy",
    "fare": "Standard",
    "checked_bags": 1,
    "insurance": False,
    "created_at": "2026-10-30T18:02:11Z",
    "flights": [
        {
            "number": "LW214",
            "date": "2026-11-21",
            "origin": _FLIGHT["origin"],
            "destination": _FLIGHT["destination"],
            "flight": _FLIGHT,
        }
    ],
    "passengers": [{"first_name": "Alice", "last_name": "Moreno"}],
}


class ByDeparture(Cursors):
    """Flights as they are planned to leave."""

    ordering = ("scheduled_departure", "pk")


class NewestBookingFirst(Cursors):
    """Bookings, the one made last first."""

    ordering = ("-created_at", "-pk")


class AirportSerializer(serializers.ModelSerializer):
    """An airport."""

    class Meta:
        model = Airport
        fields = ("code", "name", "city", "time_zone")
        read_only_fields = fields


@extend_schema_serializer(
    examples=[OpenApiExample("A flight that is late", response_only=True, value=_FLIGHT)]
)
class FlightSerializer(serializers.ModelSerializer):
    """A flight on a date. Times are in the time zone of the airport that they are about."""

    origin = AirportSerializer()
    destination = AirportSerializer()
    status = serializers.ChoiceField(Flight.Status.choices)
    delay_minutes = serializers.IntegerField(help_text="Of the departure; 0 when on time or early.")
    departure = serializers.DateTimeField(help_text="The best known time: real, else expected, else planned.")
    arrival = serializers.DateTimeField(help_text="The best known time; a known delay is carried over.")

    class Meta:
        model = Flight
        fields = (
            *("number", "date", "origin", "destination", "status", "delay_minutes", "delay_reason"),
            *("scheduled_departure", "scheduled_arrival", "departure", "arrival"),
            *("terminal", "gate", "aircraft"),
        )
        read_only_fields = fields

    def to_representation(self, flight: Flight) -> dict[str, Any]:
        """Show each time by the clocks of its airport."""
        shown = super().to_representation(flight)
        for name, airport in (("departure", flight.origin), ("arrival", flight.destination)):
            for key in (name, f"scheduled_{name}"):
                moment = airport.local(getattr(flight, key))
                shown[key] = serializers.DateTimeField(default_timezone=moment.tzinfo).to_representation(
                    moment
                )
        return shown


class SegmentSerializer(serializers.ModelSerializer):
    """One flight of a booking; ``flight`` is null while the operation does not know it."""

    origin = AirportSerializer()
    destination = AirportSerializer()
    flight = FlightSerializer(allow_null=True)

    class Meta:
        model = Segment
        fields = ("number", "date", "origin", "destination", "flight")
        read_only_fields = fields


class PassengerSerializer(serializers.ModelSerializer):
    """Somebody who travels on a booking."""

    class Meta:
        model = Passenger
        fields = ("first_name", "last_name")
        read_only_fields = fields


@extend_schema_serializer(
    examples=[OpenApiExample("One of your bookings", response_only=True, value=_BOOKING)]
)
class BookingSerializer(serializers.ModelSerializer):
    """One of your bookings."""

    status = serializers.ChoiceField(Booking.Status.choices)
    flights = SegmentSerializer(many=True, source="segments")
    passengers = PassengerSerializer(many=True)

    class Meta:
        model = Booking
        fields = (
            *("reference", "status", "cabin", "fare", "checked_bags", "insurance", "created_at"),
            *("flights", "passengers"),
        )
        read_only_fields = fields


class FlightFilterSerializer(serializers.Serializer):
    """Which flights to list."""

    number = serializers.CharField(required=False, max_length=12, help_text="Such as LW214.")
    date = serializers.DateField(required=False, help_text="Day of the departure at its airport.")
    origin = serializers.CharField(required=False, max_length=120, help_text="Code or name of the place.")
    destination = serializers.CharField(
        required=False, max_length=120, help_text="Code or name of the place."
    )
    status = serializers.ChoiceField(Flight.Status.choices, required=False)


class BookingFilterSerializer(serializers.Serializer):
    """Which of your bookings to list."""

    status = serializers.ChoiceField(Booking.Status.choices, required=False)


class FlightsView(generics.ListAPIView):
    """The flights."""

    serializer_class = FlightSerializer
    pagination_class = ByDeparture
    queryset = Flight.objects.none()

    @extend_schema(operation_id="flights_list", tags=[FLIGHTS], parameters=[FlightFilterSerializer])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """List flights in the order of their departure."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Flight]:
        """Return what the filters let through."""
        asked = FlightFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = dict(asked.validated_data)
        flights = Flight.objects.with_airports()
        if number := wanted.pop("number", ""):
            flights = flights.numbered(normal_flight_number(number))
        for end in ("origin", "destination"):
            if place := wanted.pop(end, ""):
                flights = flights.filter(**{f"{end}__in": airport_codes(place)})
        return flights.filter(**wanted)


class FlightView(generics.RetrieveAPIView):
    """One flight on one date."""

    serializer_class = FlightSerializer
    queryset = Flight.objects.none()

    @extend_schema(
        operation_id="flights_retrieve",
        tags=[FLIGHTS],
        parameters=[
            OpenApiParameter("flight_number", OpenApiTypes.STR, OpenApiParameter.PATH, description="LW214."),
            OpenApiParameter(
                "date", OpenApiTypes.DATE, OpenApiParameter.PATH, description="Day of the departure."
            ),
        ],
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Return one flight on the day of its departure."""
        return super().get(request, *args, **kwargs)

    def get_object(self) -> Flight:
        """Return the flight; raises Http404, also for what is no date."""
        try:
            on = date.fromisoformat(self.kwargs["date"])
        except ValueError:
            raise Http404 from None
        number = normal_flight_number(self.kwargs["flight_number"])
        return generics.get_object_or_404(Flight.objects.with_airports().numbered(number), date=on)


class BookingsView(generics.ListAPIView):
    """The signed-in person's bookings."""

    serializer_class = BookingSerializer
    pagination_class = NewestBookingFirst
    queryset = Booking.objects.none()

    @extend_schema(operation_id="bookings_list", tags=[BOOKINGS], parameters=[BookingFilterSerializer])
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """List your bookings, the one made last first."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Booking]:
        """Return the person's own that the filters let through."""
        asked = BookingFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        own = Booking.objects.for_user(self.request.user.pk).with_everything()
        return own.filter(**asked.validated_data)


class BookingView(generics.RetrieveAPIView):
    """One of the signed-in person's bookings."""

    serializer_class = BookingSerializer
    queryset = Booking.objects.none()

    @extend_schema(
        operation_id="bookings_retrieve",
        tags=[BOOKINGS],
        parameters=[
            OpenApiParameter(
                "locator", OpenApiTypes.STR, OpenApiParameter.PATH, description="Reference, such as K7PQ2M."
            )
        ],
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Return one of your bookings with its flights and travellers."""
        return super().get(request, *args, **kwargs)

    def get_object(self) -> Booking:
        """Return the person's own; anybody else's is not there."""
        own = Booking.objects.for_user(self.request.user.pk).with_everything()
        return generics.get_object_or_404(own, reference=self.kwargs["locator"].strip().upper())
