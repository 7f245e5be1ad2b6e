"""What the records hold of one person and those who travel with them, for masking it elsewhere."""

from dataclasses import dataclass
from datetime import date

from knowledge.models import Booking

MOST_ROWS = 300  # passengers of bookings; nobody has more, an agency's own staff aside


@dataclass(frozen=True, slots=True)
class Traveller:
    """Somebody on a person's booking."""

    first_name: str
    last_name: str
    born: date | None


@dataclass(frozen=True, slots=True)
class Belongings:
    """Values that stand in a person's bookings."""

    references: tuple[str, ...]
    emails: tuple[str, ...]
    travellers: tuple[Traveller, ...]


def belongings_of(user_id: int) -> Belongings:
    """Return the references, addresses and travellers of a person's bookings, in one query."""
    rows = list(
        Booking.objects.for_user(user_id)
        .order_by("-created_at", "reference")
        .values_list(
            "reference",
            "contact_email",
            "passengers__first_name",
            "passengers__last_name",
            "passengers__date_of_birth",
        )[:MOST_ROWS]
    )
    return Belongings(
        references=tuple(dict.fromkeys(row[0] for row in rows)),
        emails=tuple(dict.fromkeys(row[1] for row in rows if row[1])),
        travellers=tuple(dict.fromkeys(Traveller(*row[2:]) for row in rows if row[2] or row[3])),
    )
