from datetime import UTC, datetime

import pytest

from backstop.exits import Exit, StepFailed
from backstop.gate import judge_day

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def hours(date: str, **waiting: int) -> dict[str, object]:
    return {
        "table": "postbacks",
        "date": date,
        **dict.fromkeys(("missing", "late", "changed", "suspect"), 0),
        **waiting,
    }


def results(*days: dict[str, object], **others: object) -> dict[str, object]:
    well = {"fetch": {}, "load": {"rows": 7}, "completeness": {"days": list(days)}, "transform": {"nodes": {"pass": 3}}}
    return {**well, **others}


def test_a_complete_day_is_summed_up() -> None:
    account = judge_day(results(hours("2026-11-20")), NOW)
    assert account == {"loaded_rows": 7, "hours_waiting": 0, "dbt": {"pass": 3}}


@pytest.mark.parametrize("state", ["missing", "late", "changed", "suspect"])
def test_an_hour_that_a_load_would_mend_closes_the_gate(state: str) -> None:
    with pytest.raises(StepFailed, match=r"postbacks of 2026-11-20 \(1 h\)") as failure:
        judge_day(results(hours("2026-11-19"), hours("2026-11-20", **{state: 1})), NOW)
    assert failure.value.exit is Exit.DATA


def test_files_that_came_today_wait_for_the_next_run() -> None:
    assert judge_day(results(hours("2026-11-22", missing=1, late=1)), NOW)["hours_waiting"] == 2


@pytest.mark.parametrize("step", ["fetch", "load", "completeness", "transform"])
def test_a_step_that_left_no_result_closes_the_gate(step: str) -> None:
    with pytest.raises(StepFailed, match=f"no result of {step}") as failure:
        judge_day(results(**{step: None}), NOW)
    assert failure.value.exit is Exit.DATA
