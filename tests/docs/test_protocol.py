"""docs/protocol.md names every route, event, frame and close code; links of the pages lead somewhere."""

import inspect
import re
from collections.abc import Iterator
from typing import Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat import consumers, frames
from chat.events import types
from chat.turn.present import NOTICE_KINDS
from tests.docs.pages import ROOT, pages

PROTOCOL: Final = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
LINK: Final = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Return every route of the site as Django writes it."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern, route)


def anchors_of(text: str) -> set[str]:
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_route_of_the_api_is_named() -> None:
    of_api = [route for route in routes(get_resolver()) if route.startswith("api/v1/")]
    assert len(of_api) > 30
    words = {
        (word, route) for route in of_api for word in re.sub(r"<[^>]*>", "", route[7:]).split("/") if word
    }
    missing = [f"{word} of {route}" for word, route in words if not re.search(rf"[/…]{word}\b", PROTOCOL)]
    assert missing == []


def test_every_event_and_frame_is_named() -> None:
    of_socket = set(re.findall(r'"type": "([a-z.]+)"', inspect.getsource(consumers)))
    names = {event.type for event in types.Event.__subclasses__()} | set(frames._READERS) | of_socket
    assert [
        name for name in names if f"`{name}`" not in PROTOCOL and f'"type": "{name}"' not in PROTOCOL
    ] == []


def test_every_notice_and_close_code_is_named() -> None:
    assert [kind for kind in NOTICE_KINDS if f'"{kind}"' not in PROTOCOL] == []
    codes = (consumers.SIGNED_OUT, consumers.IDLE_TOO_LONG, consumers.GONE, consumers.BROKE)
    of_page = PROTOCOL.split("Close codes:", 1)[1].split("\n", 1)[0]
    assert set(map(str, codes)) | {"1001"} == set(re.findall(r"\b\d{4}\b", of_page))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page) -> None:
    text = page.read_text(encoding="utf-8")
    for path, anchor in LINK.findall(text):
        target = (page.parent / path) if path else page
        assert target.exists(), path
        if anchor and target.suffix == ".md":
            assert anchor in anchors_of(target.read_text(encoding="utf-8")), f"{path}#{anchor}"
