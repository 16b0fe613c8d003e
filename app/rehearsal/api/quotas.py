"""Limits: how much one account may have running, and everybody together to one target."""

from collections.abc import Iterator, Sequence

from app.rehearsal.api.definitions import cost_per_result
from app.rehearsal.api.entries import UserDefined
from app.rehearsal.api.envelope import Mistake
from app.rehearsal.api.objects import results_per_day
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.records import Created
from app.rehearsal.contract import Body


def over_the_limits(
    platform: Platform, owner: str, wanted: Sequence[Created], sources: Sequence[Body], now: int
) -> list[Mistake]:
    """Which limits these measurements would break, together with what already runs. At most one of each kind."""
    running = [each for each in _created(platform) if each.is_running(now)]
    mine = [each for each in running if each.owner == owner]
    limits, n_probes = platform.limits, sum(abs(source["requested"]) for source in sources)
    mistakes: list[Mistake] = []
    if len(mine) + len(wanted) > limits.concurrent:
        text = f"You are not permitted to run more than {limits.concurrent} concurrent measurements."
        mistakes.append(Mistake(text, "/definitions"))
    mistakes += _at_targets(platform, running, wanted)
    if n_probes > limits.probes_per_measurement:
        text = f"You are not permitted to use more than {limits.probes_per_measurement} probes per measurement."
        mistakes.append(Mistake(text, "/probes"))
    mistakes += _too_much_a_day(platform, mine, wanted, n_probes, now)
    for index, each in enumerate(wanted):
        spread = each.fields["spread"]
        if spread and n_probes / spread > limits.results_per_second:
            text = f"You are not permitted to receive more than {limits.results_per_second} results per second."
            mistakes.append(Mistake(text, f"/definitions/{index}/spread"))
    return mistakes


def _created(platform: Platform) -> Iterator[UserDefined]:
    return (UserDefined(platform, created) for created in platform.records.all())


def _at_targets(platform: Platform, running: Sequence[UserDefined], wanted: Sequence[Created]) -> Iterator[Mistake]:
    """Everybody's measurements to a target count, of every type."""
    most = platform.limits.concurrent_per_target
    addresses = [each.created.target_ip for each in running] + [each.target_ip for each in wanted]
    for index, each in enumerate(wanted):
        if each.target_ip is not None and addresses.count(each.target_ip) > most:
            text = f"We do not allow more than {most} concurrent measurements to the same target: {{}}."
            yield Mistake(text.format(each.fields["target"]), f"/definitions/{index}/target")


def _too_much_a_day(
    platform: Platform, mine: Sequence[UserDefined], wanted: Sequence[Created], n_probes: int, now: int
) -> Iterator[Mistake]:
    limits = platform.limits
    objects = [each.object(now) for each in mine]
    news = [{**each.fields, "is_oneoff": each.is_oneoff} for each in wanted]
    costs = [cost_per_result(new, is_oneoff=new["is_oneoff"]) for new in news]
    counts = [results_per_day(new, n_probes) for new in news]
    n_results = sum(each["estimated_results_per_day"] for each in objects) + sum(counts)
    if n_results > limits.results_per_day:
        text = f"You are not permitted to receive more than {limits.results_per_day} results per day."
        yield Mistake(text, "/definitions")
    credits_ = sum(each["estimated_results_per_day"] * each["credits_per_result"] for each in objects)
    if credits_ + sum(map(int.__mul__, counts, costs)) > limits.credits_per_day:
        text = f"You are not permitted to spend more than {limits.credits_per_day} credits per day."
        yield Mistake(text, "/definitions")
