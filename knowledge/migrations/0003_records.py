"""Airports, flights and bookings."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

STATUSES = [
    ("scheduled", "Scheduled"),
    ("on_time", "On time"),
    ("delayed", "Delayed"),
    ("cancelled", "Cancelled"),
    ("boarding", "Boarding"),
    ("departed", "Departed"),
    ("landed", "Landed"),
]


def key() -> tuple[str, models.Field]:
    """Return the usual primary key."""
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def airport(related_name: str) -> models.ForeignKey:
    """Return a required link to an airport."""
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name=related_name, to="knowledge.airport"
    )


class Migration(migrations.Migration):
    """Make the tables of the operational records."""

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("knowledge", "0002_postings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Airport",
            fields=[
                ("code", models.CharField(max_length=4, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                ("city", models.CharField(max_length=80)),
                ("city_es", models.CharField(blank=True, max_length=80, verbose_name="city in Spanish")),
                ("time_zone", models.CharField(default="UTC", max_length=40)),
            ],
            options={"ordering": ["code"]},
        ),
        migrations.CreateModel(
            name="Flight",
            fields=[
                key(),
                ("number", models.CharField(max_length=8)),
                ("date", models.DateField(db_index=True)),
                ("origin", airport("departures")),
                ("destination", airport("arrivals")),
                ("scheduled_departure", models.DateTimeField()),
                ("scheduled_arrival", models.DateTimeField()),
                ("estimated_departure", models.DateTimeField(blank=True, null=True)),
                ("estimated_arrival", models.DateTimeField(blank=True, null=True)),
                ("actual_departure", models.DateTimeField(blank=True, null=True)),
                ("actual_arrival", models.DateTimeField(blank=True, null=True)),
                ("status", models.CharField(choices=STATUSES, default="scheduled", max_length=10)),
                ("delay_reason", models.CharField(blank=True, max_length=200)),
                ("terminal", models.CharField(blank=True, max_length=8)),
                ("gate", models.CharField(blank=True, max_length=8)),
                ("aircraft", models.CharField(blank=True, max_length=40)),
                (
                    "seats",
                    models.JSONField(blank=True, default=dict, help_text="Free seats by cabin."),
                ),
                (
                    "prices",
                    models.JSONField(blank=True, default=dict, help_text="Price by cabin."),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True, help_text="Currency of the prices, such as EUR.", max_length=3
                    ),
                ),
            ],
            options={
                "ordering": ["date", "scheduled_departure", "number"],
                "indexes": [models.Index(fields=["origin", "destination", "date"], name="flight_by_route")],
                "constraints": [
                    models.UniqueConstraint(fields=["number", "date"], name="one_flight_per_number_and_date")
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                key(),
                ("reference", models.CharField(max_length=10, unique=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bookings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "customer_id",
                    models.CharField(
                        blank=True, help_text="The customer's id in the airline's system.", max_length=80
                    ),
                ),
                ("contact_email", models.EmailField(blank=True, max_length=254)),
                ("cabin", models.CharField(max_length=20)),
                ("fare", models.CharField(blank=True, max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[("confirmed", "Confirmed"), ("cancelled", "Cancelled")],
                        default="confirmed",
                        max_length=10,
                    ),
                ),
                ("checked_bags", models.PositiveSmallIntegerField(default=0)),
                ("insurance", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"ordering": ["reference"]},
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                key(),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="segments",
                        to="knowledge.booking",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "flight",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="segments",
                        to="knowledge.flight",
                    ),
                ),
                ("number", models.CharField(max_length=8)),
                ("date", models.DateField()),
                ("origin", airport("+")),
                ("destination", airport("+")),
                ("price", models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True)),
            ],
            options={
                "ordering": ["booking", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=["booking", "position"], name="one_segment_per_position")
                ],
            },
        ),
        migrations.CreateModel(
            name="Passenger",
            fields=[
                key(),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="passengers",
                        to="knowledge.booking",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("first_name", models.CharField(max_length=80)),
                ("last_name", models.CharField(max_length=80)),
                ("date_of_birth", models.DateField(blank=True, null=True)),
            ],
            options={
                "ordering": ["booking", "position"],
                "constraints": [
                    models.UniqueConstraint(fields=["booking", "position"], name="one_passenger_per_position")
                ],
            },
        ),
    ]
