"""Questions that found too little, grouped; each leads to its conversation and to a new policy."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import User
from chat.admin.grouping import group_alike
from chat.models import Citation, Conversation, Message, Turn
from knowledge.models import Document

pytestmark = pytest.mark.django_db
PAGE = "/admin/chat/weakquestion/"


@pytest.fixture
def staff(client, carol):
    client.force_login(carol)
    return client


@pytest.fixture
def asked(alice, bob):
    """Ask questions that ended with a given grounding."""

    def _asked(text, *, grounding="refused", owner=alice, days_ago=0, **known):
        thread = Conversation.objects.create(owner=owner)
        at = timezone.now() - timedelta(days=days_ago, minutes=Turn.objects.count())
        said = Message.objects.create(conversation=thread, position=1, role="user", text=text, created_at=at)
        return Turn.objects.create(
            conversation=thread, position=1, question=said, grounding=grounding, language="en",
            confidence=1.5, created_at=at, deadline_at=at, status="completed", **known,
        )  # fmt: skip

    return _asked


def groups_of(response):
    return [(group.typical.question.text, group.count) for group in response.context["groups"]]


def test_like_questions_are_one_group_the_largest_first(staff, asked, bob):
    asked("Do you sell sandwiches on board?")
    for owner in (bob, bob):
        asked("Can I charter a whole aircraft?", owner=owner)
    asked("How do I charter an aircraft for my company?")
    response = staff.get(PAGE)
    assert groups_of(response) == [
        ("Can I charter a whole aircraft?", 3),
        ("Do you sell sandwiches on board?", 1),
    ]
    first = response.context["groups"][0]
    assert (first.people, len(first.turns)) == (2, 3)


def test_well_grounded_and_old_questions_are_left_out(staff, asked):
    asked("How heavy may a bag be?", grounding="sure")
    asked("Hello", grounding="")
    asked("Can I charter an aircraft?", days_ago=40)
    assert "No such questions" in staff.get(PAGE).content.decode()
    assert groups_of(staff.get(PAGE, {"days": 90})) == [("Can I charter an aircraft?", 1)]


def test_kind_is_filtered(staff, asked):
    asked("Can I charter an aircraft?", grounding="refused")
    asked("Is the lounge open?", grounding="unsure")
    asked("Who owns the company?", grounding="insufficient")
    found = groups_of(staff.get(PAGE, {"grounding": ["unsure", "insufficient"]}))
    assert {text for text, _ in found} == {"Is the lounge open?", "Who owns the company?"}
    assert len(groups_of(staff.get(PAGE, {"days": "soon", "grounding": "nonsense"}))) == 3


def test_page_shows_the_closest_passage_and_leads_on(staff, asked, library):
    turn = asked("Can I bring a horse?", grounding="unsure")
    passage = library["pets"].passages.get()
    Citation.objects.create(
        turn=turn, number=1, kind="passage", passage_id=passage.pk, title="Travelling with pets",
        section="Pets in the cabin", quote="x",
    )  # fmt: skip
    page = staff.get(PAGE).content.decode()
    assert f"/knowledge/passages/{passage.pk}/#cited" in page
    assert "Travelling with pets › Pets in the cabin" in page
    assert f"/admin/chat/conversation/{turn.conversation_id}/change/" in page
    assert f"/admin/chat/trial/?turn={turn.pk}" in page


def test_new_policy_begins_with_the_question_as_its_title(staff, asked):
    turn = asked("Can I charter an aircraft?")
    response = staff.post(f"{PAGE}{turn.pk}/document/", follow=True)
    form = response.context["adminform"].form
    assert form["title"].value() == "Can I charter an aircraft?"
    assert form["slug"].value() == "can-i-charter-an-aircraft"
    assert "charter" not in response.request["PATH_INFO"] + response.request["QUERY_STRING"]
    assert staff.get("/admin/knowledge/document/add/").context["adminform"].form["title"].value() is None


def test_what_people_wrote_is_escaped(staff, asked):
    asked("<script>alert(1)</script>")
    page = staff.get(PAGE).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_queries_do_not_grow_with_the_questions(staff, asked, django_assert_max_num_queries):
    for number in range(30):
        asked(f"What about thing{number}?")
    with django_assert_max_num_queries(12):
        staff.get(PAGE)


def test_customers_are_sent_to_sign_in(client, bob, asked):
    turn = asked("Can I charter an aircraft?")
    client.force_login(bob)
    for response in (client.get(PAGE), client.post(f"{PAGE}{turn.pk}/document/")):
        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]


def test_staff_need_the_permissions(client, asked):
    turn = asked("Can I charter an aircraft?")
    dave = User.objects.create_user("dave", "dave@example.com", "x", is_staff=True)
    client.force_login(dave)
    assert client.get(PAGE).status_code == 403
    dave.user_permissions.add(Permission.objects.get(codename="view_turn"))
    page = client.get(PAGE).content.decode()
    assert "Can I charter" in page
    assert "Write a policy" not in page
    assert "/admin/chat/conversation/" not in page
    assert client.post(f"{PAGE}{turn.pk}/document/").status_code == 403
    assert not Document.objects.exists()


def typical(*texts):
    return [(group.typical, group.members) for group in group_alike([(text, text, "en") for text in texts])]


def test_grouping_does_not_hang_on_the_order():
    texts = ["Can I charter a plane?", "May one charter planes?", "Is there wifi?", "is there WIFI on board"]
    there, back = typical(*texts), typical(*reversed(texts))
    assert sorted(sorted(members) for _, members in there) == sorted(sorted(members) for _, members in back)
    assert len(there) == 2


def test_questions_of_small_words_alone_are_grouped_too():
    assert [len(members) for _, members in typical("and then?", "And then?", "why", "")] == [2, 1, 1]


def test_personal_values_are_left_out(staff, asked):
    turn = asked("Where is the refund to alice@example.com, card 4111 1111 1111 1112?")
    page = staff.get(PAGE).content.decode()
    assert "Where is the refund to [EMAIL], card [CARD]?" in page
    assert "4111 1111" not in page
    staff.post(f"{PAGE}{turn.pk}/document/")
    assert "alice@" not in str(dict(staff.session))
