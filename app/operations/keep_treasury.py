"""Keep the treasury: allot credits, hold what a dispatch may cost, and settle what the platform charges.

What is held is entered in the unit of work of the gate's decision, under a lock on the accounts' rows: of two that race
for the last credits one gets them, and the other is refused as `over_budget`.
"""

from sqlalchemy import Connection

from app.operations.acting import Acting
from app.operations.agree import require_agreement, speaking
from app.store import treasury as store
from app.store.dispatches import Dispatch
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.campaigns.treasury import Account, EntryKind, Holding, payer_of, settlement, suitable
from measurements.errors import InvalidContent
from measurements.results.outcome import Label

MOST_CREDITS = 10**12
"""Nobody has as many; a slip of the finger may."""
LONGEST_NAME = 100


def allot(acting: Acting, label: Label, agreement_id: int, credits_: int, campaign: str | None = None) -> Account:
    """Give credits of one's party to an agreement, or take back, by a number below zero, what nobody holds.

    Raises `NotFound`, `NotPermitted`, and `InvalidContent` where there is not as much to be taken back.
    """
    payer = speaking(acting, Act.ALLOT_CREDITS).party
    require_agreement(acting, agreement_id)
    connection, now = acting.connection, acting.now_at
    name = None if campaign is None else campaign.strip()
    problems = []
    if credits_ == 0 or abs(credits_) > MOST_CREDITS:
        problems.append(("/credits", f"is not in 1 to {MOST_CREDITS:,}, nor below zero as many"))
    if name is not None and (not 1 <= len(name) <= LONGEST_NAME or not name.isprintable()):
        problems.append(("/campaign", f"is not a line of 1 to {LONGEST_NAME} characters"))
    if problems:
        raise InvalidContent(problems)
    account = store.open_account(connection, label, agreement_id, payer, name, now)
    if account.available + credits_ < 0:
        raise InvalidContent([("/credits", f"only {account.available} are there to be taken back")])
    store.add_entry(connection, account.account_id, EntryKind.ALLOT, credits_, now, person_id=acting.person_id)
    told = {"account_id": account.account_id, "label": label, "credits": credits_, "campaign": name}
    acting.note(Done.CREDITS_ALLOTTED, SubjectKind.AGREEMENT, agreement_id, details=told)
    return store.find_account(connection, account.account_id)


def lacking(connection: Connection, dispatch: Dispatch) -> str:
    """What an account would have to hold so that a dispatch is paid for, in words; nothing where it is.

    What is held for it already is; what was sent before anything was allotted went by its card's limit alone.
    """
    if dispatch.sent_at is not None or _holding(connection, dispatch).held:
        return ""
    accounts = store.find_accounts(connection, label=dispatch.label, agreement_id=dispatch.agreement_id)
    wanted = dispatch.intent.credits
    if not accounts or payer_of(accounts, dispatch.campaign, wanted):
        return ""
    most = max((one.available for one in suitable(accounts, dispatch.campaign)), default=0)
    return f"It may cost {wanted}, and {most} are available."


def lock(connection: Connection, label: Label, agreement_id: int) -> None:
    """Nobody else spends from the accounts of an agreement before this unit of work ends."""
    store.find_accounts(connection, label=label, agreement_id=agreement_id, lock=True)


def reserve(connection: Connection, dispatch: Dispatch, now: int) -> None:
    """Hold all that a permitted dispatch may cost; nothing where that is done, or where no account was allotted."""
    if _holding(connection, dispatch).held:
        return
    accounts = store.find_accounts(connection, label=dispatch.label, agreement_id=dispatch.agreement_id)
    payer = payer_of(accounts, dispatch.campaign, dispatch.intent.credits)
    if payer is not None and dispatch.intent.credits:
        _enter(connection, dispatch, payer.account_id, EntryKind.RESERVE, dispatch.intent.credits, now)


def commit(connection: Connection, dispatch: Dispatch, now: int) -> None:
    """The platform has created it: what is held will be spent."""
    holding = _holding(connection, dispatch)
    if holding.held and not holding.committed:
        _enter(connection, dispatch, holding.account_id, EntryKind.COMMIT, holding.held, now)


def release(connection: Connection, dispatch: Dispatch, now: int, *, keep: int = 0) -> None:
    """Free what is held and not needed: all of it, or all but so much, which may be charged yet."""
    holding = _holding(connection, dispatch)
    if holding.held > keep:
        _enter(connection, dispatch, holding.account_id, EntryKind.RELEASE, holding.held - keep, now)


def release_unneeded(connection: Connection, dispatch: Dispatch, now: int) -> None:
    """Of what has stopped early free what no result can be charged for any more."""
    until = dispatch.intent._replace(stop_at=min(now, dispatch.intent.stop_at or now))
    holding = _holding(connection, dispatch)
    release(connection, dispatch, now, keep=max(0, until.credits - holding.settled))


def settle(connection: Connection, dispatch: Dispatch, charged: int, now: int, *, is_final: bool) -> Holding:
    """Enter what the platform has charged for a dispatch in all; the rest is released once nothing more can come."""
    holding = _holding(connection, dispatch)
    if holding.account_id:
        account = store.find_account(connection, holding.account_id)
        for step in settlement(holding, charged, account.available, is_final=is_final):
            _enter(connection, dispatch, holding.account_id, step.kind, step.credits, now)
    return _holding(connection, dispatch)


def _holding(connection: Connection, dispatch: Dispatch) -> Holding:
    found = store.find_holdings(connection, dispatch_ids=[dispatch.dispatch_id])
    return found.get(dispatch.dispatch_id, Holding(0))


def _enter(
    connection: Connection, dispatch: Dispatch, account_id: int, kind: EntryKind, credits_: int, now: int
) -> None:
    store.add_entry(connection, account_id, kind, credits_, now, dispatch_id=dispatch.dispatch_id)
