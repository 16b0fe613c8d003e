"""Sign how the audit trail stands, and keep that outside of the database: once a day, and when asked."""

from pathlib import Path

from sqlalchemy import Connection

from app.durable import append_line, read_lines
from app.operations.verify_audit import is_signed_by
from app.signing import load_or_make_key
from app.store.audit import find_entry, find_tip
from measurements.agreements.checkpoints import Checkpoint, line_of, read_line, sealed, signed_bytes
from measurements.errors import RasadError


class TrailBroken(RasadError):
    """The audit trail does not go on from its last checkpoint."""


def write_checkpoint(connection: Connection, key_file: Path, file: Path, now_at: int) -> Checkpoint | None:
    """Append a checkpoint to a file; gives it, or None where there is nothing to sign yet, and then makes no key.

    Raises `TrailBroken` where the trail is not the one of the last checkpoint: a new one would hide that.
    """
    lines = read_lines(file)
    tip = find_tip(connection)
    entry = find_entry(connection, tip.n_entries)
    if entry is None and not lines:
        return None
    key = load_or_make_key(key_file)
    kept = [one for one in map(read_line, lines) if one is not None and is_signed_by(key.public, one)]
    last = max(kept, key=lambda one: one.n_entries, default=None)
    if entry is None or (last is not None and not _goes_on(connection, last)):
        raise TrailBroken(
            f"the audit trail is not the one whose checkpoints are in {file}: `rasad audit verify` says what differs. "
            "Once that is understood, put the file aside, and a new one is begun"
        )
    unsigned = Checkpoint(
        at=now_at,
        n_entries=tip.n_entries,
        head=tip.head,
        head_act=entry.act.encode("ascii", "backslashreplace").decode(),
        head_at=entry.at,
        key=key.public.digits,
    )
    checkpoint = sealed(unsigned, key.sign(signed_bytes(unsigned)))
    append_line(file, line_of(checkpoint))
    return checkpoint


def _goes_on(connection: Connection, last: Checkpoint) -> bool:
    entry = find_entry(connection, last.n_entries)
    return entry is not None and entry.hash == last.head
