"""What is asked of campaigns, requests and credits by the matrix of who may what."""

from sqlalchemy import Engine

from app.store.campaigns import add_campaign, find_campaign, set_campaign
from app.store.engine import transactions
from app.store.requests import add_request
from measurements.requests.request import Question, complete
from measurements.results.outcome import Label
from tests.app.api.agreed import filled
from tests.app.api.asked_one import LATER, Asked
from tests.app.people import NOW, Member
from tests.campaigning import NAME, make_campaign


def allot(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    number = int(filled(engine, "{agreement_id}")[0])
    return Asked(method, path, {"agreement_id": number, "credits": 1_000})


def campaign(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """One under a draft, so that the gate refuses all of it; it is everybody's who may have anything measured."""
    document = make_campaign()
    content: object = document.model_dump(mode="json") if method == "PUT" or path.endswith("/plan") else {}
    filled(engine, "")
    with transactions(engine)() as connection:
        if find_campaign(connection, Label.REHEARSED, NAME) is None:
            number = add_campaign(connection, Label.REHEARSED, document, None, NOW)
            set_campaign(connection, number, state="paused")
    return Asked(method, path.format(name=NAME), content if method != "GET" else None)


def request(engine: Engine, method: str, path: str, about: Member) -> Asked:
    """One that somebody made."""
    request, person_id = complete(Question(targets=("k-root",)), NOW), about.person.person_id
    with transactions(engine)() as connection:
        number = add_request(connection, Label.REHEARSED, person_id, request, ["0/4/k-root"], NOW)
    content = {"stop_at": LATER} if path.endswith("extension") else None if method == "GET" else {}
    return Asked(method, path.format(request_id=number), content)
