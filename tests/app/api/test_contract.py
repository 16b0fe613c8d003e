"""The API keeps its word: whatever is asked, the answer is one that its description promises."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

N_EXAMPLES = 30
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.mark.acceptance("spine.8")
@pytest.mark.slow
def test_no_answer_is_undocumented(service: FastAPI) -> None:
    """Every operation, asked many things, valid and not: no 5xx, no status, type or shape that is not described."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", service)
    n_operations = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        n_operations += 1

        @settings(
            max_examples=N_EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def check(case: Case[Any]) -> None:
            case.call_and_validate(checks=CHECKS)

        check()
    assert n_operations > 8
