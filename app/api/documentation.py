"""What OpenAPI says beyond the code: an introduction, real examples, and how problems look."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.api.schemas.problem import Problem
from measurements.agreements.attribution import ATTRIBUTION
from measurements.agreements.people import TABLE, Act, Reach, Role

DESCRIPTION = f"""
Results of RIPE Atlas measurements, and series made of them.

* Every answer is about one **label**: `measured` on the Internet (unless asked otherwise), recorded in our
  `laboratory`, or `rehearsed`. Labels are never mixed.
* Instants are UTC, ISO 8601. Durations end in `_ms` or `_s`, counts begin with `n_`, ratios lie between 0 and 1.
* What is unknown or undefined is null: a round-trip time without a reply is not zero.
* An unknown parameter is refused. Problems are told as `application/problem+json` (RFC 9457).
* The examples are what the service really answers about the recording that comes with it: **laboratory** data, nothing
  in them was measured on the Internet. `Try it out` asks for the same.
* What is public is read without a key; the rest takes one, `Authorization: Bearer rsd_…`. What is another's is
  answered like what does not exist. The service listens on a loopback address only.
* A body has at most a million bytes (413). `Host` is a loopback name of this machine, or one that was set (421).
* Every POST that changes something takes an `Idempotency-Key`: the same request under the same word is done once, and
  answered alike. What exists is changed with `If-Match` and its `etag`.

{ATTRIBUTION}
"""


class Example(NamedTuple):
    """A question and what the service answers to it, from the laboratory's recording and two records nobody can read.

    Answers are never written by hand: `python -m tests.app.api.write_examples` asks every question again.
    """

    operation: str
    name: str
    summary: str
    asks: str
    accept: str
    status: int
    media_type: str
    answer: Any
    method: str = "GET"
    caller: str = ""
    """Whose key came along: a role; empty for none."""
    headers: Mapping[str, str] = MappingProxyType({})
    content: Any = None
    """What was handed in."""


EXAMPLES = tuple(Example(**one) for one in json.loads((Path(__file__).parent / "examples.json").read_text("utf-8")))
_PROBLEMS_FROM = 400


def document(app: FastAPI) -> None:
    """Complete the OpenAPI of an app whose routes are all there."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(generate())
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _complete(schema: dict[str, Any]) -> None:
    _, problems = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    components = schema["components"]["schemas"]
    components.update(problems["$defs"])
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if "application/json" in operation["responses"].get("422", {}).get("content", {}):
                operation["responses"].pop("422")  # FastAPI's own form of error; ours is 400
            _add_examples(operation)
            if path.startswith("/api/"):
                _say_for_whom(operation)


def _say_for_whom(operation: dict[str, Any]) -> None:
    """Who may ask for it: what no route says of itself is public."""
    act = Act(operation.setdefault("x-act", Act.READ_PUBLIC.value))
    rule = TABLE[act]
    if rule.is_open:
        operation["security"] = [{}, *operation.get("security", ())]
        return
    reaches = ((role, rule.reach(role)) for role in Role)
    told = [
        f"{role} ({reach})" if reach is not Reach.ALL else role for role, reach in reaches if reach is not Reach.NONE
    ]
    scope = f" The key must have the scope `{rule.scope}`." if rule.scope else ""
    operation["description"] += f"\n\nFor: {', '.join(told)}.{scope}"


def _add_examples(operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", ()):
        if examples := parameter["schema"].get("examples"):
            parameter["example"] = examples[0]  # what `Try it out` begins with
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            if examples := _examples(operation["operationId"], int(status), media_type):
                content["examples"] = {one.name: {"summary": one.summary, "value": one.answer} for one in examples}


def _examples(operation: str, status: int, media_type: str) -> list[Example]:
    """Examples of the operation's own; for a problem else those of others, which look alike."""
    alike = [one for one in EXAMPLES if (one.status, one.media_type) == (status, media_type)]
    own = [one for one in alike if one.operation == operation]
    return own or (alike if status >= _PROBLEMS_FROM else [])
