"""The cipher itself, against the vectors that the `cryptography` project publishes."""

from collections.abc import Iterator
from typing import TextIO

import pytest
from cryptography_vectors import open_vector_file

from sealing import gcm
from sealing.gcm import CannotOpen

NONCE_BITS, TAG_BITS = "96", "128"


def vectors(name: str) -> list[dict[str, str]]:
    """Those with our nonce and tag lengths, as the fields of the NIST response file plus FAIL."""
    with open_vector_file(f"ciphers/AES/GCM/{name}", "r") as lines:
        return [vector for vector in _read(lines) if _is_ours(vector)]


def _read(lines: TextIO) -> Iterator[dict[str, str]]:
    lengths: dict[str, str] = {}
    vector: dict[str, str] = {}
    for line in (raw.strip() for raw in lines):
        if line.startswith("["):
            name, _, value = line.strip("[]").partition("=")
            lengths[name.strip()] = value.strip()
        elif line.startswith("Count"):
            if vector:
                yield vector
            vector = dict(lengths)
        elif "=" in line or line == "FAIL":
            name, _, value = line.partition("=")
            vector[name.strip()] = value.strip()
    yield vector


def _is_ours(vector: dict[str, str]) -> bool:
    return (vector["Keylen"], vector["IVlen"], vector["Taglen"]) == ("256", NONCE_BITS, TAG_BITS)


def parts(vector: dict[str, str]) -> tuple[bytes, bytes, bytes, bytes]:
    key, nonce, aad = (bytes.fromhex(vector[name]) for name in ("Key", "IV", "AAD"))
    return key, nonce, aad, bytes.fromhex(vector["CT"] + vector["Tag"])


def test_sealing_gives_the_published_bytes() -> None:
    found = vectors("gcmEncryptExtIV256.rsp")
    assert len(found) >= 300
    for vector in found:
        key, nonce, aad, sealed = parts(vector)
        plaintext = bytes.fromhex(vector["PT"])
        assert gcm.encrypt(key=key, nonce=nonce, plaintext=plaintext, aad=aad) == sealed


def test_opening_gives_the_published_text_or_refuses_where_it_must() -> None:
    found = vectors("gcmDecrypt256.rsp")
    refused = 0
    for vector in found:
        key, nonce, aad, sealed = parts(vector)
        if "FAIL" in vector:
            refused += 1
            with pytest.raises(CannotOpen):
                gcm.unseal(key=key, box=nonce + sealed, aad=aad)
        else:
            assert gcm.unseal(key=key, box=nonce + sealed, aad=aad) == bytes.fromhex(vector["PT"])
    assert len(found) >= 300
    assert 0 < refused < len(found)


def test_two_lists_of_parts_never_share_a_context() -> None:
    assert gcm.context((b"ab", b"c")) != gcm.context((b"a", b"bc"))
    assert gcm.context((b"ab",)) != gcm.context((b"ab", b""))


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    key = bytes(32)
    boxes = {gcm.seal(key=key, plaintext=b"x", aad=b"") for _ in range(50)}
    assert len({box[: gcm.NONCE_BYTES] for box in boxes}) == 50


def test_a_box_cut_short_is_refused() -> None:
    box = gcm.seal(key=bytes(32), plaintext=b"x", aad=b"")
    for length in range(len(box)):
        with pytest.raises(CannotOpen):
            gcm.unseal(key=bytes(32), box=box[:length], aad=b"")
