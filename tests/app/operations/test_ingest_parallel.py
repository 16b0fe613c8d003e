"""Two ingests at once, as processes of their own, leave what one leaves."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from tests.canonical_dump import assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.ingesting import command, environment, is_sum_right, rasad, write_lines
from tests.records import laboratory

N_RESULTS = 1_000


def in_other_words() -> list[bytes]:
    """Results, each also stored at another time, some also saying something else, and some cut off; shuffled."""
    chance = random.Random(7)  # noqa: S311 - an order, not a secret
    bodies: list[bytes] = []
    for body in laboratory()[:N_RESULTS]:
        record = json.loads(body)
        bodies += [body, json.dumps({**record, "stored_timestamp": record["timestamp"] + 1}).encode()]
        if chance.random() < 0.1:
            bodies += [json.dumps({**record, "from": "192.0.2.99"}).encode(), body[: chance.randrange(1, len(body))]]
    chance.shuffle(bodies)
    return bodies


def test_two_ingests_of_one_file_at_once_leave_what_one_leaves(
    make_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """Whoever writes first: the same database, and between the two every result is counted as kept once."""
    path = write_lines(tmp_path / "both.ndjson", in_other_words())
    alone, shared = make_database(), make_database()
    expected = rasad(alone, "ingest", path)

    both = [
        subprocess.Popen(command("ingest", path, "--json"), env=environment(shared), stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = [json.loads(process.communicate()[0]) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert all(is_sum_right(answer) for answer in answers)
    assert sum(answer["kept"] for answer in answers) == expected["kept"]
    assert_equal(canonical_dump(open_engine(alone)), canonical_dump(open_engine(shared)))
