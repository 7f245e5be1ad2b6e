"""``/mcp`` on real servers, with and without a lifespan, and what it costs a process that nobody asks."""

import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.serving import environment, free_port, manage, server

PREPARE = """
import json
from accounts.models import ApiKey, User
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from tests.chat.test_personal_data import travel_of
from tests.conftest import POLICIES
people = [User.objects.create_user(name, f"{name}@example.com") for name in ("alice", "bob")]
travel_of(people[0])
for slug, title, text in POLICIES:
    publish_version(save_draft(Document.objects.create(slug=slug, title=title), text))
print(json.dumps({user.username: ApiKey.objects.issue(user, "mcp")[1] for user in people}))
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], dict[str, str]]:
    """An embedded server's environment, its database made and filled; and the people's keys."""
    env: dict[str, str] = environment(Path(tmp_path_factory.mktemp("mcp")), free_port())
    made = manage("migrate", "-v0", env=env)
    assert made.returncode == 0, made.stderr
    filled = manage("shell", "-v0", "-c", PREPARE, env=env)
    assert filled.returncode == 0, filled.stderr
    return env, json.loads(filled.stdout.splitlines()[-1])


@pytest.mark.anyio
@pytest.mark.parametrize("runner", ["uvicorn", "daphne"])
async def test_real_client_on_a_real_server(prepared, runner):
    env, keys = prepared
    with server({**env, "PORT": str(free_port())}, runner=runner) as address:
        said = {name: await _bookings(address, key) for name, key in keys.items()}
        async with httpx2.AsyncClient() as http:
            refused = await http.post(f"{address}/mcp", json={}, headers={"authorization": "Bearer csk_no"})
    assert "QWX7TR" in said["alice"]
    assert said["bob"] == "The customer has no bookings."
    assert refused.status_code == 401


async def _bookings(address: str, key: str) -> str:
    headers = {"authorization": f"Bearer {key}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
    ):
        assert len((await client.list_tools()).tools) == 3
        found = await client.call_tool("search_policies", {"query": "pets in the cabin"})
        assert "EUR 55" in found.content[0].text
        return (await client.call_tool("get_my_booking", {})).content[0].text


def test_package_is_not_imported_before_it_is_needed():
    script = "import sys, chatsite.asgi; print('mcp' in sys.modules, 'starlette' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
