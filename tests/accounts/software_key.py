"""A security key made of software: it answers as the browser hands its answers on."""

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

ADD = "/account/2fa/webauthn/add/"
FLAG = AuthenticatorData.FLAG
PRESENT = FLAG.UP | FLAG.UV


@dataclass
class SoftwareKey:
    """`site` is the origin that the browser stands on; a key answers for the site's name alone."""

    site: str = "https://testserver"
    rp_id: str = "testserver"
    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    count: int = 0

    def register(self, options: dict[str, Any]) -> str:
        """The answer to `creation_options`, as JSON."""
        data = self._client_data("webauthn.create", options["publicKey"]["challenge"])
        public = ES256.from_cryptography_key(self.secret.public_key())
        attested = AttestedCredentialData.create(bytes(16), self.credential_id, public)
        about = AuthenticatorData.create(self._rp_hash(), PRESENT | FLAG.AT, self.count, bytes(attested))
        proof = AttestationObject.create("none", about, {})
        return self._said({"attestationObject": websafe_encode(bytes(proof))}, data)

    def answer(self, options: dict[str, Any]) -> str:
        """The answer to `request_options`, as JSON."""
        self.count += 1
        data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        about = AuthenticatorData.create(self._rp_hash(), PRESENT, self.count)
        signed = self.secret.sign(bytes(about) + data.hash, ec.ECDSA(hashes.SHA256()))
        return self._said(
            {"authenticatorData": websafe_encode(bytes(about)), "signature": websafe_encode(signed)}, data
        )

    def _client_data(self, what: str, challenge: Any) -> CollectedClientData:
        return CollectedClientData.create(what, challenge, self.site)

    def _rp_hash(self) -> bytes:
        return sha256(self.rp_id.encode()).digest()

    def _said(self, response: dict[str, str], data: CollectedClientData) -> str:
        own = websafe_encode(self.credential_id)
        return json.dumps(
            {
                "type": "public-key",
                "id": own,
                "rawId": own,
                "response": {"clientDataJSON": websafe_encode(bytes(data)), **response},
                "clientExtensionResults": {},
            }
        )


def options(client: Client, address: str, name: str) -> dict:
    """What the page hands to the browser, as the browser reads it."""
    response = client.get(address)
    assert response.status_code == 200, response
    return json.loads(json.dumps(response.context["js_data"][name], default=_plain))


def _plain(value: object) -> object:
    return dict(value)  # type: ignore[call-overload]


def add_key(client: Client, name: str = "Work telephone") -> SoftwareKey:
    key = SoftwareKey()
    credential = key.register(options(client, ADD, "creation_options"))
    response = client.post(ADD, {"name": name, "credential": credential})
    assert response.status_code == 302
    return key
