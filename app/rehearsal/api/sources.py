"""Where probes come from: an area, country, region, AS, prefix, a list of probes or another measurement's."""

import re
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.rehearsal.api.envelope import Mistake
from app.rehearsal.api.values import Number, Text
from app.rehearsal.contract import Body

AREAS = {"WW", "West", "North-Central", "South-Central", "North-East", "South-East"}
REGIONS = {
    "afrinic", "apnic", "arin", "lacnic", "ripencc", "africa", "americas", "antarctica", "asia", "europe", "oceania",
    "northern_africa", "eastern_africa", "middle_africa", "southern_africa", "western_africa", "sub_saharan_africa",
    "caribbean", "central_america", "latin_america_and_caribbean", "northern_america", "south_america", "central_asia",
    "eastern_asia", "south_eastern_asia", "southern_asia", "western_asia", "eastern_europe", "northern_europe",
    "southern_europe", "western_europe", "australia_and_new_zealand", "melanesia", "micronesia", "polynesia", "eu27",
}  # fmt: skip
ALL = -1
"""`requested` of a source from which every probe is wanted."""
MAX_ASN = 2**32 - 1
MAX_ID = 2**31 - 1
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LIST_OF_IDS = re.compile(r"\s*\d{1,10}(\s*,\s*\d{1,10})*\s*,?\s*")


class Tags(BaseModel):
    """Tags that a probe must have, and that it must not have."""

    include: list[Text] = []
    exclude: list[Text] = []


class Source(BaseModel):
    """One source; `value` is read as its type asks for."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["area", "country", "countries", "region", "asn", "prefix", "probes", "msm"]
    value: Text
    requested: Annotated[int, Number, Field(ge=ALL, le=MAX_ID)]
    tags: Tags = Tags()

    @model_validator(mode="before")
    @classmethod
    def _older_spelling(cls, given: Any) -> Any:
        """The first version's `tags_include`; lists where a text is meant; no tags at all."""
        if not isinstance(given, dict):
            return given
        older = {name: given.get(f"tags_{name}") for name in ("include", "exclude")}
        lists = {name: text.split(",") for name, text in older.items() if isinstance(text, str) and text}
        value = given.get("value")
        joined = ",".join(map(str, value)) if isinstance(value, list) else value
        return {**given, "value": joined, "tags": lists or given.get("tags") or {}}

    @field_validator("value")
    @classmethod
    def _of_its_type(cls, value: str, fields: ValidationInfo) -> str:
        type_ = fields.data.get("type")
        if type_ and not _READS[type_](value):
            raise ValueError(f'"{value}" is not a valid {type_}.')
        return value

    @field_validator("requested")
    @classmethod
    def _some(cls, requested: int) -> int:
        if requested == 0:
            raise ValueError("Ensure this value is greater than or equal to 1.")
        return requested

    def ids(self) -> list[int]:
        """The ids that a list of probes, or a measurement, names; in the order given."""
        return list(dict.fromkeys(int(part) for part in self.value.split(",") if part.strip()))

    def on_the_wire(self) -> Body:
        """As the platform keeps and shows it."""
        return self.model_dump()


class ParticipationRequest(Source):
    """Probes to add to a measurement, or to remove from it."""

    action: Literal["add", "remove"]
    requested: Annotated[int, Number, Field(ge=ALL, le=MAX_ID)] = ALL

    @field_validator("action")
    @classmethod
    def _removes_probes_only(cls, action: str, fields: ValidationInfo) -> str:
        if action == "remove" and fields.data.get("type") not in (None, "probes"):
            raise ValueError("Probes can only be removed by their ids.")
        return action


def _is_asn(value: str) -> bool:
    digits = value.upper().removeprefix("AS")
    return digits.isascii() and digits.isdigit() and len(digits) <= len(str(MAX_ASN)) and 0 < int(digits) <= MAX_ASN


def _is_prefix(value: str) -> bool:
    try:
        return bool(ip_network(value, strict=False))
    except ValueError:
        return False


def _is_ids(value: str) -> bool:
    return bool(_LIST_OF_IDS.fullmatch(value)) and value.isascii()


_READS: dict[str, Callable[[str], bool]] = {
    "area": lambda value: value in AREAS,
    "country": lambda value: bool(_COUNTRY.fullmatch(value)),
    "countries": lambda value: all(_COUNTRY.fullmatch(part.strip()) for part in value.split(",")),
    "region": lambda value: value.lower() in REGIONS,
    "asn": _is_asn,
    "prefix": _is_prefix,
    "probes": _is_ids,
    "msm": lambda value: value.isascii() and value.isdigit() and len(value) <= len(str(MAX_ID)),
}
_NOT_COVERED = {
    "asn": "Your selected ASN is not covered by our network.",
    "country": "Your selected country is not covered by our network.",
    "countries": "Your selected countries are not covered by our network.",
    "prefix": "Your selected prefix is not covered by our network.",
    "probes": "Your selected probes do not exist.",
}


def not_covered(source: Source, probes: Sequence[Body], pointer: str) -> Mistake | None:
    """A mistake when no registered probe, connected or not, is where a source points to."""
    if source.type in _NOT_COVERED and not any(_is_there(source, probe) for probe in probes):
        return Mistake(_NOT_COVERED[source.type], f"{pointer}/value")
    return None


def _is_there(source: Source, probe: Body) -> bool:
    if source.type == "asn":
        return int(source.value.upper().removeprefix("AS")) in (probe["asn_v4"], probe["asn_v6"])
    if source.type in ("country", "countries"):
        return probe["country_code"] in {part.strip().upper() for part in source.value.split(",")}
    if source.type == "prefix":
        asked = ip_network(source.value, strict=False)
        return any(_overlaps(asked, probe[f"prefix_v{family}"]) for family in (4, 6))
    return probe["id"] in source.ids()


def _overlaps(asked: Any, announced: str | None) -> bool:
    if announced is None:
        return False
    network = ip_network(announced, strict=False)
    return bool(network.version == asked.version and network.overlaps(asked))
