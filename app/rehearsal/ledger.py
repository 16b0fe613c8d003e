"""The ledger: every result that was produced and reached the platform, for whoever checks that nothing was lost."""

import hashlib
from collections.abc import Iterator

import orjson

from app.rehearsal.api.entries import Entry, Span
from app.rehearsal.api.envelope import dumped
from app.rehearsal.contract import Body, Faults

_OF_DELIVERY = "stored_timestamp"


def identity(body: Body) -> str:
    """What makes two deliveries one result: `msm,prb,timestamp,digest`, the digest of all but when it was stored."""
    kept = {name: value for name, value in body.items() if name != _OF_DELIVERY}
    digest = hashlib.blake2b(orjson.dumps(kept, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
    return f"{body['msm_id']},{body['prb_id']},{body['timestamp']},{digest}"


def ledger(faults: Faults, entry: Entry, span: Span, until: int) -> Iterator[tuple[str, bytes]]:
    """Identity and whole line of each result that the probes measured in a span and the platform had until an instant.

    The span is of when it was measured, whatever a wrong clock said. What arrived twice is one.
    """
    seen: set[str] = set()
    for produced in faults.on_results(entry.measured(span._replace(stop=min(span.stop, span.known_at)))):
        if produced.stored_at <= until and (name := identity(produced.body)) not in seen:
            seen.add(name)
            yield name, dumped(produced.body)
