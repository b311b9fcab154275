"""Time stamps of RFC 3161: somebody else's clock and key vouch that a checkpoint was there by then.

Loaded only where a server is set.
"""

import urllib.request
from functools import lru_cache
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from .asking import ask

TIMEOUT_SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class StampRefused(Exception):
    """There is no time stamp that can be trusted; the text says why."""


def stamp(data: bytes, *, url: str, certificates: Path) -> bytes:
    """The response over `data`, verified, as it came. Raises `StampRefused` and `OSError`."""
    asked = (
        TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True).build()
    )
    query: bytes = asked.as_bytes()
    request = urllib.request.Request(url, data=query, headers={"Content-Type": QUERY, "Accept": REPLY})  # noqa: S310 -- http(s), by `outside`
    with ask(request, timeout=TIMEOUT_SECONDS) as answer:
        token: bytes = answer.read(LARGEST_ANSWER)
    check(data, token, certificates=certificates, nonce=asked.nonce)
    return token


def check(data: bytes, token: bytes, *, certificates: Path, nonce: int | None = None) -> None:
    """Raises `StampRefused` unless the token is over `data` and chains to a root among the certificates."""
    builder = VerifierBuilder(nonce=nonce)
    for certificate in _certificates(certificates):
        if certificate.subject == certificate.issuer:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(decode_timestamp_response(token), data)
    except (VerificationError, ValueError) as error:
        raise StampRefused(f"The time stamp is not accepted: {error}") from error


@lru_cache(maxsize=2)
def _certificates(path: Path) -> tuple[Certificate, ...]:
    return tuple(load_pem_x509_certificates(path.read_bytes()))
