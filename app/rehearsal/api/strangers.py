"""Strangers: measurements that others already run to well-known targets, which count against what a target may bear."""

from app.rehearsal.api.definitions import MODELS, shown_fields
from app.rehearsal.api.keys import STRANGER
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.records import Created, enter
from app.rehearsal.contract import Body

DAY_S = 86_400
SOURCE: Body = {"type": "area", "value": "WW", "requested": 10, "tags": {"include": [], "exclude": []}}
_TURNS = ("ping", "traceroute", "dns")
_DNS = {"query_class": "CHAOS", "query_type": "TXT", "query_argument": "hostname.bind"}


def seat_strangers(platform: Platform) -> None:
    """Let strangers have their measurements, unless they have them from before a restart."""
    if any(created.owner == STRANGER for created in platform.records.all()):
        return
    now = platform.now()
    targets = [target for target, count in platform.limits.strangers.items() for _ in range(count)]
    with platform.records.changing() as kept:
        for index, target in enumerate(targets):
            created = Created(
                id=kept.next_measurement_id,
                owner=STRANGER,
                bill_to=STRANGER,
                fields=_fields(index, target, kept.next_measurement_id),
                is_oneoff=False,
                created_at=now - (index + 1) * DAY_S,
                start_at=now - (index + 1) * DAY_S,
                target_ip=target,
            )
            enter(kept, created, [SOURCE])


def _fields(index: int, target: str, number: int) -> Body:
    type_ = _TURNS[index % len(_TURNS)]
    asked = {
        "type": type_,
        "af": 6 if ":" in target else 4,
        "description": f"a stranger's {type_} of {target}",
        "target": target,
        "interval": 1800,
        **(_DNS if type_ == "dns" else {}),
    }
    return {**shown_fields(MODELS[type_].model_validate(asked), is_oneoff=False), "group_id": number}
