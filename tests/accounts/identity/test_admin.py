"""What staff see of how people sign in."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from tests.accounts.identity.steps import is_signed_in, set_up_app, sign_in, words

pytestmark = pytest.mark.django_db


def test_lost_second_step_is_removed_by_staff_who_never_see_it(client, alice, carol):
    client.force_login(alice)
    secret = set_up_app(client)
    staff = Client()
    staff.force_login(carol)
    for row in Authenticator.objects.all():
        page = words(staff.get(f"/admin/mfa/authenticator/{row.pk}/change/"))
        assert secret not in page
        assert str(row.data) not in page
        assert staff.post(f"/admin/mfa/authenticator/{row.pk}/change/", {"type": "totp"}).status_code == 403
        staff.post(f"/admin/mfa/authenticator/{row.pk}/delete/", {"post": "yes"})
    assert staff.get("/admin/mfa/authenticator/add/").status_code == 403
    assert sign_in(Client())["Location"] == "/chat/"


def test_staff_sign_somebody_out(client, alice, carol):
    sign_in(client)
    staff = Client()
    staff.force_login(carol)
    row = UserSession.objects.get()
    assert row.session_key not in words(staff.get(f"/admin/usersessions/usersession/{row.pk}/change/"))
    staff.post(f"/admin/usersessions/usersession/{row.pk}/delete/", {"post": "yes"})
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "path", ["socialaccount/socialapp/", "socialaccount/socialtoken/", "account/emailconfirmation/"]
)
def test_secrets_have_no_pages(client, carol, path):
    client.force_login(carol)
    assert client.get(f"/admin/{path}").status_code == 404
