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

FORM = "rasad-audit-evidence-2"
RECIPE = """\
Canonical JSON is that of RFC 8785: names in order, no blanks, UTF-8. Digests are SHA-256 in hexadecimal digits.
1. Of each of `entries`, `content` is the digest of the canonical JSON of `says`; the link of its `number` has it too.
2. Go through `links` in order; their numbers rise by one. Add `previous` to each: the hash of the link before, and for
the first one the `previous` of this document. The digest of the link's canonical JSON is then its hash, and the `hash`
of the entry with its number.
3. `n_entries` and `head` of `checkpoint` are `sealed_up_to` and the hash of the link with that number. If `is_sealed`
is true, that is the last link. If it is false, no signed checkpoint covers the entries beyond `sealed_up_to` yet, or
any of them where `checkpoint` is null: that these are as they were recorded, only whoever made this document says.
4. `signature` of `checkpoint`, in Base64, is an Ed25519 signature of the canonical JSON of `checkpoint` without
`signature`, by `public_key`. Compare that key with the one that you were given by another way.
5. Every link whose subject is the one of this document has its entry in `entries`: from the first of them to the last
link nothing is left out.
"""


def evidence_of(
    connection: Connection, key_file: Path, checkpoints: Path, subject: Subject, now_at: int
) -> dict[str, Any]:
    """The document by the checkpoints and the key of this service. Raises NotFound as `make_evidence` does."""
    key = load_or_make_key(key_file).public if key_file.exists() else None
    return make_evidence(connection, read_lines(checkpoints), key, subject, now_at)


def make_evidence(
    connection: Connection, lines: Sequence[bytes], key: PublicKey | None, subject: Subject, now_at: int
) -> dict[str, Any]:
    """The document; it says what a signed checkpoint covers. Raises NotFound where nothing is about the subject."""
    about = list(walk_entries(connection, Wanted(subject=subject)))
    if not about:
        raise NotFound(f"the audit trail says nothing about {subject.kind} {subject.id}")
    first, last = about[0], about[-1]
    checkpoint = _checkpoint(connection, first.number, last.number, lines, key)
    sealed_up_to = checkpoint and checkpoint.n_entries
    unsealed = [entry.number for entry in about if entry.number > (sealed_up_to or 0)]
    return {
        "form": FORM,
        "subject": {"kind": subject.kind.value, "id": str(subject.id)},
        **{f"made_{name}": value for name, value in when(now_at).items()},
        "is_sealed": not unsealed,
        "sealed_up_to": sealed_up_to,
        "sealing": _in_words(unsealed),
        "how_to_verify": RECIPE.splitlines(),
        "public_key": key and key.pem,
        "entries": [entry_with_its_proof(entry) for entry in about],
        "previous": first.previous,
        "links": list(_links(connection, first, max(last.number, sealed_up_to or 0))),
        "checkpoint": checkpoint and on_the_wire(checkpoint),
    }


def _in_words(unsealed: list[int]) -> str:
    if not unsealed:
        return "A signed checkpoint covers every entry."
    return (
        f"No signed checkpoint covers these entries yet: {', '.join(map(str, unsealed))}. Until one does, only this "
        "service says that they are as they were recorded. The worker makes one daily and after a withdrawal is "
        "complete, `rasad audit checkpoint` at once; then ask for this document again."
    )


def _checkpoint(
    connection: Connection, first: int, last: int, lines: Sequence[bytes], key: PublicKey | None
) -> Checkpoint | None:
    """The first one that covers all entries, else the newest that covers any, if the trail still leads to it."""
    signed = [one for one in map(read_line, lines) if one is not None and key is not None and is_signed_by(key, one)]
    of_all = sorted((one for one in signed if one.n_entries >= last), key=lambda one: (one.n_entries, one.at))
    of_some = sorted((one for one in signed if first <= one.n_entries < last), key=lambda one: -one.n_entries)
    for checkpoint in (*of_all, *of_some):
        head = find_entry(connection, checkpoint.n_entries)
        if head is not None and head.hash == checkpoint.head:
            return checkpoint
    return None


def _links(connection: Connection, first: Entry, last: int) -> Iterator[dict[str, Any]]:
    """From the first entry about the subject to the last that is proved, of others no more than whom they are about."""
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
