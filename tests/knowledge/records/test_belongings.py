"""What a person's bookings hold, for masking; nobody else's."""

from datetime import date

import pytest

from knowledge.models import Booking, Passenger
from knowledge.records import belongings_of
from knowledge.records.belongings import Traveller

pytestmark = pytest.mark.django_db


def test_bookings_give_references_addresses_and_travellers_once(alice, bob, django_assert_num_queries):
    for reference, owner in (("AAAAA1", alice), ("AAAAA2", alice), ("BBBBB1", bob)):
        booking = Booking.objects.create(
            reference=reference, owner=owner, cabin="economy", contact_email=f"{owner.username}@example.net"
        )
        Passenger.objects.create(
            booking=booking, position=1, first_name=owner.first_name, last_name="Example",
            date_of_birth=date(1984, 3, 12),
        )  # fmt: skip
    with django_assert_num_queries(1):
        has = belongings_of(alice.pk)
    assert set(has.references) == {"AAAAA1", "AAAAA2"}
    assert has.emails == ("alice@example.net",)
    assert has.travellers == (Traveller("Alice", "Example", date(1984, 3, 12)),)


def test_nobody_has_nothing(db):
    has = belongings_of(0)
    assert (has.references, has.emails, has.travellers) == ((), (), ())
