"""Check the secrets that are configured: one that anybody could guess is worse than none, as it seems to protect.

What is said of a secret never repeats any of it. A rehearsal's keys are not looked at: they are published, and guard
nothing.
"""

import ipaddress
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from app.settings import PREFIX, Settings
from app.signing import OF_OTHERS

KEYS = ("atlas_key", "atlas_create_key", "atlas_read_key", "atlas_stop_key")
SHORTEST_PASSWORD = 12
FEWEST_DIGITS = 6
"""Different ones in 32 hexadecimal digits at random: fewer come once in some billions."""
WELL_KNOWN = frozenset({"postgres", "postgresql", "rasad", "password", "changeme", "secret", "admin", "example"})
INSTEAD_OF_PASSWORD = frozenset({"passfile", "service", "sslcert"})
"""Parameters of a database's address by which it is entered otherwise."""
TYPED = "0123456789abcdef 90"
"""Neighbours in a row that somebody types; at random every eighth pair is one, or the same digit twice."""
REHEARSALS = "-5245-4845-4152-53414c000000"
"""How the keys end that a rehearsal prints: RIPE Atlas knows none of them."""


def find_weak_secrets(settings: Settings) -> tuple[str, ...]:
    """What is wrong with which secret, a sentence each; none where nothing is."""
    return (*_weak_keys(settings), *_weak_password(settings.database_url), *_open_files(settings))


def _weak_keys(settings: Settings) -> Iterator[str]:
    if settings.atlas_is_rehearsal:
        return
    for name in KEYS:
        key = getattr(settings, name)
        if key is not None and (fault := _fault_of_key(key.get_secret_value())):
            yield f"{PREFIX}{name.upper()} {fault}."


def _fault_of_key(key: str) -> str | None:
    try:
        digits = UUID(key).hex
    except ValueError:
        return "is no key of RIPE Atlas: those are UUIDs"
    if key.lower().endswith(REHEARSALS):
        return "is a rehearsal's key, which is published"
    n_typed = sum(before == after or before + after in TYPED for before, after in pairwise(digits))
    if len(set(digits)) < FEWEST_DIGITS or n_typed > len(digits) // 2:
        return "is a placeholder"
    return None


def _weak_password(url: str) -> Iterator[str]:
    """Of a PostgreSQL that is not on this machine; on this one its own rules say who may enter."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    hosts = [parts.hostname or "", *asked.get("host", ())]
    if parts.scheme.partition("+")[0] != "postgresql" or all(map(_is_here, hosts)):
        return
    [password] = asked.get("password", [unquote(parts.password or "")])[:1]
    if not password and INSTEAD_OF_PASSWORD & asked.keys():
        return
    names = {unquote(parts.username or "").lower(), parts.path.strip("/").lower()}
    if not password:
        fault = "is empty"
    elif password.lower() in WELL_KNOWN | names or len(set(password)) == 1:
        fault = "is a default"
    elif len(password) < SHORTEST_PASSWORD:
        fault = f"is shorter than {SHORTEST_PASSWORD} characters"
    else:
        return
    yield f"{PREFIX}DATABASE_URL: the password of a database on another machine {fault}."


def _is_here(host: str) -> bool:
    """Whether a host is this machine; none, and a folder, are its own sockets."""
    if not host or host.startswith("/") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _open_files(settings: Settings) -> Iterator[str]:
    file = settings.audit_key_file
    try:
        is_open = bool(file.stat().st_mode & OF_OTHERS)
    except OSError:
        return  # there is none yet
    if is_open:
        yield f"{PREFIX}AUDIT_KEY_FILE: the key may be read by others than its owner: chmod 600 it."
