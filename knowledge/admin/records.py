"""Staff keep airports, flights and bookings right."""

from django.contrib import admin

from knowledge.models import Airport, Booking, Flight, Passenger, Segment


@admin.register(Airport)
class AirportAdmin(admin.ModelAdmin):
    """Airports with their cities and time zones."""

    list_display = ("code", "city", "name", "time_zone")
    search_fields = ("code", "city", "city_es", "name")


@admin.register(Flight)
class FlightAdmin(admin.ModelAdmin):
    """Flights: what the operation says of them, edited in the list or one by one."""

    list_display = (
        *("number", "date", "origin", "destination", "departs", "status", "gate"),
        *("delay", "delay_reason"),
    )
    list_editable = ("status", "gate", "delay_reason")
    list_filter = ("status", "date", "origin")
    list_select_related = ("origin", "destination")
    list_per_page = 50
    search_fields = ("number", "origin__city", "destination__city")
    ordering = ("-date", "scheduled_departure", "number")
    date_hierarchy = "date"

    @admin.display(description="departs (local)", ordering="scheduled_departure")
    def departs(self, flight: Flight) -> str:
        """Return the planned departure by the clocks at the airport."""
        return f"{flight.origin.local(flight.scheduled_departure):%H:%M}"

    @admin.display(description="late by")
    def delay(self, flight: Flight) -> str:
        """Return the delay of the departure."""
        return f"{flight.delay_minutes} min" if flight.delay_minutes else ""


class SegmentInline(admin.TabularInline):
    """The flights of a booking."""

    model = Segment
    extra = 0
    raw_id_fields = ("flight",)


class PassengerInline(admin.TabularInline):
    """The people of a booking."""

    model = Passenger
    extra = 0


@admin.register(Booking)
class BookingAdmin(admin.ModelAdmin):
    """Bookings with their flights and people."""

    list_display = ("reference", "owner", "contact_email", "cabin", "fare", "status", "created_at")
    list_filter = ("status", "cabin", "fare")
    list_select_related = ("owner",)
    search_fields = ("reference", "owner__username", "contact_email", "passengers__last_name")
    raw_id_fields = ("owner",)
    inlines = (SegmentInline, PassengerInline)
