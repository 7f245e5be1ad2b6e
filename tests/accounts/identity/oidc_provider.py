"""An OpenID Connect provider over real HTTP on this machine, as strict as the protocol lets it be."""

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET, KEY_ID = "desk", "desk-secret", "key-1"


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


class OIDCProvider:
    """``with`` serves it. Whoever comes is ``person``; ``lies`` replaces claims of the identity token.

    Attributes:
        requests: every authorization request, in order.
        refusals: why the token endpoint said no.
        signs_with_another_key: the token is then signed with a key that the key set does not have.
    """

    def __init__(self) -> None:
        self.person: dict[str, object] = {}
        self.lies: dict[str, object] = {}
        self.requests: list[dict[str, str]] = []
        self.refusals: list[str] = []
        self.signs_with_another_key = False
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: dict[str, dict[str, object]] = {}
        self._own_key, self._other_key = _key(), _key()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def configuration(self) -> dict[str, object]:
        """Answer /.well-known/openid-configuration."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, object]:
        """Answer /keys."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._own_key.public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "alg": "RS256", "use": "sig"}]}

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the person is sent back to."""
        self.requests.append(query)
        code = secrets.token_urlsafe()
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> dict[str, object]:
        """Exchange a code; each works once, and only for who asked.

        Raises:
            PermissionError: the request is not what the authorization was for.
        """
        asked = self._codes.pop(form.get("code", ""), None)
        self._refuse_unless(asked is not None, "code")
        self._refuse_unless(
            (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET), "client"
        )
        self._refuse_unless(form.get("redirect_uri") == asked["redirect_uri"], "redirect_uri")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self._refuse_unless(asked.get("code_challenge_method") == "S256", "pkce method")
        self._refuse_unless(asked.get("code_challenge") == challenge, "pkce")
        access = secrets.token_urlsafe()
        self._tokens[access] = dict(self.person)
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": asked.get("nonce")}
        key = self._other_key if self.signs_with_another_key else self._own_key
        identity = jwt.encode(
            {**claims, **self.person, **self.lies}, key, algorithm="RS256", headers={"kid": KEY_ID}
        )
        return {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": identity}

    def _refuse_unless(self, fits: bool, what: str) -> None:
        if not fits:
            self.refusals.append(what)
            raise PermissionError(what)

    def userinfo(self, authorization: str) -> dict[str, object]:
        """Answer /userinfo."""
        return self._tokens[authorization.removeprefix("Bearer ")]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Stay quiet."""

            def _answer(self, body: object, status: int = 200) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                if url.path == "/authorize":
                    query = {name: values[0] for name, values in parse_qs(url.query).items()}
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(query))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                elif url.path == "/keys":
                    self._answer(provider.keys())
                elif url.path == "/userinfo":
                    self._answer(provider.userinfo(self.headers["Authorization"]))
                else:
                    self._answer(provider.configuration())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                try:
                    self._answer(provider.token(form))
                except PermissionError as error:
                    self._answer({"error": "invalid_grant", "error_description": str(error)}, 400)

        return Handler
