"""`/credits/`: an account's balance, where it comes from and where it goes."""

from datetime import UTC, datetime

from starlette.responses import Response

from app.rehearsal.api.accounts import DAY_S
from app.rehearsal.api.call import Call
from app.rehearsal.api.entries import UserDefined
from app.rehearsal.api.envelope import json_answer
from app.rehearsal.api.filters import number
from app.rehearsal.api.keys import Grant
from app.rehearsal.api.paging import Resource, listed
from app.rehearsal.contract import Body

ITEMS = Resource(fields={"id": number("id")})


def show_credits(call: Call) -> Response:
    """`GET /credits/`."""
    account, accounts = _settled_account(call), call.accounts
    charges = accounts.charges(account, call.now - DAY_S, call.now)
    all_charges = accounts.charges(account, -1, call.now)
    balance, income = accounts.balance(account, call.now), accounts.daily_income()
    expenditure = sum(item["estimated_daily_cost"] for item in _expenses(call, account))
    loss = expenditure - income
    addresses = {name: f"{call.root}/api/v2/credits/{name.replace('_', '-')}/" for name in _LISTS}
    return json_answer(
        {
            **addresses,
            "calculation_time": _iso(call.now),
            "credit_checked": True,
            "current_balance": balance,
            "estimated_daily_balance": income - expenditure,
            "estimated_daily_expenditure": expenditure,
            "estimated_daily_income": income,
            "estimated_runout_seconds": balance * DAY_S // loss if loss > 0 else None,
            "last_date_credited": _iso(call.now // DAY_S * DAY_S),
            "last_date_debited": _iso(all_charges[-1].at) if all_charges else None,
            "max_daily_credits": call.platform.limits.credits_per_day,
            "past_day_credits_spent": sum(each.credits for each in charges),
            "past_day_measurement_results": sum(each.n_results for each in charges),
        }
    )


_LISTS = ("income_items", "expense_items", "transactions")


def list_income(call: Call) -> Response:
    """`GET /credits/income-items/`: the probes that the account hosts."""
    _settled_account(call)
    each = call.accounts.daily_income() // max(call.platform.limits.hosted_probes, 1)
    probes = call.platform.world.probes(call.now)[: call.platform.limits.hosted_probes]
    items = [
        {"id": body["id"], "probe": body["id"], "estimated_daily_income": each, "type": "probe"} for body in probes
    ]
    return json_answer(listed(call, ITEMS, items))


def list_expenses(call: Call) -> Response:
    """`GET /credits/expense-items/`: what runs, at its full schedule."""
    return json_answer(listed(call, ITEMS, _expenses(call, _settled_account(call))))


def list_transactions(call: Call) -> Response:
    """`GET /credits/transactions/`: every batch, the oldest first."""
    account = _settled_account(call)
    charges = call.accounts.charges(account, -1, call.now)
    items = [
        {
            "id": index,
            "amount": -each.credits,
            "date": _iso(each.at),
            "measurement_id": each.measurement_id,
            "results": each.n_results,
            "type": "measurement",
        }
        for index, each in enumerate(charges, 1)
    ]
    return json_answer(listed(call, ITEMS, items))


def _settled_account(call: Call) -> str:
    account = call.require(Grant.CREDITS).owner
    call.accounts.settle(call.now)
    return account


def _expenses(call: Call, account: str) -> list[Body]:
    entries = (UserDefined(call.platform, created) for created in call.platform.records.all())
    running = [each for each in entries if each.created.bill_to == account and each.is_running(call.now)]
    return [
        {
            "id": body["id"],
            "credits_per_result": body["credits_per_result"],
            "estimated_daily_cost": body["credits_per_result"] * body["estimated_results_per_day"],
            "measurement_id": body["id"],
            "type": body["type"],
        }
        for body in (each.object(call.now) for each in running)
    ]


def _iso(at: int) -> str:
    """As the platform writes it here: UTC without saying so, with microseconds."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
