"""What the company's records hold of a person: their bookings.

A booking is the airline's own record and stays; deleting an account takes the account and its address off it.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts import privacy
from knowledge.models import Booking

if TYPE_CHECKING:
    from accounts.models import User


def connect() -> None:
    """Offer the part; called once, when the application is ready."""
    privacy.register("bookings", exporter=export, eraser=erase)


def export(user: "User") -> Iterator[privacy.File]:
    """Yield the bookings linked to the account."""
    bookings = Booking.objects.for_user(user.pk).prefetch_related("segments", "passengers")
    rows = [_booking(booking) for booking in bookings]
    yield privacy.File("bookings.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))


def erase(user: "User") -> None:
    """Unlink the bookings, and take the person's address off them."""
    own = Booking.objects.for_user(user.pk)
    if user.email:
        own.filter(contact_email__iexact=user.email).update(contact_email="")
    own.update(owner=None)


def _booking(booking: Booking) -> dict[str, Any]:
    return {
        "reference": booking.reference,
        "contact_email": booking.contact_email,
        "cabin": booking.cabin,
        "fare": booking.fare,
        "status": booking.status,
        "checked_bags": booking.checked_bags,
        "insurance": booking.insurance,
        "flights": [
            {
                "number": s.number,
                "date": s.date,
                "from": s.origin_id,
                "to": s.destination_id,
                "price": s.price,
            }
            for s in booking.segments.all()
        ],
        "passengers": [
            {"first_name": p.first_name, "last_name": p.last_name, "date_of_birth": p.date_of_birth}
            for p in booking.passengers.all()
        ],
    }
