"""What OpenAPI says beyond the code: an introduction, real examples, and how problems look."""

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from app.api.schemas.problem import Problem

DESCRIPTION = """
Results of RIPE Atlas measurements, and series made of them.

* Every answer is about one **label**: `measured` on the Internet (unless asked otherwise), recorded in our
  `laboratory`, or `rehearsed`. Labels are never mixed.
* Instants are UTC, ISO 8601. Durations end in `_ms` or `_s`, counts begin with `n_`, ratios lie between 0 and 1.
* What is unknown or undefined is null: a round-trip time without a reply is not zero.
* An unknown parameter is refused. Problems are told as `application/problem+json` (RFC 9457).
* Everything is read only, and needs no key; the service listens on a loopback address only.
"""


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
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)  # FastAPI's own form of error; ours is 400
