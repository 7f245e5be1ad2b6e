"""What is not there, as people and as programs are told it."""

import uuid


def test_unknown_route_of_the_api_is_told_like_an_unknown_id(client, alice):
    client.force_login(alice)
    route = client.get("/api/v1/nowhere/")
    thing = client.get(f"/api/v1/turns/{uuid.uuid4()}/")
    for answer in (route, thing):
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        assert answer.json()["code"] == "not_found"
    assert route.json().keys() <= thing.json().keys()


def test_unknown_page_is_a_page(client, db):
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert b"Page not found" in answer.content


def test_problem_of_a_text_is_what_its_type_says(client, alice):
    client.force_login(alice)
    answer = client.get(f"/api/v1/conversations/{uuid.uuid4()}/export/", headers={"accept": "text/markdown"})
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404
