"""Asks the service every question of app/api/examples.json again, and writes down what it answers now.

    python -m tests.app.api.write_examples

To add an example, write its question there with a status of 0 and any answer, and run this. A status of 503 asks for
a service whose migrations were undone, one of 429 for a client that has tried too many wrong keys; what is asked about
agreements is asked when the parties have agreed on one. The test of the examples fails until this was run. Keys are
written as `rsd_1_xxx…`: an example is no place for one; so are the hashes of evidence, which rest on them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.api import documentation
from app.api.documentation import EXAMPLES, Example
from app.operations.recognise_key import LIMITS
from app.operations.remind import remind
from app.operations.write_checkpoint import write_checkpoint
from app.store.alerts import begin_alert
from app.store.engine import create_engine_for, reading, transactions, writing
from app.store.migrate import downgrade, upgrade
from app.store.wrong_tries import Kind
from measurements.campaigns.alerts import Alert, Severity
from measurements.results.outcome import Label
from tests.app.api.agreed import agree_on_something, lose_the_answer
from tests.app.api.laboratory import service_on, take_in_laboratory
from tests.app.people import NOW, Member, add_people
from tests.ingesting import StillClock

PATH = Path(documentation.__file__).parent / "examples.json"
AN_ALERT = Alert(
    "silence:1001",
    Severity.WARNING,
    "Nothing has come of measurement 1001 toward k-root for 3 hours, though results are expected. `rasad followed` "
    "says which probes are silent.",
)
LOCKED_OUT, UNAVAILABLE = 429, 503
OF_A_KEY = re.compile(r"(?<=PUBLIC KEY-----\\n)[\w+/=]+|(?<=\"signature\":\")[\w+/=]+|(?<=\")[0-9a-f]{64}(?=\")")
"""What is another one in every installation: keys, what they signed, and the hashes of an audit that tells of them."""


AFTERWARDS = ("/api/v1/agreements", "/api/v1/campaigns", "/api/v1/credits", "/api/v1/requests")
"""What is asked when the parties have agreed on something."""


class Phase(Enum):
    """What comes later makes the rest impossible."""

    BEFORE = auto()
    AGREED = auto()
    LOCKED_OUT = auto()
    UNAVAILABLE = auto()


KEY = re.compile(r"(?<=rsd_)(\d+)_([\w-]+)")


def asked_again(examples: Sequence[Example], database_url: str) -> list[Example]:
    """The examples with today's answers. The database holds the laboratory's recording, and is empty afterwards."""
    engine = create_engine_for(database_url)
    people = add_people(engine)
    remind(transactions(engine), StillClock())
    with writing(engine) as connection:
        begin_alert(connection, Label.REHEARSED, AN_ALERT, int(StillClock().now().timestamp()))
    answers: dict[int, Example] = {}
    with TemporaryDirectory() as folder, TestClient(service_on(database_url, Path(folder))) as client:
        for phase in Phase:
            if phase is Phase.AGREED:
                agree_on_something(engine, people)
                _seal(engine, Path(folder))
            if phase is Phase.LOCKED_OUT:
                _try_wrong_keys(client)
            if phase is Phase.UNAVAILABLE:
                engine.dispose()
                downgrade(database_url, "base")
            for place, one in enumerate(examples):
                if _phase(one) is phase:
                    if one.operation == "post_settlement":
                        lose_the_answer(engine)
                    answers[place] = _asked(client, one, people)
    return [answers[place] for place in sorted(answers)]


def _seal(engine: Engine, folder: Path) -> None:
    """Sign how the audit trail stands."""
    checkpoints = folder / "audit" / "checkpoints.ndjson"
    with reading(engine) as connection:
        write_checkpoint(connection, folder / "key.pem", checkpoints, NOW, lambda: None)


def _phase(example: Example) -> Phase:
    """When it is asked."""
    if example.status in (LOCKED_OUT, UNAVAILABLE):
        return Phase.LOCKED_OUT if example.status == LOCKED_OUT else Phase.UNAVAILABLE
    return Phase.AGREED if example.asks.startswith(AFTERWARDS) else Phase.BEFORE


def written(examples: Sequence[Example]) -> str:
    """The examples as the file holds them, without what is usual."""
    usual = Example._field_defaults
    listed = [{k: v for k, v in one._asdict().items() if k not in usual or v != usual[k]} for one in examples]
    return json.dumps(listed, indent=1, ensure_ascii=False) + "\n"


def _asked(client: TestClient, example: Example, people: Mapping[str, Member]) -> Example:
    key = people[example.caller].headers if example.caller else {}
    headers = {"Accept": example.accept, **key, **example.headers}
    answer = client.request(example.method, example.asks, headers=headers, json=example.content)
    media_type = answer.headers["content-type"].partition(";")[0]
    text = KEY.sub(lambda found: f"{found[1]}_{'x' * len(found[2])}", answer.text)
    if example.operation == "get_evidence":
        text = OF_A_KEY.sub(lambda found: "x" * len(found[0]), text)
    content = json.loads(text) if media_type.endswith("json") else text
    return example._replace(status=answer.status_code, media_type=media_type, answer=content)


def _try_wrong_keys(client: TestClient) -> None:
    for _ in range(LIMITS[Kind.ADDRESS].n_tries):
        client.get("/api/v1/me", headers={"Authorization": "Bearer nothing"})


def main() -> None:
    """Write the file."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/rasad.db"
        upgrade(url)
        engine = create_engine_for(url)
        take_in_laboratory(engine, Path(folder))
        engine.dispose()
        PATH.write_text(written(asked_again(EXAMPLES, url)), encoding="utf-8")


if __name__ == "__main__":
    main()
