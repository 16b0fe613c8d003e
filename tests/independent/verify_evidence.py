"""Verifies evidence of the audit trail by its recipe alone, with the standard library and `cryptography` for Ed25519.

Written from what the document itself says under `how_to_verify`, without any line of ours.

    python -m tests.independent.verify_evidence rasad.pem < agreement-3.json     prints what is wrong, if anything is
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def problems(evidence: dict[str, Any], trusted_key: str) -> Iterator[str]:
    """What does not hold, in the order of the recipe."""
    entries = {entry["number"]: entry for entry in evidence["entries"]}
    about = {"subject_kind": evidence["subject"]["kind"], "subject_id": evidence["subject"]["id"]}
    yield from _of_entries(entries, about, {link["number"]: link["content"] for link in evidence["links"]})
    yield from _of_links(evidence, entries)
    if evidence["checkpoint"] is not None and not _is_signed(evidence["checkpoint"], trusted_key):
        yield "4: the checkpoint is not signed by the key"
    for link in evidence["links"]:
        if about.items() <= link.items() and link["number"] not in entries:
            yield f"5: entry {link['number']} is left out"


def _of_entries(entries: dict[int, Any], about: dict[str, str], contents: dict[int, str]) -> Iterator[str]:
    for number, entry in entries.items():
        if not _digest(entry["says"]) == entry["content"] == contents.get(number):
            yield f"1: entry {number} does not say what was recorded"
        if not about.items() <= entry["says"].items():
            yield f"1: entry {number} is about something else"


def _of_links(evidence: dict[str, Any], entries: dict[int, Any]) -> Iterator[str]:
    numbers = [link["number"] for link in evidence["links"]]
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        yield "2: a link is missing"
    head, heads = evidence["previous"], {}
    for link in evidence["links"]:
        head = heads[link["number"]] = _digest({**link, "previous": head})
        if link["number"] in entries and entries[link["number"]]["hash"] != head:
            yield f"2: entry {link['number']} has another hash"
    checkpoint = evidence["checkpoint"] or {"n_entries": None, "head": None}
    sealed_up_to = evidence["sealed_up_to"]
    if (sealed_up_to, heads.get(sealed_up_to)) != (checkpoint["n_entries"], checkpoint["head"]):
        yield "3: the checkpoint is of another trail"
    if evidence["is_sealed"] and numbers[-1] != sealed_up_to:
        yield "3: not all is sealed"


def _canonical(document: dict[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _digest(document: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(document)).hexdigest()


def _is_signed(checkpoint: dict[str, Any], trusted_key: str) -> bool:
    unsigned = {name: value for name, value in checkpoint.items() if name != "signature"}
    key: Any = load_pem_public_key(trusted_key.encode())
    try:
        key.verify(base64.b64decode(checkpoint["signature"]), _canonical(unsigned))
    except InvalidSignature:
        return False
    return True


if __name__ == "__main__":
    for problem in problems(json.load(sys.stdin), Path(sys.argv[1]).read_text("utf-8")):
        print(problem)  # noqa: T201 - its answer
