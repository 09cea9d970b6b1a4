"""The last word on a run: what has to hold once every step has ended well."""

from collections.abc import Mapping
from datetime import UTC, datetime

from backstop.exits import Exit, StepFailed

STATES_TO_LOAD = ("missing", "late", "changed", "suspect")


def judge_day(results: Mapping[str, Mapping[str, object] | None], now: datetime) -> dict[str, object]:
    """Sums up the steps of a day; raises StepFailed (data) when the day cannot be called complete.

    A step without a result was marked as successful by hand.
    """
    silent = [step for step, result in results.items() if result is None]
    if silent:
        raise StepFailed(Exit.DATA, f"no result of {', '.join(silent)}: clear the run from there")
    return {
        "hours_waiting": hours_waiting(results["completeness"], now),
        "loaded_rows": results["load"]["rows"],
        "dbt": results["transform"]["nodes"],
    }


def hours_waiting(status: Mapping[str, object], now: datetime) -> int:
    """Hours whose archived files `backstop status` does not find loaded; raises StepFailed (data) if any is overdue.

    Overdue is what lies before the current UTC date: today's hours may have got files since the load, and the next run
    takes those.
    """
    today = now.astimezone(UTC).date().isoformat()
    waiting = [day for day in status["days"] if _to_load(day)]
    overdue = [f"{day['table']} of {day['date']} ({_to_load(day)} h)" for day in waiting if day["date"] < today]
    if overdue:
        raise StepFailed(
            Exit.DATA, f"archived files are not in the warehouse: {', '.join(overdue)}: clear the run from `load`"
        )
    return sum(map(_to_load, waiting))


def _to_load(day: Mapping[str, object]) -> int:
    """Hours of a table's day whose files and rows differ."""
    return sum(int(day[state]) for state in STATES_TO_LOAD)
