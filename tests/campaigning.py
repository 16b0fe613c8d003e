"""A campaign of tests on what `agreeing` has agreed on, and a worker that runs its nights."""

from collections.abc import Callable
from functools import partial
from typing import Any

from app.operations import keep_campaigns
from app.operations.acting import Acting
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetcher
from app.operations.keep_campaigns import Applied
from app.operations.prepare_records import Preparer
from app.operations.run_due import run_due
from app.store.campaign_rounds import Round, RoundCell, find_cells, find_rounds
from app.store.campaigns import Held, find_campaign
from app.store.dispatches import Dispatch, find_dispatch
from app.store.engine import reading, writing
from measurements.agreements.parties import Party
from measurements.campaigns.campaign import Campaign, read_campaign
from measurements.results.outcome import Label
from tests.agreeing import Parties

NAME = "k-root-tj"
DOCUMENT: dict[str, Any] = {
    "name": NAME,
    "title": "K-root from Tajikistan, every night",
    "agreement_id": 1,
    "budget_credits": 5_000_000,
    "starts_at": "2027-01-10T00:00:00+05:00",
    "ends_at": "2027-06-30T00:00:00+05:00",
    "schedule": {"kind": "nightly", "mode": "periodic", "begins": "01:00", "ends": "05:00"},
    "selections": [{"by": "country", "value": "TJ", "requested": 20}],
    "matrix": [
        {"targets": ["k-root"], "type": "ping", "families": [4], "parameters": {"packets": 3}, "interval_s": 240},
        {"targets": ["k-root"], "type": "traceroute", "families": [4], "interval_s": 1800},
    ],
}
NIGHT_AT = 1_800_043_200
"""2027-01-16 01:00 in Dushanbe: when the first night after `making.NOW` begins."""
NIGHT_S = 4 * 3_600
LOOKS_EVERY_S = 900


def make_campaign(**changes: Any) -> Campaign:
    """The campaign, with some members changed."""
    return read_campaign(DOCUMENT | changes)


class Campaigns:
    """The parties with a campaign, and a worker."""

    def __init__(self, parties: Parties) -> None:
        self.parties = parties
        self.looks_every_s = LOOKS_EVERY_S
        self.fetcher = Fetcher(
            transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
            label=Label.REHEARSED, origin="http://atlas.example",
        )  # fmt: skip

    def act(self, what: Callable[..., Any], *args: Any) -> Any:
        """Do something in one unit of work, as an analyst could."""
        with writing(self.parties.engine) as connection:
            return what(self.parties.acting(connection, Party.RIPE_NCC), Label.REHEARSED, *args)

    def apply(self, **changes: Any) -> Applied:
        applied: Applied = self.act(keep_campaigns.apply_campaign, make_campaign(**changes))
        return applied

    def work(self, until_at: int) -> None:
        """What a worker does until an instant, that looks every few minutes while something is about to happen."""
        fetcher, clock = self.fetcher, self.parties.clock
        tasks = Tasks(
            snapshot=partial(reading, self.parties.engine), fetcher_for=lambda _: fetcher, tend=lambda: None,
            seal=lambda _: None,
        )  # fmt: skip
        while True:
            run_due(self.parties.transaction, clock, tasks, worker="a")
            if self.parties.now >= until_at:
                return
            clock.advance(min(self.looks_every_s, until_at - self.parties.now))

    def wait(self, until_at: int) -> None:
        """Nobody works until an instant."""
        self.parties.clock.advance(until_at - self.parties.now)

    def held(self) -> Held:
        with reading(self.parties.engine) as connection:
            found = find_campaign(connection, Label.REHEARSED, NAME)
        assert found
        return found

    def rounds(self) -> list[Round]:
        """In order."""
        with reading(self.parties.engine) as connection:
            return find_rounds(connection, self.held().campaign_id, 100)[::-1]

    def cells(self) -> list[RoundCell]:
        """Of all rounds."""
        with reading(self.parties.engine) as connection:
            return find_cells(connection, *(one.round_id for one in self.rounds()))

    def dispatches(self) -> list[Dispatch]:
        """One of each cell."""
        with reading(self.parties.engine) as connection:
            found = [find_dispatch(connection, one.dispatch_id) for one in self.cells()]
        return [one for one in found if one]

    def acting(self, connection: Any) -> Acting:
        return self.parties.acting(connection, Party.RIPE_NCC)
