"""Webhooks go to public addresses by https, however an address is written or a name leads."""

from ipaddress import ip_address, ip_network

import pytest

from webhooks.addresses import checked_url, destination_of, is_allowed
from webhooks.errors import AddressRefused

INNER = """
    127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1
    169.254.169.254 169.254.170.2 100.64.0.1 100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 192.88.99.1
    198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    ::1 :: ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 fe80::1 fec0::1 fc00::1
    fd00:ec2::254 ff02::1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:7f00:1:: 2001::1 2001:db8::1
    100::1 2001:10::1
""".split()
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.fixture(autouse=True)
def strict(settings):
    settings.WEBHOOK_ALLOW_HTTP = False
    settings.WEBHOOK_ALLOWED_NETWORKS = []


def refusal(written):
    with pytest.raises(AddressRefused) as refused:
        destination_of(written)
    return refused.value.code


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_refused(address):
    assert not is_allowed(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert is_allowed(ip_address(address))


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_refused(address, names):
    names([address])
    assert refusal("https://hooks.example.com/") == "address"


def test_one_inner_address_among_public_ones_is_enough(names):
    names(["8.8.8.8", "10.0.0.1"])
    assert refusal("https://hooks.example.com/") == "address"


@pytest.mark.parametrize(
    "written",
    [
        "https://127.0.0.1/", "https://[::1]/", "https://[::ffff:7f00:1]/", "https://169.254.169.254/latest/",
        "https://[64:ff9b::7f00:1]/",
    ],
)  # fmt: skip
def test_inner_addresses_in_the_url_are_refused_without_asking(written, names):
    asked = names(["8.8.8.8"])
    assert refusal(written) == "address"
    assert asked == []


@pytest.mark.parametrize(
    "written",
    [
        "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "hooks.example.com",
        "",
        "https://", "https:///x", "https://user@hooks.example.com/", "https://user:pass@hooks.example.com/",
        "https://:@hooks.example.com/", "https://hooks.example.com/#part",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:25/", "https://hooks.example.com:0/", "https://hooks.example.com:99999/",
        "https://hooks.example.com:x/", "https://hooks.example.com\\@10.0.0.1/",
        "https://hooks.exa mple.com/",
        "https://hooks.example.com/\r\nX: y", "https://2130706433/", "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/", "https://0x7f.1/", "https://127.0.0.1./", "https://127.0.0.1../", "https://0/", "https://[fe80::1%25eth0]/",
        "https://[::1/", "javascript:alert(1)", "https://hooks.example.com/" + "a" * 1_000,
        "https://１２７.0.0.1/",
    ],
)  # fmt: skip
def test_what_is_no_plain_public_address_is_refused(written, names):
    names(["127.0.0.1"])
    assert refusal(written) in ("url", "address")


@pytest.mark.parametrize(
    "written", ["https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://127.1/"]
)
def test_numbers_are_refused_even_where_a_resolver_would_read_them_as_public(written, names):
    names(["8.8.8.8"])
    assert refusal(written) == "url"


@pytest.mark.parametrize("port", ["", ":443", ":80", ":1024", ":8443"])
def test_usual_ports_are_allowed(port, names):
    names(["8.8.8.8", "2606:2800:21f:cb07::1"])
    found = destination_of(f"https://hooks.example.com{port}/a?b=c")
    assert [str(address) for address in found.addresses] == ["8.8.8.8", "2606:2800:21f:cb07::1"]


def test_a_name_that_is_not_found_is_said_to_be_so(names):
    names([])
    assert refusal("https://hooks.example.com/") == "name"


def test_own_networks_and_http_are_allowed_by_settings(settings, names):
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.1.0.0/16"), ip_network("fd00::/8")]
    names(["10.1.2.3", "fd00::1"])
    assert destination_of("http://hooks.example.com/")
    assert destination_of("http://[::ffff:10.1.2.3]/")
    assert refusal("http://10.2.0.1/") == "address"


def test_words_for_staff_say_what_to_do(names):
    names(["10.0.0.1"])
    with pytest.raises(
        AddressRefused, match=r"10\.0\.0\.1, which is not a public address.*WEBHOOK_ALLOWED_NETWORKS"
    ):
        destination_of("https://hooks.example.com/")
    with pytest.raises(AddressRefused, match="begin with https"):
        checked_url("http://hooks.example.com/")
