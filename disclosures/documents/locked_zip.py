"""One file in a ZIP that opens with its password alone: WinZip's AE-2, AES-256, which 7-Zip and WinZip read.

Key and MAC key come from PBKDF2 over the password (1,000 rounds of HMAC-SHA-1, as the format has it), so all of the
strength is the password's: it must be drawn, never chosen (`new_password` gives a hundred bits).
"""

import hashlib
import hmac
import secrets
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# Letters and digits that nobody mishears or misreads when they are spelt out on a telephone.
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH, GROUP = 21, 7
SALT, KEY, CHECK, MAC, BLOCK = 16, 32, 2, 10, 16
METHOD_AES, STORED_OR_DEFLATED, VERSION = 99, 8, 51
ENCRYPTED, UTF8_NAME = 0x1, 0x800
AE_2, STRENGTH_256 = 2, 3
EPOCH = (1 << 5) | 1  # 1 January 1980: the file says nothing of when it was made


def new_password() -> str:
    """Three groups of seven, a hundred bits and some."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(drawn[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def locked_zip(name: str, content: bytes, password: str, *, salt: bytes = b"") -> bytes:
    """`salt` is drawn unless a test gives one."""
    salt = salt or secrets.token_bytes(SALT)
    keys = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, 1000, 2 * KEY + CHECK)
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    sealed = _counter_mode(deflate.compress(content) + deflate.flush(), keys[:KEY])
    mac = hmac.new(keys[KEY : 2 * KEY], sealed, "sha1").digest()[:MAC]
    stored = salt + keys[2 * KEY :] + sealed + mac
    return _archive(name.encode(), stored, len(content))


def _counter_mode(data: bytes, key: bytes) -> bytes:
    """AES in counter mode with the format's own counter: little end first, from 1."""
    blocks = -(-len(data) // BLOCK)
    counters = b"".join(number.to_bytes(BLOCK, "little") for number in range(1, blocks + 1))
    # Each counter is encrypted by itself and none comes twice under one key: that is what counter mode is.
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305
    stream = encryptor.update(counters)
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))


def _archive(name: bytes, stored: bytes, size: int) -> bytes:
    extra = struct.pack("<HHH2sBH", 0x9901, 7, AE_2, b"AE", STRENGTH_256, STORED_OR_DEFLATED)
    # AE-2 keeps no checksum of the plain text: the MAC stands for it.
    about = struct.pack(
        "<HHHHHIIIHH",
        VERSION,
        ENCRYPTED | UTF8_NAME,
        METHOD_AES,
        0,
        EPOCH,
        0,
        len(stored),
        size,
        len(name),
        len(extra),
    )
    local = b"PK\x03\x04" + about + name + extra + stored
    central = (
        b"PK\x01\x02"
        + struct.pack("<H", VERSION)
        + about
        + struct.pack("<HHHII", 0, 0, 0, 0, 0)
        + name
        + extra
    )
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + end
