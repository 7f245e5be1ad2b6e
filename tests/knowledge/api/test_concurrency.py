"""Two clients at once: one is first, the other is told; nothing is lost, doubled or an error."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from knowledge.documents.publish import save_draft
from knowledge.models import Document, Passage, Version
from knowledge.search import index_state
from tests.knowledge.api.conftest import client_of

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/documents/"


def at_once(user, *requests):
    """Send the requests at the same moment and return the answers in their order."""
    together = Barrier(len(requests))

    def send(request):
        method, path, body, headers = request
        client = client_of(user)
        together.wait()
        try:
            return getattr(client, method)(URL + path, body, format="json", **headers)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def codes(answers):
    return sorted(
        (answer.status_code, (answer.json() if answer.content else {}).get("code")) for answer in answers
    )


def test_draft_is_published_by_one_of_two(carol):
    save_draft(Document.objects.create(slug="pets", title="Pets"), "Small dogs may travel.")
    answers = at_once(carol, *[("post", "pets/versions/1/publish", None, {})] * 2)
    assert codes(answers) == [(200, None), (409, "already_published")]
    assert Passage.objects.count() == 1
    assert index_state()["ok"]


def test_slug_is_given_to_one_of_two(carol):
    body = {"title": "Pets", "text": "Small dogs may travel.", "publish": True}
    answers = at_once(carol, *[("post", "", body, {})] * 3)
    assert codes(answers) == [(201, None), (409, "taken"), (409, "taken")]
    assert Version.objects.count() == 1


def test_draft_is_replaced_by_one_of_two_who_saw_it(carol):
    save_draft(Document.objects.create(slug="pets", title="Pets"), "Seen by both.")
    seen = {"HTTP_IF_MATCH": client_of(carol).get(f"{URL}pets/")["ETag"]}
    texts = ("Mine.\n", "Yours.\n")
    answers = at_once(carol, *[("post", "pets/versions/", {"text": text}, seen) for text in texts])
    assert codes(answers) == [(201, None), (412, "changed")]
    kept = next(answer.json()["text"] for answer in answers if answer.status_code == 201)
    assert Version.objects.get().text == kept


def test_first_draft_is_not_replaced_by_a_second(carol, publish):
    publish("pets", "Small dogs may travel.")
    answers = at_once(carol, *[("post", "pets/versions/", {"text": text}, {}) for text in ("A.", "B.", "C.")])
    assert codes(answers) == [(201, None), (409, "draft"), (409, "draft")]
    assert Version.objects.count() == 2


def test_text_published_meanwhile_is_not_rewritten(carol):
    for number in range(5):
        document = Document.objects.create(slug=f"pets-{number}", title="Pets")
        save_draft(document, "Small dogs may travel.")
        path = f"{document.slug}/versions/"
        published, written = at_once(
            carol,
            ("post", f"{path}1/publish", None, {}),
            ("post", path, {"text": "Cats too."}, {"HTTP_IF_MATCH": "*"}),
        )
        assert (published.status_code, written.status_code) == (200, 201)
        first = document.versions.get(number=1)
        assert first.status == "published"
        assert [passage.text for passage in first.passages.all()] == [first.text.strip()]
        # Either the draft was rewritten before it came out, or the new text is a draft of its own.
        assert first.text == "Cats too.\n" or document.versions.get(number=2).text == "Cats too.\n"


def test_readers_of_a_document_that_is_deleted_never_meet_an_error(carol, publish):
    for _ in range(5):
        publish("pets", "Small dogs may travel in the cabin.")
        reads = ("pets/", "pets/versions/", "pets/versions/1/", "pets/versions/1/passages/")
        answers = at_once(carol, ("delete", "pets/", None, {}), *[("get", path, None, {}) for path in reads])
        assert answers[0].status_code == 204
        assert {answer.status_code for answer in answers[1:]} <= {200, 404}
    assert not Document.objects.exists()
    assert index_state() | {"revision": 0} == {"ok": True, "passages": 0, "terms": 0, "revision": 0}
