"""The API keeps its word: whatever is asked, the answer is one that its description promises."""

import re
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi_checks

from app.api.limiting import Allowance
from app.main import create_app
from app.settings import Settings
from tests.app.api.agreed import agree_on_something
from tests.app.people import add_people
from tests.databases import MakeDatabase
from tests.ingesting import StillClock

N_EXAMPLES = 30
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


NEEDED = {"GET /api/v1/series": {"metric": "loss"}, "GET /api/v1/registry": {"resource": "AS24722"}}
"""What has to be asked."""
MODES = {"valid": GenerationMode.POSITIVE, "not valid": GenerationMode.NEGATIVE}


def operations_of(service: FastAPI) -> list[APIOperation[Any, Any, Any, Any]]:
    """Every operation that the service's description has."""
    found = []
    for result in schemathesis.openapi.from_asgi("/openapi.json", service).get_all_operations():
        assert isinstance(result, Ok)
        found.append(result.ok())
    assert len(found) > 8
    return found


def ask_much(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, headers: dict[str, str]) -> None:
    """Ask an operation many things, and hold each answer against its description."""

    @settings(
        max_examples=N_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def check(case: Case[Any]) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    check()


@pytest.mark.acceptance("spine.8")
@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_no_answer_is_undocumented(service: FastAPI, mode: str) -> None:
    """Every operation, asked what its description allows, and what not: no 5xx, and nothing that is not described.

    Asked by one who may change things, and whose key is never at its limit.
    """
    people = add_people(service.state.service.engine)
    agree_on_something(service.state.service.engine, people)
    asker = people["representative"]
    service.state.service = service.state.service._replace(allowance=Allowance(StillClock(), at_once=10**6))
    for operation in operations_of(service):
        if mode == "valid" or operation.query or operation.path_parameters or operation.body:
            ask_much(operation, MODES[mode], asker.headers)


@pytest.mark.acceptance("spine.8")
def test_what_is_said_without_a_key_or_with_a_wrong_one_is_documented(service: FastAPI) -> None:
    """Of every operation, up to being locked out."""
    statuses = set()
    with TestClient(service) as client:
        for _ in range(3):
            for headers in ({}, {"Authorization": "Bearer rsd_1_x"}, {"Authorization": "Basic x"}):
                for operation in operations_of(service):
                    case = operation.Case(path_parameters=dict.fromkeys(_parameters(operation), 1))
                    answer = case.call(session=client, headers=headers)
                    case.validate_response(answer, checks=CHECKS)
                    statuses.add(answer.status_code)

    assert statuses >= {200, 400, 401, 429}


def _parameters(operation: APIOperation[Any, Any, Any, Any]) -> list[str]:
    return re.findall(r"{(\w+)}", operation.path)


@pytest.mark.acceptance("spine.8")
def test_what_is_found_is_as_described(service: FastAPI) -> None:
    """Results of each type, and quarantined records: numbers drawn at random find none."""
    by_name = {operation.label: operation for operation in operations_of(service)}
    with TestClient(service) as client:
        results = [
            client.get("/api/v1/results", params={"label": "laboratory", "type": name, "limit": 20}).json()["results"]
            for name in ("ping", "traceroute", "dns")
        ]
        quarantined = client.get("/api/v1/quarantine").json()["records"]
    numbers = {
        "GET /api/v1/results/{result_id}": ("result_id", [result["id"] for page in results for result in page]),
        "GET /api/v1/quarantine/{record_id}": ("record_id", [record["id"] for record in quarantined]),
    }

    for label, (name, ids) in numbers.items():
        assert ids
        for number in ids:
            case = by_name[label].Case(path_parameters={name: number})
            assert case.call_and_validate(checks=CHECKS).status_code == 200


@pytest.mark.acceptance("spine.8")
def test_an_empty_database_is_answered_as_described(make_database: MakeDatabase) -> None:
    """No migration was run: what needs the database answers 503, as it says it may."""
    service = create_app(Settings(database_url=make_database(is_migrated=False)), StillClock())
    statuses = set()
    for operation in operations_of(service):
        if not operation.path_parameters:
            case = operation.Case(query=NEEDED.get(operation.label, {}))
            answer = case.call()
            if answer.status_code != 503:
                case.validate_response(answer, checks=CHECKS)
            else:
                case.validate_response(answer, checks=CHECKS[1:])  # the one server error that is no fault of ours
            statuses.add(answer.status_code)

    assert statuses == {200, 401, 503}
