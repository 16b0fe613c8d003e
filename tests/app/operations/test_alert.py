"""Alerts are told once when they begin, daily while they last, and once when they have ended; none is lost."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine
from structlog.testing import capture_logs

from app.notifying import AppriseNotifier, Notifier, UnusableAddress
from app.operations.alert import Changed, alert
from app.operations.gather_facts import Times
from app.operations.remind import Telling, remind
from app.operations.send_messages import send_messages
from app.store import tables
from app.store.alerts import find_unsent, list_alerts
from app.store.engine import reading, transactions
from measurements.agreements.parties import Party
from measurements.campaigns.alerts import Disk, Facts, FailedTask
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S, seconds
from tests.agreeing import Parties
from tests.clocks import ManualClock
from tests.delivering import change
from tests.receiving import PASSWORD, TOKEN, MailServer, Webhook, mail_server, webhook

FULL: dict[str, Any] = {"disk": Disk(1, 10**12, 0)}
FAILING: dict[str, Any] = {"failed": (FailedTask("measured poll", "502"),)}


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as server:
        yield server


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """Greeted by a name that nobody has to look up."""
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "localhost.localdomain")
    with mail_server() as server:
        yield server


class Watch:
    """A service that looks, and those whom it tells."""

    def __init__(self, engine: Engine, *addresses: str) -> None:
        self.engine = engine
        self.clock = ManualClock()
        self.notifier: Notifier = AppriseNotifier(addresses, "RASAD_ALERT_URLS")

    @property
    def now(self) -> int:
        return seconds(self.clock.now())

    def keep(self, **facts: Any) -> Changed:
        known = Facts(now_at=self.now)._replace(**facts)
        times = Times(self.now, self.now)
        return alert(transactions(self.engine), known, Label.MEASURED, times, self.notifier.receivers)

    def send(self) -> int:
        return send_messages(transactions(self.engine), [self.notifier], Label.MEASURED, self.clock)

    def look(self, **facts: Any) -> Changed:
        changed = self.keep(**facts)
        self.send()
        return changed

    def unsent(self) -> list[str | None]:
        with reading(self.engine) as connection:
            return [one.failure for one in find_unsent(connection)]


def test_an_alert_is_told_once_reminded_of_daily_and_told_when_it_has_ended(engine: Engine, hook: Webhook) -> None:
    watch = Watch(engine, hook.address)
    assert watch.look() == Changed((), (), ())
    for _ in range(3):
        watch.look(**FULL)
        watch.clock.advance(HOUR_S)
    assert hook.titles == ["Rasad: critical: disk"]
    watch.clock.advance(DAY_S)
    watch.look(**FULL)
    watch.look(**FULL)
    watch.clock.advance(HOUR_S)
    assert watch.look(**FAILING) == Changed(("task:measured poll",), (), ("disk",))
    watch.look(**FAILING)

    assert hook.titles == [
        "Rasad: critical: disk",
        "Rasad: still critical: disk, for 27 hours",
        "Rasad: warning: task:measured poll",
        "Rasad: ended: disk",
    ]
    assert "GB are free" in hook.told[0]["message"]
    with reading(engine) as connection:
        failing, full = list_alerts(connection)
    assert (failing.key, failing.ended_at, full.key) == ("task:measured poll", None, "disk")
    assert full.ended_at == watch.now


def test_what_begins_again_is_told_again(engine: Engine, hook: Webhook) -> None:
    watch = Watch(engine, hook.address)
    for facts in (FULL, {}, FULL):
        watch.look(**facts)
    assert [title.split(": ")[1] for title in hook.titles] == ["critical", "ended", "critical"]


def test_what_is_not_delivered_is_tried_until_it_is_and_in_order(engine: Engine, hook: Webhook) -> None:
    """Later and later; what is told of the same matter waits for it, and nobody is reminded of what was never told."""
    watch = Watch(engine, hook.address)
    hook.is_away = True
    watch.look(**FULL)
    assert watch.unsent() == ["json: it answered 503"]
    tried = []
    for _ in range(60):
        watch.clock.advance(30)
        watch.look(**FULL)
        tried.append(hook.n_asked)
    assert tried[-1] == 5, "after 1, 3, 7 and 15 minutes"
    watch.clock.advance(2 * DAY_S)
    watch.look(**FULL)
    watch.look()
    hook.is_away = False
    watch.clock.advance(HOUR_S)

    assert watch.send() == 2
    assert hook.titles == ["Rasad: critical: disk", "Rasad: ended: disk"]
    assert watch.unsent() == []


def test_an_alert_outlives_the_process_that_saw_it(engine: Engine, hook: Webhook) -> None:
    """It was kept, and the process died; the next one delivers it, whatever is wrong by then."""
    Watch(engine, hook.address).keep(**FULL)
    assert hook.told == []
    assert Watch(engine, hook.address).send() == 1
    assert Watch(engine, hook.address).send() == 0


def test_one_who_is_away_keeps_none_of_the_others_from_being_told(
    engine: Engine, hook: Webhook, mails: MailServer
) -> None:
    with webhook() as gone:
        away = gone.address
    watch = Watch(engine, away, hook.address, f"{mails.address}&to=noc@example.org")
    watch.look(**FULL)
    assert hook.titles == ["Rasad: critical: disk"] == [one.subject for one in mails.mails]
    assert mails.mails[0].to == ("noc@example.org",)
    assert watch.unsent() == ["json: it did not take it"]


def test_no_address_is_kept_or_logged(engine: Engine, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its password nor its token, whether it works or not."""
    structlog.reset_defaults()
    monkeypatch.setattr(socket, "getfqdn", lambda *_: "localhost.localdomain")
    mail = f"mailto://rasad:{PASSWORD}@127.0.0.1:1/?from=rasad@example.org&to=noc@example.org&mode=insecure"
    watch = Watch(engine, hook.address, mail)
    with capture_logs() as logs:
        watch.look(**FULL)
        hook.is_away = True
        watch.look()
        with pytest.raises(UnusableAddress) as refused:
            Watch(engine, hook.address, f"nonsense://{PASSWORD}@example.org/{TOKEN}")
    with reading(engine) as connection:
        held = [connection.execute(table.select()) for table in (tables.alerts, tables.messages)]
        rows = [str(row) for found in held for row in found]
    told = " ".join([*map(str, logs), *rows, str(refused.value)])

    assert "was not delivered" in told
    assert "address 2" in told
    assert "RASAD_ALERT_URLS" in told
    for secret in (PASSWORD, TOKEN, "noc@example.org"):
        assert secret not in told


