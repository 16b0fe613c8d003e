"""Traceroute results, as the platform shows them."""

from dataclasses import dataclass

from app.rehearsal.contract import Body
from app.rehearsal.world.chance import Chance
from app.rehearsal.world.turns import Attempt
from app.rehearsal.world.walk import Question, Walk

PROTOCOL, PARIS_FLOWS, MAX_HOPS, PORT, TIMEOUT_MS, GAP_LIMIT, PACKETS, SIZE = "UDP", 16, 32, 80, 4000, 5, 3, 40


@dataclass(frozen=True)
class Traceroute:
    """Reports the results of one traceroute measurement."""

    question: Question

    def report(self, attempt: Attempt, chance: Chance) -> Body:
        """A result from `endtime` to `result`."""
        aim, question = attempt.aim, self.question
        flow = attempt.round_number % question.paris + 1 if question.paris else 0
        hops: list[Body]
        took = 0.0
        if aim.destination is None:
            hops = [{"error": f"name resolution failed: {aim.error}"}]
        elif aim.is_refused:
            hops = [{"error": "address not allowed"}]
        elif attempt.conditions is None:
            hops = [{"hop": question.first, "error": "connect failed: Network is unreachable"}]
        else:
            hops, took = Walk(question, attempt, aim.destination, attempt.conditions, chance, flow).hops()
        found: Body = {"endtime": attempt.at + int(took / 1000), "dst_name": aim.name}
        if aim.resolved_in_ms is not None:
            found["ttr"] = aim.resolved_in_ms
        is_started = aim.destination is not None and not aim.is_refused
        if aim.destination is not None:
            found["dst_addr"] = aim.destination.address
        if is_started:
            found["src_addr"] = attempt.vantage.own_address(attempt.family) if attempt.conditions else ""
        found |= {"proto": question.protocol, "af": attempt.family, "size": question.size}
        if not is_started:
            found["paris_id"] = 0
        elif question.paris:
            found["paris_id"] = flow
        found["result"] = hops
        return found


def make_traceroute(measurement: Body) -> Traceroute:
    """From its object as the API shows it; what is unset takes the probe's default."""

    def asked(name: str, usual: int) -> int:
        value = measurement.get(name)
        return usual if value is None else int(value)

    timeout = measurement.get("response_timeout") or measurement.get("timeout")
    question = Question(
        protocol=str(measurement.get("protocol") or PROTOCOL).upper(),
        packets=asked("packets", PACKETS),
        size=asked("size", SIZE),
        paris=asked("paris", PARIS_FLOWS),
        first=asked("first_hop", 1),
        last=asked("max_hops", MAX_HOPS),
        port=asked("port", PORT),
        timeout_ms=int(timeout or TIMEOUT_MS),
        gap_limit=asked("gap_limit", GAP_LIMIT),
        keeps_whole=bool(measurement.get("dont_fragment")),
        hop_options=asked("hop_by_hop_option_size", 0),
        target_options=asked("destination_option_size", 0),
    )
    return Traceroute(question)
