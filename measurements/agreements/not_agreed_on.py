"""What RIPE Atlas offers, and no measurement card may say."""

from collections.abc import Mapping

TELLS_PROBE = "would tell the target, and whoever is on the way, which probe asks: where it is, is a host's own matter"
PROBE_MACRO = "$p"
NOT_AGREED_ON: Mapping[str, str] = {
    "resolve_on_probe": "would let the resolvers of a probe decide whom its packets reach; the address is agreed on",
    "skip_dns_check": "would take a name that leads nowhere today, and wherever somebody makes it lead tomorrow",
    "include_probe_id": TELLS_PROBE,
    "prepend_probe_id": f"{TELLS_PROBE}; use_macros with $r makes names unlike as well",
}
"""What RIPE Atlas offers and no card may say, and why: whom packets reach, and what they carry, is what is agreed on.

Allowed are `use_probe_resolver`, which a card says openly by having no target, and `include_qbuf`, which only gives the
query back that the card describes.
"""