def test_of_an_address_that_is_gone_messages_are_kept(engine: Engine, hook: Webhook) -> None:
    Watch(engine, hook.address).keep(**FULL)
    watch = Watch(engine)
    assert watch.send() == 0
    assert watch.unsent() == ["its address is not configured any more"]


def test_the_representatives_of_a_party_are_reminded_by_mail(
    parties: Parties, hook: Webhook, mails: MailServer
) -> None:
    """Each at the contact that is known of it; a webhook is told of every reminder; nobody is twice."""
    change(parties.engine, "UPDATE people SET contact = 'liaison@ripe.example' WHERE party = 'ripe_ncc'")
    notifier = AppriseNotifier([mails.address, hook.address], "RASAD_REMINDER_URLS")
    here = ManualClock(datetime(2026, 12, 26, tzinfo=UTC))
    telling = Telling(Label.MEASURED, notifier.receivers, seconds(here.now()))
    for n_made in (6, 0):
        assert len(remind(parties.transaction, parties.clock, telling)) == n_made
        send_messages(parties.transaction, [notifier], Label.MEASURED, here)

    assert len(hook.told) == 2 * len(Party)
    assert {one.to for one in mails.mails} == {("liaison@ripe.example",)}
    assert len(mails.mails) == 2
    assert all("RIPE NCC is reminded" in one.subject for one in mails.mails)
    assert "rasad reminders acknowledge" in mails.mails[0].text
