"""Verify the audit trail against its checkpoints, and those against a public key."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from app.signing import PublicKey
from app.store.audit import walk_entries
from measurements.agreements.chain import Findings, verify_chain
from measurements.agreements.checkpoints import Checkpoint, signature_of, signed_bytes
from measurements.errors import NotFound


def verify_audit(connection: Connection, lines: Sequence[bytes], key: PublicKey | None) -> Findings:
    """What does not fit. The lines of the checkpoints are read before the database's snapshot is taken, not after.

    Raises NotFound where there are checkpoints and no key to tell whether they are signed.
    """
    if key is None and lines:
        raise NotFound("there are checkpoints, and no key to tell whether they are genuine: name it by --public-key")
    return verify_chain(walk_entries(connection), lines, partial(is_signed_by, key) if key else _nothing_is)


def is_signed_by(key: PublicKey, checkpoint: Checkpoint) -> bool:
    """Whether a checkpoint names a key and is signed by it."""
    return checkpoint.key == key.digits and key.has_signed(signed_bytes(checkpoint), signature_of(checkpoint))


def _nothing_is(_: Checkpoint) -> bool:
    return False
