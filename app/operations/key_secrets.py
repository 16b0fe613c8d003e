"""How a key is made, read and compared: `rsd_<number>_<32 random bytes>`, of which only a digest is kept."""

import hmac
import re
import secrets
from hashlib import sha256
from typing import NamedTuple

RANDOM_BYTES = 32
SHOWN_CHARACTERS = 4
"""Of the random part, by which people tell keys apart; 39 characters remain to be guessed."""
_FORM = re.compile(r"rsd_([1-9][0-9]{0,14})_[A-Za-z0-9_-]{43}")
_NOBODYS = sha256(secrets.token_bytes(RANDOM_BYTES)).digest()
"""Compared with where no such key is held, so that this takes as long."""


class MadeKey(NamedTuple):
    """A new key: the one moment in which it is known."""

    key: str
    prefix: str
    digest: bytes

    def __repr__(self) -> str:
        return f"MadeKey({self.prefix}…)"


class ClaimedKey(NamedTuple):
    """A key that somebody sent: which one it says it is, and its digest. The key itself is not carried any further."""

    key_id: int | None
    """None for what is no key of ours by its form."""
    digest: bytes


def make_key(key_id: int) -> MadeKey:
    """A key under a number. SHA-256 is enough: nobody tries out 32 random bytes."""
    key = f"rsd_{key_id}_{secrets.token_urlsafe(RANDOM_BYTES)}"
    shown = len(f"rsd_{key_id}_") + SHOWN_CHARACTERS
    return MadeKey(key, key[:shown], _digest(key))


def read_key(text: str) -> ClaimedKey:
    """What a key says of itself."""
    form = _FORM.fullmatch(text)
    return ClaimedKey(int(form[1]) if form else None, _digest(text))


def is_same_key(claimed: ClaimedKey, held_digest: bytes | None) -> bool:
    """Whether it is the key that is held; takes as long where none is."""
    return hmac.compare_digest(claimed.digest, held_digest or _NOBODYS) and held_digest is not None


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()
