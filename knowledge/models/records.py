"""Operational records: airports, flights on a date, bookings."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils import timezone


class Airport(models.Model):
    """An airport with the names people use for its city and the time zone its clocks show."""

    code = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    city_es = models.CharField("city in Spanish", max_length=80, blank=True)
    time_zone = models.CharField(max_length=40, default="UTC")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        """Return the city with the code."""
        return f"{self.city} ({self.code})"

    def city_in(self, language: str) -> str:
        """Return the city's name in ``language`` (a code)."""
        return (self.city_es if language == "es" else "") or self.city

    def local(self, moment: datetime) -> datetime:
        """Return ``moment`` as the clocks at the airport show it."""
        return moment.astimezone(ZoneInfo(self.time_zone))


class FlightQuerySet(models.QuerySet["Flight"]):
    """Flights by number and time."""

    def with_airports(self) -> "FlightQuerySet":
        """Load both airports with each flight."""
        return self.select_related("origin", "destination")

    def numbered(self, number: str) -> "FlightQuerySet":
        """Return the flights of one number, written as ``LW214``."""
        return self.filter(number=number)

    def between(self, origins: list[str], destinations: list[str]) -> "FlightQuerySet":
        """Return the flights from any of ``origins`` to any of ``destinations`` (airport codes)."""
        return self.filter(origin__in=origins, destination__in=destinations)


class Flight(models.Model):
    """One flight number on one date: the local date of its scheduled departure."""

    class Status(models.TextChoices):
        """What the operation says of the flight."""

        SCHEDULED = "scheduled", "Scheduled"
        ON_TIME = "on_time", "On time"
        DELAYED = "delayed", "Delayed"
        CANCELLED = "cancelled", "Cancelled"
        BOARDING = "boarding", "Boarding"
        DEPARTED = "departed", "Departed"
        LANDED = "landed", "Landed"

    number = models.CharField(max_length=8)
    date = models.DateField(db_index=True)
    origin = models.ForeignKey(Airport, on_delete=models.PROTECT, related_name="departures")
    destination = models.ForeignKey(Airport, on_delete=models.PROTECT, related_name="arrivals")
    scheduled_departure = models.DateTimeField()
    scheduled_arrival = models.DateTimeField()
    estimated_departure = models.DateTimeField(null=True, blank=True)
    estimated_arrival = models.DateTimeField(null=True, blank=True)
    actual_departure = models.DateTimeField(null=True, blank=True)
    actual_arrival = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.SCHEDULED)
    delay_reason = models.CharField(max_length=200, blank=True)
    terminal = models.CharField(max_length=8, blank=True)
    gate = models.CharField(max_length=8, blank=True)
    aircraft = models.CharField(max_length=40, blank=True)
    seats = models.JSONField(default=dict, blank=True, help_text="Free seats by cabin.")
    prices = models.JSONField(default=dict, blank=True, help_text="Price by cabin.")
    currency = models.CharField(max_length=3, blank=True, help_text="Currency of the prices, such as EUR.")

    objects = FlightQuerySet.as_manager()

    class Meta:
        ordering = ["date", "scheduled_departure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["number", "date"], name="one_flight_per_number_and_date")
        ]
        indexes = [models.Index(fields=["origin", "destination", "date"], name="flight_by_route")]

    def __str__(self) -> str:
        """Return number and date."""
        return f"{self.number} on {self.date}"

    @property
    def departure(self) -> datetime:
        """The best known time of departure."""
        return self.actual_departure or self.estimated_departure or self.scheduled_departure

    @property
    def arrival(self) -> datetime:
        """The best known time of arrival; a known delay of the departure is carried over."""
        known = self.actual_arrival or self.estimated_arrival
        return known or self.scheduled_arrival + timedelta(minutes=self.delay_minutes)

    @property
    def delay_minutes(self) -> int:
        """How late the departure is, in whole minutes; 0 when on time or early."""
        return max(0, round((self.departure - self.scheduled_departure).total_seconds() / 60))


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings, and whose they are."""

    def for_user(self, user_id: int) -> "BookingQuerySet":
        """Return the bookings of one person."""
        return self.filter(owner_id=user_id)

    def with_everything(self) -> "BookingQuerySet":
        """Load segments with flights and airports, and passengers, in a fixed number of queries."""
        flights = ("segments__flight__origin", "segments__flight__destination")
        airports = ("segments__origin", "segments__destination")
        return self.prefetch_related("segments", *flights, *airports, "passengers")


class Booking(models.Model):
    """A reservation of one or more people on one or more flights."""

    class Status(models.TextChoices):
        """Whether the booking stands."""

        CONFIRMED = "confirmed", "Confirmed"
        CANCELLED = "cancelled", "Cancelled"

    reference = models.CharField(max_length=10, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="bookings"
    )
    customer_id = models.CharField(
        max_length=80, blank=True, help_text="The customer's id in the airline's system."
    )
    contact_email = models.EmailField(blank=True)
    cabin = models.CharField(max_length=20)
    fare = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.CONFIRMED)
    checked_bags = models.PositiveSmallIntegerField(default=0)
    insurance = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["reference"]

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference


class Segment(models.Model):
    """One flight of a booking. Number, date and airports are kept, in case the flight itself is not known."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="segments")
    position = models.PositiveSmallIntegerField()
    flight = models.ForeignKey(
        Flight, null=True, blank=True, on_delete=models.SET_NULL, related_name="segments"
    )
    number = models.CharField(max_length=8)
    date = models.DateField()
    origin = models.ForeignKey(Airport, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(Airport, on_delete=models.PROTECT, related_name="+")
    price = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["booking", "position"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "position"], name="one_segment_per_position")
        ]

    def __str__(self) -> str:
        """Return number and date."""
        return f"{self.number} on {self.date}"


class Passenger(models.Model):
    """A person who travels on a booking."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="passengers")
    position = models.PositiveSmallIntegerField()
    first_name = models.CharField(max_length=80)
    last_name = models.CharField(max_length=80)
    date_of_birth = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["booking", "position"]
        constraints = [
            models.UniqueConstraint(fields=["booking", "position"], name="one_passenger_per_position")
        ]

    def __str__(self) -> str:
        """Return the full name."""
        return f"{self.first_name} {self.last_name}"
