"""Make evidence of one subject: everything in the audit trail about it, and what proves that it was there.

The document stands for itself. Whoever has the public key by another way needs nothing else, of ours least of all.
"""

from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.durable import read_lines
from app.operations.audit_entries import entry_with_its_proof, when
from app.operations.verify_audit import is_signed_by
from app.signing import PublicKey, load_or_make_key
from app.store.audit import Wanted, find_entry, walk_entries
from measurements.agreements.audit import Entry, Subject, content_of, hash_of
from measurements.agreements.checkpoints import Checkpoint, on_the_wire, read_line
from measurements.errors import NotFound, StoreError

FORM = "rasad-audit-evidence-1"
RECIPE = """\
Canonical JSON is that of RFC 8785: names in order, no blanks, UTF-8. Digests are SHA-256 in hexadecimal digits.
1. Of each of `entries`, `content` is the digest of the canonical JSON of `says`; the link of its `number` has it too.
2. Go through `links` in order; their numbers rise by one. Add `previous` to each: the hash of the link before, and for
the first one the `previous` of this document. The digest of the link's canonical JSON is then its hash, and the `hash`
of the entry with its number.
3. The number and the hash of the last link are `n_entries` and `head` of `checkpoint`.
4. `signature` of `checkpoint`, in Base64, is an Ed25519 signature of the canonical JSON of `checkpoint` without
`signature`, by `public_key`. Compare that key with the one that you were given by another way.
5. Every link whose subject is the one of this document has its entry in `entries`: from the first of them to the
checkpoint nothing is left out.
"""


def evidence_of(
    connection: Connection, key_file: Path, checkpoints: Path, subject: Subject, now_at: int
) -> dict[str, Any]:
    """The document by this installation's own checkpoints and key. Raises NotFound where there are none yet."""
    if not key_file.exists():
        raise NotFound("no checkpoint was made yet: `rasad audit checkpoint` makes one")
    key = load_or_make_key(key_file).public
    return make_evidence(connection, read_lines(checkpoints), key, subject, now_at)


def make_evidence(
    connection: Connection, lines: Sequence[bytes], key: PublicKey, subject: Subject, now_at: int
) -> dict[str, Any]:
    """The document. Raises NotFound where there is nothing about the subject, or no checkpoint after it yet."""
    about = list(walk_entries(connection, Wanted(subject=subject)))
    if not about:
        raise NotFound(f"the audit trail says nothing about {subject.kind} {subject.id}")
    checkpoint = _checkpoint_after(connection, about[-1], lines, key)
    return {
        "form": FORM,
        "subject": {"kind": subject.kind.value, "id": str(subject.id)},
        **{f"made_{name}": value for name, value in when(now_at).items()},
        "how_to_verify": RECIPE.splitlines(),
        "public_key": key.pem,
        "entries": [entry_with_its_proof(entry) for entry in about],
        "previous": about[0].previous,
        "links": list(_links(connection, about[0], checkpoint.n_entries)),
        "checkpoint": on_the_wire(checkpoint),
    }


def _checkpoint_after(connection: Connection, entry: Entry, lines: Sequence[bytes], key: PublicKey) -> Checkpoint:
    """The first one that covers an entry, and that the trail still leads to."""
    kept = (one for one in map(read_line, lines) if one is not None and is_signed_by(key, one))
    after = sorted((one for one in kept if one.n_entries >= entry.number), key=lambda one: (one.n_entries, one.at))
    for checkpoint in after:
        head = find_entry(connection, checkpoint.n_entries)
        if head is not None and head.hash == checkpoint.head:
            return checkpoint
    raise NotFound(f"no checkpoint was made since entry {entry.number}: `rasad audit checkpoint` makes one")


def _links(connection: Connection, first: Entry, last: int) -> Iterator[dict[str, Any]]:
    """From the first entry about the subject to the checkpoint, of others no more than whom they are about."""
    previous = first.previous
    for entry in takewhile(lambda one: one.number <= last, walk_entries(connection, beyond=first.number - 1)):
        if entry.previous != previous or entry.hash != hash_of(entry):
            raise StoreError(
                f"the audit trail is damaged at entry {entry.number}: `rasad audit verify` says what it is"
            )
        previous = entry.hash
        yield {
            "number": entry.number,
            "content": content_of(entry),
            "subject_kind": entry.subject_kind,
            "subject_id": entry.subject_id,
        }
