"""Who is called silent, and when: never before the grace period, always with an age."""

from measurements.campaigns.silence import GRACE_S, MISSED_ROUNDS, UPLOAD_S, Silence, SilentProbe, judge_silence

T0 = 1_800_000_000
PATIENCE_S = MISSED_ROUNDS * 240 + UPLOAD_S


def judge(
    heard: dict[int, int], *, at: int, participants: frozenset[int] | None = frozenset({1, 2}), stop: int | None = None
) -> Silence:
    return judge_silence(participants, heard, interval_s=240, enlisted_at=T0, stop_at=stop, now_at=T0 + at)


def test_a_probe_that_never_reports_is_silent_after_the_grace_period_and_not_before() -> None:
    before, after = (judge({1: T0 + at}, at=at) for at in (GRACE_S, GRACE_S + 1))
    assert before.silent == ()
    assert after.silent == (SilentProbe(2, None, GRACE_S + 1),)


def test_a_probe_that_fell_silent_is_named_with_the_age_of_its_last_result() -> None:
    heard = {1: T0 + 9_000, 2: T0 + 1_000}
    assert judge(heard, at=9_000).silent == (SilentProbe(2, T0 + 1_000, 8_000),)


def test_a_few_missed_rounds_are_no_silence() -> None:
    heard = {1: T0 + PATIENCE_S, 2: T0}
    assert judge(heard, at=PATIENCE_S).silent == ()
    assert [one.probe_id for one in judge(heard, at=PATIENCE_S + 1).silent] == [2]


def test_a_measurement_is_stale_when_nobody_is_heard() -> None:
    fresh = judge({1: T0 + 5_000}, at=5_600)
    stale = judge({1: T0 + 5_000}, at=5_000 + PATIENCE_S + 1)
    assert (fresh.is_stale, fresh.age_s, fresh.newest_at) == (False, 600, T0 + 5_000)
    assert (stale.is_stale, stale.age_s) == (True, PATIENCE_S + 1)


def test_one_that_was_never_heard_is_stale_after_the_grace_period_with_the_age_of_being_followed() -> None:
    silence = judge({}, at=GRACE_S + 1)
    assert (silence.is_stale, silence.age_s, silence.newest_at, silence.n_heard) == (True, GRACE_S + 1, None, 0)


def test_nobody_is_silent_after_the_end() -> None:
    silence = judge({1: T0 + 3_000, 2: T0 + 3_100}, at=90_000, stop=T0 + 3_200)
    assert (silence.silent, silence.is_stale) == ((), False)


def test_of_a_built_in_only_probes_that_were_heard_can_fall_silent() -> None:
    silence = judge({5: T0, 6: T0 + 9_000}, at=9_000, participants=None)
    assert silence.n_participants is None
    assert [one.probe_id for one in silence.silent] == [5]
