"""Sign how the audit trail stands, and keep that outside of the database: once a day, and when asked."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from app.durable import append_line, read_lines
from app.operations.verify_audit import verify_audit
from app.signing import load_or_make_key
from app.store.audit import find_entry, find_tip
from measurements.agreements.checkpoints import Checkpoint, line_of, read_line, sealed, signed_bytes
from measurements.errors import RasadError


class TrailBroken(RasadError):
    """Somebody has tampered with the audit trail."""


def write_checkpoint(
    connection: Connection, key_file: Path, file: Path, now_at: int, make_durable: Callable[[], None]
) -> Checkpoint | None:
    """Append a checkpoint to a file; gives it, or None where there is nothing to sign yet, and then makes no key.

    The whole trail is verified first, so that whoever tampers with it is noticed within a day. Raises `TrailBroken`
    where they are: a new checkpoint would look as if all were well. `make_durable` sees that what is about to be
    signed is on the disk: after a power cut, entries that a checkpoint counts must not be missing.
    """
    lines = read_lines(file)
    tip = find_tip(connection)
    entry = find_entry(connection, tip.n_entries)
    if entry is None and not lines:
        return None
    key = load_or_make_key(key_file)
    for fault in verify_audit(connection, lines, key.public).faults:
        if fault.number is not None:  # a line that is no checkpoint of ours says nothing about the trail
            raise TrailBroken(
                f"{fault.says}. `rasad audit verify` says all that is wrong; once it is understood, "
                f"put {file} aside, and new checkpoints are begun"
            )
    if entry is None:
        return None
    unsigned = Checkpoint(
        at=now_at,
        n_entries=tip.n_entries,
        head=tip.head,
        head_act=entry.act.encode("ascii", "backslashreplace").decode(),
        head_at=entry.at,
        key=key.public.digits,
    )
    checkpoint = sealed(unsigned, key.sign(signed_bytes(unsigned)))
    make_durable()
    append_line(file, line_of(checkpoint))
    return checkpoint


def is_covered(file: Path, number: int) -> bool:
    """Whether a checkpoint in a file was made after an entry of the trail. Whether it is genuine, is not asked."""
    return any(one is not None and one.n_entries >= number for one in map(read_line, read_lines(file)))
