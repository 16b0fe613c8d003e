"""The parties over HTTP: everybody has a key, and a worker does what the service only notes."""

from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.operations.acting import Acting
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetcher
from app.operations.issue_key import USUAL_S, issue_key
from app.operations.prepare_records import Preparer
from app.operations.run_due import run_due
from app.operations.write_checkpoint import is_covered, write_checkpoint
from app.settings import Settings
from app.store.engine import reading, writing
from app.store.people import add_person
from measurements.agreements.card import digest
from measurements.agreements.parties import Party
from measurements.agreements.people import Role, usable_scopes
from measurements.results.outcome import Label
from tests.agreeing import Parties, who
from tests.measurements.agreements.making import CARD, NOW, make_card

AGREEMENTS = "/api/v1/agreements"
FIRST, OPERATOR, LAST = Party
DIGEST = digest(make_card())


class AskingParties(Parties):
    """A service, and who asks it: the representative of each party, an analyst and a reader."""

    def __init__(self, engine: Engine, database_url: str, folder: Path) -> None:
        super().__init__(engine)
        self.settings = Settings(database_url=database_url, atlas_is_rehearsal=True, data_dir=folder)
        service = create_app(self.settings, self.clock)
        self.client = TestClient(service, base_url="http://localhost")
        self.keys: dict[Any, str] = {}
        self.n_asked = 0
        with writing(engine) as connection:
            for party in Party:
                self.keys[party] = self._key(self.acting(connection, party), who(party).person.person_id, "rep")
            for role in (Role.ANALYST, Role.READER):
                person = add_person(connection, name=role, contact="-", party=FIRST, role=role, added_at=0)
                self.keys[role] = self._key(self.acting(connection, FIRST), person.person_id, role)

    def _key(self, acting: Acting, person_id: int, name: str) -> str:
        role = Role.REPRESENTATIVE if name == "rep" else Role(name)
        expires_at, scopes = acting.now_at + USUAL_S, usable_scopes(role)
        return issue_key(acting, person_id=person_id, name=name, scopes=scopes, expires_at=expires_at).key

    def get(self, path: str, by: Any = FIRST) -> httpx.Response:
        """Read something."""
        answer: httpx.Response = self.client.get(AGREEMENTS + path, headers=self._headers(by))
        return answer

    def post(self, path: str, content: Any = None, by: Any = FIRST, **headers: str) -> httpx.Response:
        """Ask for something to be done, under a new word unless one is given; to whatever state unless one is given."""
        self.n_asked += 1
        more = {"Idempotency-Key": f"word-{self.n_asked}", "If-Match": "*"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        answer: httpx.Response = self.client.post(
            AGREEMENTS + path, json=content, headers={**self._headers(by), **more}
        )
        return answer

    def _headers(self, by: Any) -> dict[str, str]:
        return {} if by is None else {"Authorization": f"Bearer {self.keys[by]}"}

    def submitted(self) -> int:
        """An agreement that is put before the parties."""
        number: int = self.post("", CARD).json()["agreement_id"]
        self.post(f"/{number}/consultations", {"parties": list(Party), "shown": "the draft"})
        assert self.post(f"/{number}/submissions").status_code == 200
        return number

    def agreed(self) -> int:
        """One that all three approved, and whose time has begun."""
        number = self.submitted()
        content = {"digest": DIGEST, "choice": "approve", "approves_publicity": True}
        answers = [self.post(f"/{number}/votes", content, party) for party in Party]
        assert [one.status_code for one in answers] == [200, 200, 200]
        self.clock.advance(NOW - self.now)
        return number

    def seal(self, now_at: int) -> None:
        """Make a checkpoint."""
        files = self.settings.audit_key_file, self.settings.checkpoints_file
        with reading(self.engine) as connection:
            write_checkpoint(connection, *files, now_at, lambda: None)

    def work(self) -> None:
        """What a worker does for half a minute."""
        fetcher = Fetcher(
            transaction=self.transaction, atlas=self.atlas, clock=self.clock, preparer=Preparer(1),
            label=Label.REHEARSED, origin="http://atlas.example",
        )  # fmt: skip
        tasks = Tasks(
            snapshot=partial(reading, self.engine), fetcher_for=lambda _: fetcher, tend=lambda: None,
            seal=self.seal, is_sealed=lambda number: is_covered(self.settings.checkpoints_file, number),
        )  # fmt: skip
        self.clock.sleep(run_due(self.transaction, self.clock, tasks, worker="a"))
