"""Asks the service every question of app/api/examples.json again, and writes down what it answers now.

    python -m tests.app.api.write_examples

To add an example, write its question there with a status of 0 and any answer, and run this. A status of 503 asks for
a service whose migrations were undone. The test of the examples fails until this was run.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi.testclient import TestClient

from app.api import documentation
from app.api.documentation import EXAMPLES, Example
from app.store.engine import create_engine_for
from app.store.migrate import downgrade, upgrade
from tests.app.api.laboratory import service_on, take_in_laboratory

PATH = Path(documentation.__file__).parent / "examples.json"
UNAVAILABLE = 503


def asked_again(examples: Sequence[Example], database_url: str) -> list[Example]:
    """The examples with today's answers. The database holds the laboratory's recording, and is empty afterwards."""
    with TestClient(service_on(database_url)) as client:
        answered = [one if one.status == UNAVAILABLE else _asked(client, one) for one in examples]
        downgrade(database_url, "base")
        return [_asked(client, one) if one.status == UNAVAILABLE else one for one in answered]


def written(examples: Sequence[Example]) -> str:
    """The examples as the file holds them."""
    return json.dumps([one._asdict() for one in examples], indent=1, ensure_ascii=False) + "\n"


def _asked(client: TestClient, example: Example) -> Example:
    answer = client.get(example.asks, headers={"Accept": example.accept})
    media_type = answer.headers["content-type"].partition(";")[0]
    content = answer.json() if media_type.endswith("json") else answer.text
    return example._replace(status=answer.status_code, media_type=media_type, answer=content)


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
