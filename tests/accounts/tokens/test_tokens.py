"""Tokens from a sign-in: had, renewed, forged, ended."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import jwt
import pytest
from allauth.headless.tokens.strategies.jwt import internal
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import connection

from accounts.models import User
from tests.accounts.identity.steps import NOON, code_of
from tests.accounts.tokens.conftest import CONVERSATIONS, Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_user_name_or_address_gives_tokens(program, alice):
    answer = program.sign_in(alice)
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 900
    assert answer["Cache-Control"] == "no-store"
    assert program.is_let_in
    by_address = Program()
    by_address.keep(by_address.post("/api/v1/tokens/", {"email": alice.email, "password": PASSWORD}))
    assert by_address.is_let_in


def test_no_cookie_is_given(program, alice):
    program.sign_in(alice)
    assert not program.http.cookies


@pytest.mark.parametrize("password", ["wrong", PASSWORD.upper(), " " + PASSWORD])
def test_wrong_password_is_refused(program, alice, password):
    answer = program.sign_in(alice, password=password)
    assert code(answer) == (401, "invalid_login")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_unknown_person_gets_the_words_of_a_wrong_password(program, alice):
    known = program.sign_in(alice, password="wrong").json()
    unknown = program.post("/api/v1/tokens/", {"username": "nobody", "password": "wrong"}).json()
    assert known == unknown


@pytest.mark.parametrize("body", [None, [], "x", {"username": "alice"}, {"password": "x"}, {"username": 7}])
def test_bad_body_is_told(program, alice, body):
    assert program.http.post("/api/v1/tokens/", json.dumps(body), "application/json").status_code in (
        400,
        401,
    )
    assert program.http.post("/api/v1/tokens/", "{", "application/json").status_code == 400


def test_second_step_is_asked_for(program, alice, monkeypatch):
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: NOON))  # no code grows old on its way
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    first = program.sign_in(alice)
    assert code(first) == (401, "mfa_required")
    assert first.json()["methods"] == ["totp"]
    assert "access_token" not in first.json()
    session = {"X-Session-Token": first.json()["session_token"]}
    wrong = program.post("/api/v1/tokens/second-step/", {"code": "000000"}, **session)
    assert wrong.status_code == 401
    good = code_of(secret)
    program.keep(program.post("/api/v1/tokens/second-step/", {"code": good}, **session))
    assert program.is_let_in


def test_recovery_code_is_a_second_step(program, alice):
    TOTP.activate(alice, generate_totp_secret())
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    session = {"X-Session-Token": program.sign_in(alice).json()["session_token"]}
    program.keep(program.post("/api/v1/tokens/second-step/", {"code": codes[0]}, **session))
    assert program.is_let_in


def test_second_step_without_a_first_is_refused(program, alice):
    assert code(program.post("/api/v1/tokens/second-step/", {"code": "123456"})) == (401, "invalid_login")


def test_refresh_gives_the_next_pair(signed_in):
    old_access, old_refresh = signed_in.bearer, signed_in.refresh
    assert signed_in.use_refresh().status_code == 200
    assert signed_in.is_let_in
    assert (signed_in.bearer, signed_in.refresh) != (old_access, old_refresh)


def test_refresh_token_that_comes_again_ends_the_family(signed_in):
    used = signed_in.refresh
    signed_in.use_refresh()
    thief = Program()
    assert code(thief.use_refresh(used)) == (401, "invalid_token")
    assert not signed_in.is_let_in
    assert signed_in.use_refresh().status_code == 401


def test_reuse_leaves_other_sign_ins_alone(signed_in, alice):
    other = Program()
    other.sign_in(alice)
    used = signed_in.refresh
    signed_in.use_refresh()
    Program().use_refresh(used)
    assert other.is_let_in


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_refreshes(signed_in):
    def refresh(_):
        try:
            return Program().use_refresh(signed_in.refresh).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(refresh, range(8)))
    assert answers.count(200) == 1
    assert set(answers) == {200, 401}


def test_access_token_refreshes_nothing(signed_in):
    assert Program().use_refresh(signed_in.bearer).status_code == 401
    assert signed_in.is_let_in


def test_refresh_token_opens_nothing(signed_in):
    signed_in.bearer = signed_in.refresh
    assert not signed_in.is_let_in


@pytest.mark.parametrize("which", ["bearer", "refresh"])
def test_sign_out_ends_the_tokens(signed_in, which):
    answer = Program().post("/api/v1/tokens/revoke/", {"token": getattr(signed_in, which)})
    assert answer.status_code == 204
    assert not signed_in.is_let_in
    assert signed_in.use_refresh().status_code == 401


def test_sign_out_with_nonsense_says_nothing(program, db):
    assert program.post("/api/v1/tokens/revoke/", {"token": "nonsense"}).status_code == 204


def test_signing_out_elsewhere_ends_the_tokens(signed_in, alice):
    UserSession.objects.get(user=alice).end()
    assert not signed_in.is_let_in


def test_new_password_ends_the_tokens(signed_in, alice):
    alice.set_password("another-horse-43")
    alice.save()
    assert not signed_in.is_let_in
    assert signed_in.use_refresh().status_code == 401


def test_deactivation_ends_the_tokens(signed_in, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)  # no signal tells of it
    assert not signed_in.is_let_in
    assert signed_in.use_refresh().status_code == 401


def test_deletion_ends_the_tokens(signed_in, alice):
    alice.delete()
    assert not signed_in.is_let_in
    assert signed_in.use_refresh().status_code == 401


def test_expired_token_opens_nothing(signed_in, monkeypatch):
    now = time.time()
    payload = jwt.decode(signed_in.bearer, options={"verify_signature": False})
    monkeypatch.setattr(internal.time, "time", lambda: now - 1_000)
    signed_in.bearer = internal.create_token(
        "access", sub=payload["sub"], sid=payload["sid"], expires_in=900
    )[0]
    monkeypatch.undo()
    assert not signed_in.is_let_in


def _part(content: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _forgeries(token: str, bob: User) -> dict[str, str]:
    head, body, signature = token.split(".")
    payload = jwt.decode(token, options={"verify_signature": False})
    as_bob = {**payload, "sub": str(bob.pk)}
    key = settings.HEADLESS_JWT_PRIVATE_KEY
    return {
        "no algorithm": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "none in capitals": f"{_part({'alg': 'NONE', 'typ': 'JWT'})}.{body}.",
        "none with the signature": f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.{signature}",
        "another algorithm": jwt.encode(payload, key * 2, algorithm="HS512"),
        "public-key algorithm named": f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{body}.{signature}",
        "another key": jwt.encode(payload, "0" * 64, algorithm="HS256"),
        "the site's own key": jwt.encode(payload, settings.SECRET_KEY, algorithm="HS256"),
        "changed body": f"{head}.{_part(as_bob)}.{signature}",
        "another person's name in a signed token": jwt.encode(as_bob, key, algorithm="HS256"),
        "no expiry": jwt.encode(
            {k: v for k, v in payload.items() if k != "exp"}, "x" * 64, algorithm="HS256"
        ),
        "no signature": f"{head}.{body}.",
        "not a token": "a.b.c",
        "empty parts": "..",
        "long": "a.b." + "c" * 10_000,
        "not ASCII": "ñ.ñ.ñ",
    }


def test_forged_tokens_open_nothing(signed_in, bob):
    for name, forged in _forgeries(signed_in.bearer, bob).items():
        answer = Program().get(CONVERSATIONS, Authorization=f"Bearer {forged}")
        assert answer.status_code == 401, name
        assert answer["WWW-Authenticate"].startswith("Bearer"), name


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWxpY2U6eA==", "Token x", "bearer  "])
def test_header_without_a_token_opens_nothing(db, program, header):
    assert program.get(CONVERSATIONS, Authorization=header).status_code == 401


def test_password_on_each_request_is_not_taken(db, program, alice):
    basic = base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
    assert program.get(CONVERSATIONS, Authorization=f"Basic {basic}").status_code == 401


def test_bob_sees_his_own(signed_in, bob, alice):
    conversation = signed_in.post(CONVERSATIONS).json()["id"]
    bobs = Program()
    bobs.sign_in(bob)
    assert bobs.get(f"{CONVERSATIONS}{conversation}/").status_code == 404
    assert signed_in.get(f"{CONVERSATIONS}{conversation}/").status_code == 200


def test_tokens_need_no_csrf_token(signed_in):
    assert signed_in.post(CONVERSATIONS).status_code == 201


def test_too_many_tries_are_told_to_wait(program, alice):
    for _ in range(40):
        answer = program.sign_in(alice, password="wrong")
        if answer.status_code == 429:
            break
    assert code(answer) == (429, "rate_limited")
    assert int(answer["Retry-After"]) > 0
