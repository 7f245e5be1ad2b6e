"""The sample airline's people, signed in to the tour's desk as anybody would be."""

import json
from typing import Any

import aiohttp

from chat.terminal.remote import RemoteDesk
from chat.terminal.tour.process import TourBroken
from knowledge.sample_company import FOLDER


def _password(username: str) -> str:
    people = json.loads((FOLDER / "people.json").read_text(encoding="utf-8"))
    return next(person["password"] for person in people if person["username"] == username)


async def sign_in(site: str, username: str) -> RemoteDesk:
    """Return the desk as somebody sees it who signed in over REST.

    Raises:
        TourBroken: the sign-in is refused.
    """
    return RemoteDesk(site, await _token(site, username))


async def _token(site: str, username: str) -> str:
    body = {"username": username, "password": _password(username)}
    async with aiohttp.ClientSession() as http, http.post(f"{site}/api/v1/tokens/", json=body) as answer:
        signed_in = await answer.json()
        if answer.status != 200:
            raise TourBroken(f"{username} could not sign in: {signed_in}")
    return signed_in["access_token"]


async def health(site: str, username: str) -> dict[str, Any]:
    """Return what ``/health`` tells a member of staff, who sees each part.

    Raises:
        TourBroken: the sign-in is refused.
    """
    headers = {"Authorization": f"Bearer {await _token(site, username)}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.get(f"{site}/health") as answer,
    ):
        return await answer.json()


async def stats(site: str, username: str) -> dict[str, Any]:
    """Return what ``/stats`` tells a member of staff, who signs in by the page as in a browser.

    Raises:
        TourBroken: it tells them nothing.
    """
    page = f"{site}/accounts/sign-in/"
    jar = aiohttp.CookieJar(unsafe=True)  # the desk is at an address, not a name
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        async with http.get(page) as answer:
            await answer.read()
        csrf = next((cookie.value for cookie in jar if cookie.key == "csrftoken"), "")
        form = {"login": username, "password": _password(username), "csrfmiddlewaretoken": csrf}
        async with http.post(page, data=form, headers={"Origin": site, "Referer": page}) as answer:
            await answer.read()
        async with http.get(f"{site}/stats") as answer:
            if answer.status != 200:
                raise TourBroken(f"/stats answers {answer.status} to {username}")
            return await answer.json()
