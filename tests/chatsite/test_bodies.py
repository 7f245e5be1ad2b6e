"""Bodies that are too large are refused before anything keeps them."""

import json

import pytest

from chatsite.bodies import BESIDE_FILES, BodyLimit

pytestmark = pytest.mark.anyio


class Desk:
    """An application that reads the whole body, as Django does, and says how much there was."""

    def __init__(self):
        self.read = 0

    async def __call__(self, scope, receive, send):
        while True:
            message = await receive()
            self.read += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def post(path, pieces, *, says=None):
    desk, sent, waiting = Desk(), [], list(pieces)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    headers = [(b"content-length", str(says).encode())] if says is not None else []
    limited = BodyLimit(desk, most=1_000, upload=5_000)
    await limited({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"], desk.read


async def test_small_body_passes():
    assert await post("/chat/ask/", [b"x" * 1_000], says=1_000) == (200, b"", 1_000)


async def test_body_that_says_it_is_too_large_is_not_read():
    status, _, read = await post("/chat/ask/", [b"x"], says=1_001)
    assert (status, read) == (413, 0)


async def test_body_that_does_not_say_is_cut_off():
    status, body, read = await post("/api/v1/conversations/", [b"x" * 600] * 1_000)
    assert (status, read) == (413, 600)
    assert json.loads(body)["code"] == "too_large"


async def test_body_that_lies_about_its_length_is_cut_off():
    assert (await post("/chat/ask/", [b"x" * 600] * 3, says=10))[0] == 413


async def test_files_may_be_larger():
    size = 5_000 + BESIDE_FILES
    assert (await post("/api/v1/imports/", [b"x"], says=size))[0] == 200
    assert (await post("/api/v1/imports/", [b"x"], says=size + 1))[0] == 413
    assert (await post("/api/v1/turns/", [b"x"], says=size))[0] == 413
