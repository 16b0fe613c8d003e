"""What Prometheus is told of how the service works: a real scrape, read as Prometheus reads it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.operations.collect_measurement import poll
from app.operations.judge_followed import judge_followed
from app.settings import Settings
from app.store import ticks
from app.store.alerts import add_messages, begin_alert
from app.store.engine import reading, writing
from app.store.vital_signs import EVERYBODYS, Sign, add_to_sign, note_signs
from measurements.campaigns.alerts import Alert, Severity
from measurements.clock import Clock
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties
from tests.app.api.test_telemetry import Samples, told
from tests.clocks import RunningClock
from tests.collecting import BUILT_IN, Bench
from tests.measurements.agreements.making import make_card

LABEL = ("label", "rehearsed")
Line = dict[tuple[tuple[str, str], ...], float]


def of(samples: Samples, name: str) -> Line:
    """The samples of one name, by their labels in order."""
    return {tuple(sorted(labels)): value for (found, labels), value in samples.items() if found == name}


def labels(**more: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**dict([LABEL]), **more}.items()))


class Scrape:
    """A service on a database, by the clock of what is followed in it."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    def by(self, clock: Clock) -> Samples:
        app = create_app(Settings(database_url=self.url, atlas_is_rehearsal=True), clock)
        with TestClient(app) as client:
            return told(client)


@pytest.fixture
def scrape(database_url: str, engine: Engine) -> Scrape:
    return Scrape(database_url, engine)


def test_expected_received_missing_and_lag_of_what_is_followed(scrape: Scrape) -> None:
    """Two probes, of which one reports every other round of an hour: 30 are due, and 22 or 23 are there."""
    bench = Bench(scrape.engine)
    bench.follow()
    began = bench.now
    for n in range(30):
        bench.report(9_100_001, began + n * 240)
        if n % 2:
            bench.report(9_100_002, began + n * 240)
    bench.pass_time(seconds=30 * 240)
    poll(bench.fetcher, bench.followed())
    samples = scrape.by(bench.clock)

    key = labels(measurement=str(BUILT_IN), type="ping", dst_name="k-root", ip_version="4")
    expected, received = of(samples, "rasad_results_expected"), of(samples, "rasad_results_received")
    assert expected.keys() == received.keys() == {key}
    assert expected[key] == 30
    assert received[key] in (22, 23)
    assert of(samples, "rasad_results_missing") == {key: expected[key] - received[key]}
    assert of(samples, "rasad_lag_seconds") == {key: 240}


def test_what_the_gate_refused_and_how_dispatches_stand(scrape: Scrape) -> None:
    parties = Parties(scrape.engine)
    agreement_id = parties.agree(make_card())
    parties.dispatched(agreement_id)
    parties.intend(agreement_id)
    _, refused = parties.intend(agreement_id, stop_at=parties.now + 4000 * DAY_S)
    samples = scrape.by(parties.clock)

    assert of(samples, "rasad_dispatches") == {labels(state="running"): 1, labels(state="intended"): 2}
    assert of(samples, "rasad_gate_refusals_total") == {labels(reason=refused.reason.value): 1}
    assert of(samples, "rasad_credits_reserved")[labels()] > 0
    assert of(samples, "rasad_credits_reserved")[(("label", "measured"),)] == 0
    with reading(scrape.engine) as connection:
        assert len(judge_followed(connection, Label.REHEARSED, parties.now)) == 1


def test_of_few_probes_under_an_agreement_nothing_is_told_by_itself(scrape: Scrape) -> None:
    """Whoever reads the counters is not asked for a key."""
    parties = Parties(scrape.engine)
    parties.dispatched(parties.agree(make_card()))
    [key] = of(scrape.by(parties.clock), "rasad_results_expected")
    assert dict(key)["measurement"] == "other"


def test_credits_stream_worker_tasks_and_alerts(scrape: Scrape) -> None:
    """As several processes noted them; a worker of which nothing was heard for long is none."""
    here = int(RunningClock().now().timestamp())
    bench = Bench(scrape.engine)
    with writing(scrape.engine) as connection:
        note_signs(connection, Label.REHEARSED, EVERYBODYS, {Sign.BALANCE: 1_000, Sign.SPENT_PAST_DAY: 70}, here)
        note_signs(connection, Label.REHEARSED, "a", {Sign.ALIVE: 1, Sign.STREAM_CONNECTED: 1}, here - HOUR_S)
        note_signs(connection, Label.REHEARSED, "b", {Sign.ALIVE: 1, Sign.STREAM_CONNECTED: 1}, here)
        note_signs(connection, Label.MEASURED, "c", {Sign.ALIVE: 1, Sign.STREAM_CONNECTED: 1}, here - HOUR_S)
        for _ in range(2):
            add_to_sign(connection, Label.REHEARSED, Sign.STREAM_RECONNECTS, 3, here)
        for due_at, failure in ((bench.now - 1200, None), (bench.now - 600, "502")):
            for task in ("rehearsed poll 1001", "rehearsed poll 1002", "rehearsed tend"):
                ticks.claim(connection, task, due_at, worker="a", now_at=due_at, lease_s=60)
                ticks.finish(connection, task, due_at, worker="a", now_at=due_at + 5, failure=failure)
        held = begin_alert(connection, Label.REHEARSED, Alert("disk", Severity.WARNING, "-"), bench.now)
        add_messages(connection, Label.REHEARSED, [("x", None)], "-", "-", here, alert_id=held.alert_id)
    samples = scrape.by(bench.clock)

    assert of(samples, "rasad_credits_balance") == {labels(): 1_000}
    assert of(samples, "rasad_credits_spent_past_day") == {labels(): 70}
    for name in ("rasad_worker_alive", "rasad_stream_connected"):
        assert of(samples, name) == {labels(): 1, (("label", "measured"),): 0}
    assert of(samples, "rasad_stream_reconnects_total")[labels()] == 6
    assert of(samples, "rasad_task_last_success_timestamp_seconds") == {
        labels(task=task): bench.now - 1195 for task in ("poll", "tend")
    }
    assert of(samples, "rasad_task_failures") == {labels(task="poll"): 2, labels(task="tend"): 1}
    assert of(samples, "rasad_alerts") == {labels(severity="warning"): 1}
    assert of(samples, "rasad_messages_undelivered") == {(): 1}
