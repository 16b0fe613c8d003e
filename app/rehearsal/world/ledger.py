"""The ledger: a line for every result that was produced, short enough to keep them all."""

import json
from hashlib import blake2b
from typing import NamedTuple

from app.rehearsal.contract import Produced

DIGEST_BYTES = 16


class Entry(NamedTuple):
    """Which result, when it was measured and stored (unix seconds), and a digest of all that it says."""

    measurement_id: int
    probe_id: int
    measured_at: int
    stored_at: int
    digest: bytes


def entry_of(produced: Produced) -> Entry:
    """The line of a result."""
    body = produced.body
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    digest = blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()
    return Entry(body["msm_id"], body["prb_id"], produced.measured_at, produced.stored_at, digest)
