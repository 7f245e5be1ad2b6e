"""A real server: whatever a client writes into X-Forwarded-For, it is counted as who it is."""

from pathlib import Path

import httpx

from tests.serving import environment, free_port, server

FORGED = [f"203.0.113.{number}" for number in range(4)]


def statuses(client: httpx.Client, headers: list[str]) -> list[int]:
    """Ask as a stranger with each header; return the statuses."""
    return [
        client.get("/api/v1/conversations/", headers={"X-Forwarded-For": header}).status_code
        for header in headers
    ]


def desk(tmp_path: Path, proxies: int) -> dict[str, str]:
    """Return the environment of a server that lets a stranger ask twice a minute."""
    changes = {"TRUSTED_PROXIES": str(proxies), "LIMIT_ANONYMOUS_REQUESTS": "2/m"}
    return environment(tmp_path, free_port(), **changes)


def test_without_a_proxy_the_header_is_not_believed(tmp_path):
    """Not even from this machine, whence uvicorn by itself would believe it."""
    with server(desk(tmp_path, 0)) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert statuses(client, FORGED) == [401, 401, 429, 429]


def test_behind_a_proxy_what_the_proxy_adds_counts_and_nothing_before_it(tmp_path):
    with server(desk(tmp_path, 1)) as url, httpx.Client(base_url=url, timeout=30) as client:
        assert statuses(client, FORGED) == [401] * 4
        behind = [f"{forged}, 198.51.100.7" for forged in FORGED]
        assert statuses(client, behind) == [401, 401, 429, 429]
