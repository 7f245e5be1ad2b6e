"""Whose address counts: behind so many proxies, and whatever a client writes into a header."""

import pytest

from accounts.limits.address import ClientAddress, forwarded, network_of

FORGED = "203.0.113.66"
CLIENT = "198.51.100.7"
PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("values", "proxies", "address"),
    [
        ([CLIENT], 1, CLIENT),
        ([f"{FORGED}, {CLIENT}"], 1, CLIENT),
        ([FORGED, CLIENT], 1, CLIENT),
        ([f"{FORGED}, {CLIENT}, {PROXY}"], 2, CLIENT),
        ([f"{CLIENT}:4711"], 1, CLIENT),
        (["[2001:db8::7]:4711"], 1, "2001:db8::7"),
        (["2001:db8::7"], 1, "2001:db8::7"),
        ([CLIENT], 2, None),
        ([], 1, None),
        (["unknown"], 1, None),
        ([""], 1, None),
        (["[2001:db8::7"], 1, None),
        (["1.2.3.4, <script>"], 1, None),
        ([FORGED], 0, None),
    ],
)
def test_address_so_many_places_from_the_end(values, proxies, address):
    assert forwarded(values, proxies) == address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("::ffff:198.51.100.7", CLIENT),
        ("fe80::1%eth0", "fe80::2%eth1"),
    ],
)
def test_one_network_counts_as_one(one, other):
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(("one", "other"), [("2001:db8:1:2::7", "2001:db8:1:3::7"), (CLIENT, FORGED)])
def test_other_networks_count_apart(one, other):
    assert network_of(one) != network_of(other)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("proxies", "sent", "seen"),
    [
        (0, [FORGED], PROXY),
        (1, [f"{FORGED}, {CLIENT}"], CLIENT),
        (1, [], PROXY),
        (2, [CLIENT], PROXY),
    ],
)
async def test_pages_and_sockets_see_the_same_client(settings, kind, proxies, sent, seen):
    settings.TRUSTED_PROXIES = proxies
    scopes = []

    async def application(scope, receive, send):
        scopes.append(scope)

    headers = [(b"x-forwarded-for", value.encode()) for value in sent]
    scope = {"type": kind, "client": (PROXY, 1), "headers": headers}
    await ClientAddress(application)(scope, None, None)
    assert scopes[0]["client"][0] == seen
