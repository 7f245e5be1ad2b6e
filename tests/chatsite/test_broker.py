"""The broker's channel: one client for its commands, a new one for a new pool of connections."""

import pytest
from django.conf import settings

from chatsite.celery import app

pytestmark = pytest.mark.skipif(not settings.REDIS_URL, reason="the desk in one process has no broker")


def test_commands_share_a_client_until_the_connections_are_lost():
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        first = channel._create_client()
        assert channel._create_client() is first
        channel._disconnect_pools()
        second = channel._create_client()
        assert second is not first
        assert second.ping()


def test_what_waits_to_be_read_has_a_connection_of_its_own():
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        assert channel._create_client(asynchronous=True) is not channel._create_client()
