"""A passkey device in software (Web Authentication, level 2): keeps one key and signs challenges with it."""

import hashlib
import json
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """Args: origin: of the page that asks; rp_id: the site that keys are kept for."""

    def __init__(self, origin: str = "http://localhost", rp_id: str = "localhost"):
        self.origin = origin
        self._site = hashlib.sha256(rp_id.encode()).digest()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = hashlib.sha256(str(self._key.private_numbers().private_value).encode()).digest()[:16]
        self._count = 0
        self.user_handle = ""

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def create(self, options: dict) -> str:
        """Return what a browser sends when a passkey is made."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        said = self._said("create", asked["challenge"])
        public = cbor.encode(ES256.from_cryptography_key(self._key.public_key()))
        data = self._site + struct.pack(">BI", PRESENT | VERIFIED | ATTESTED, 0)
        data += bytes(16) + struct.pack(">H", len(self._id)) + self._id + public
        made = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": websafe_encode(said), "attestationObject": websafe_encode(made)}
        return self._credential({**response, "transports": []}, {"credProps": {"rk": True}})

    def get(self, options: dict) -> str:
        """Return what a browser sends when a passkey is used."""
        said = self._said("get", options["publicKey"]["challenge"])
        self._count += 1
        data = self._site + struct.pack(">BI", PRESENT | VERIFIED, self._count)
        signature = self._key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(said),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._credential(response, {})

    def _credential(self, response: dict, extensions: dict) -> str:
        assert websafe_decode(websafe_encode(self._id)) == self._id
        name = websafe_encode(self._id)
        return json.dumps(
            {
                "type": "public-key",
                "id": name,
                "rawId": name,
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
