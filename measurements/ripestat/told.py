"""What answers of RIPEstat, and files of registry facts, list as Tajik.

Files: RIPEstat's envelopes as they were saved, its list of a country's prefixes as others have republished it, and the
registries' delegations as others have gathered them (`rir-ip/<cc>/aggregated.json`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import orjson

from measurements.agreements import listings
from measurements.agreements.listings import Lister, Told
from measurements.agreements.registry import COUNTRY
from measurements.errors import UnreadableObject
from measurements.objects import Object, text
from measurements.ripestat import payloads, questions
from measurements.ripestat.envelope import read_envelope
from measurements.ripestat.gateway import AnnouncedPrefixes, CountryResources


class Said(NamedTuple):
    """What whoever hands a file in says of it, where it does not say so itself; None for nothing."""

    country: str | None = None
    """Two letters."""
    observed_at: int | None = None


def told_of_country(found: CountryResources) -> Told:
    """Two listings: the prefixes of the country, and its networks."""
    return Told(
        (
            listings.registered(found.prefixes, Lister.RIPESTAT, found.observed_at),
            listings.networks(found.asns, Lister.RIPESTAT, found.observed_at),
        ),
        found.envelope.body,
        found.envelope.query_id,
        found.envelope.warnings,
    )


def told_of_network(found: AnnouncedPrefixes) -> Told:
    """One listing: what the network announces."""
    listing = listings.originated(found.asn, found.prefixes, Lister.RIPESTAT, found.observed_at)
    return Told((listing,), found.envelope.body, found.envelope.query_id, found.envelope.warnings)


def read_told(document: Any, said: Said) -> Told:
    """What a document of one of the known shapes lists.

    Raises `UnreadableObject`, or `RipestatFailure` for the envelope of a question that was not answered.
    """
    if isinstance(document, Mapping):
        if "data_call_name" in document:
            return _of_envelope(document, said)
        if "countryCode" in document and isinstance(document.get("prefixes"), Mapping):
            return _of_delegations(document, said)
        if isinstance(document.get("ipv4"), list) and isinstance(document.get("ipv6"), list):
            return _of_republished(document, said)
    raise UnreadableObject(
        "shape",
        f"{questions.COUNTRY_RESOURCES} or {questions.ANNOUNCED_PREFIXES} of RIPEstat with its envelope is known, the "
        "former's lists as republished with their source, and aggregated.json of rir-ip; this is none of them",
    )


def _of_envelope(document: Object, said: Said) -> Told:
    envelope = read_envelope("the envelope", orjson.dumps(document))
    if envelope.call == questions.COUNTRY_RESOURCES:
        _require_tajik(None, said)
        return told_of_country(payloads.read_country_resources(envelope, COUNTRY))
    if envelope.call == questions.ANNOUNCED_PREFIXES:
        return told_of_network(payloads.read_announced_prefixes(envelope))
    raise UnreadableObject(
        "data_call_name",
        f"{envelope.call:.80} does not list what is Tajik; {questions.COUNTRY_RESOURCES} and "
        f"{questions.ANNOUNCED_PREFIXES} do",
    )


def _of_delegations(document: Object, said: Said) -> Told:
    _require_tajik(text(document, "countryCode"), said)
    if said.observed_at is None:
        raise UnreadableObject("observed", "the file does not say as of when it is true; say so with --observed DAY")
    return _of_lists(document["prefixes"], Lister.RIR, said.observed_at, document)


def _of_republished(document: Object, said: Said) -> Told:
    parts = urlsplit(text(document, "source") or "")
    if not parts.path.startswith(f"/data/{questions.COUNTRY_RESOURCES}/"):
        raise UnreadableObject("source", f"is not RIPEstat's {questions.COUNTRY_RESOURCES}, the only one believed")
    _require_tajik(parse_qs(parts.query).get("resource", [None])[-1], said)
    at = _updated_at(document) or said.observed_at
    if at is None:
        raise UnreadableObject("last_update", "is missing; say with --observed DAY as of when the list is true")
    return _of_lists(document, Lister.RIPESTAT, at, document)


def _of_lists(record: Object, listed_by: Lister, at: int, document: Object) -> Told:
    prefixes = (*payloads.read_prefixes(record, "ipv4"), *payloads.read_prefixes(record, "ipv6"))
    return Told((listings.registered(prefixes, listed_by, at),), orjson.dumps(document))


def _require_tajik(country: str | None, said: Said) -> None:
    """What is another country's must not pass for Tajik, nor what does not say whose it is."""
    told = (country or said.country or "").upper()
    if not told:
        raise UnreadableObject(
            "country", f"the file does not say of which country it is; say so with --country {COUNTRY}"
        )
    if told != COUNTRY or (said.country or told).upper() != COUNTRY:
        raise UnreadableObject("country", f"it is about {told:.20}; only what is registered in {COUNTRY} decides")


def _updated_at(document: Object) -> int | None:
    """An instant written like `2026-05-31 02:13:31 UTC`."""
    written = text(document, "last_update")
    if written is None:
        return None
    try:
        moment = datetime.fromisoformat(written.replace(" UTC", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UnreadableObject("last_update", f"{written!r:.80} is no instant of a time zone")
    return int(moment.timestamp())
