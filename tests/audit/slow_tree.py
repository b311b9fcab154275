"""RFC 6962 section 2.1, word for word and slowly: the oracle for `audit.tree`, which it does not import."""

from hashlib import sha256


def mth(hashes: list[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


def tiles(hashes: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Every tile of the tree as tlog-tiles defines it, partial ones included."""
    found = {}
    level, span = 0, 1
    while span <= len(hashes):
        row = [mth(hashes[at : at + span]) for at in range(0, len(hashes) - span + 1, span)]
        for n in range((len(row) + 255) // 256):
            found[level, n] = b"".join(row[n * 256 : n * 256 + 256])
        level, span = level + 1, span * 256
    return found


def path(m: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1: the audit path of the leaf m."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m < k:
        return [*path(m, hashes[:k]), mth(hashes[k:])]
    return [*path(m - k, hashes[k:]), mth(hashes[:k])]


def subproof(m: int, hashes: list[bytes], whole: bool = True) -> list[bytes]:
    """RFC 6962 section 2.1.2: the consistency proof between the first m leaves and all."""
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m <= k:
        return [*subproof(m, hashes[:k], whole), mth(hashes[k:])]
    return [*subproof(m - k, hashes[k:], False), mth(hashes[:k])]
