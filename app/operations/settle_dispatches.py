"""Settle a dispatch that was sent and not answered by a person's word: it is this measurement, or it is given up."""

from app.operations import keep_treasury
from app.operations.acting import Acting, require_role
from app.operations.answer_dispatches import SETTLED, adopt
from app.operations.decide_dispatches import require_dispatch
from app.store import dispatches as store
from app.store.dispatches import Dispatch
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.errors import NotFound, NotPossible


def adopt_measurement(acting: Acting, dispatch_id: int, atlas_id: int, agreement_id: int | None = None) -> Dispatch:
    """Say which of the measurements found under its tag a dispatch is; the worker stops all others.

    Raises `NotFound` where the dispatch is none, or of another agreement than the one that is named, and `NotPossible`
    for what was not found under its tag, or is not what was to be dispatched.
    """
    dispatch = _unsettled(acting, dispatch_id, agreement_id)
    found = next((one for one in dispatch.found if one.atlas_id == atlas_id), None)
    if found is None:
        known = f": {dispatch.trouble}" if dispatch.trouble else ""
        raise NotPossible("not_under_its_tag", f"{atlas_id} was not found under its tag among what is ours{known}")
    if not found.is_as_asked:
        raise NotPossible("not_as_asked", f"{atlas_id} is not what was to be dispatched; give it up, and it is stopped")
    adopt(acting.connection, dispatch, atlas_id, acting.now_at)
    return _noted(acting, dispatch_id, "adopted")


def give_up(acting: Acting, dispatch_id: int, agreement_id: int | None = None) -> Dispatch:
    """Say that nobody waits any more for what a dispatch was to be; the worker stops what was found under its tag.

    Raises as `adopt_measurement` does.
    """
    dispatch = _unsettled(acting, dispatch_id, agreement_id)
    why = f"a person gave it up, since {dispatch.trouble or 'nobody knows what came of it'}"
    store.note(acting.connection, dispatch_id, **SETTLED, failure=why, answered_at=acting.now_at)
    keep_treasury.release(acting.connection, dispatch, acting.now_at)
    return _noted(acting, dispatch_id, "given_up")


def _unsettled(acting: Acting, dispatch_id: int, agreement_id: int | None) -> Dispatch:
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    dispatch = require_dispatch(acting.connection, dispatch_id, lock=True)
    if agreement_id not in (None, dispatch.agreement_id):
        raise NotFound(f"Agreement {agreement_id} has no dispatch {dispatch_id}.")
    if not dispatch.is_unanswered:
        raise NotPossible("nothing_to_settle", "it was not sent, or what came of it is known")
    if dispatch.may_be_called(acting.now_at):
        raise NotPossible("being_sent", "it may be being sent still; RIPE Atlas has ten minutes to answer")
    return dispatch


def _noted(acting: Acting, dispatch_id: int, how: str) -> Dispatch:
    dispatch = require_dispatch(acting.connection, dispatch_id)
    acting.note(
        Done.DISPATCH_SETTLED, SubjectKind.AGREEMENT, dispatch.agreement_id, version=dispatch.number,
        digest=dispatch.intent.digest, reason=how, details={"dispatch_id": dispatch_id, "atlas_id": dispatch.atlas_id},
    )  # fmt: skip
    return dispatch
