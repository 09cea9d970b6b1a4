"""The last word on a run of a day: what has to hold once every step has ended well."""

from collections.abc import Mapping
from datetime import UTC, datetime

from backstop.exits import Exit, StepFailed

STATES_TO_LOAD = ("missing", "late", "changed", "suspect")


def judge(results: Mapping[str, Mapping[str, object] | None], now: datetime) -> dict[str, object]:
    """Sums up the steps' results; raises StepFailed (data) when the day cannot be called complete.

    A step without a result was marked as successful by hand. Hours of the current UTC date may have got files since
    the load; the next run takes those.
    """
    silent = [step for step, result in results.items() if result is None]
    if silent:
        raise StepFailed(Exit.DATA, f"no result of {', '.join(silent)}: clear the run from there")
    today = now.astimezone(UTC).date().isoformat()
    waiting = [day for day in results["completeness"]["days"] if _to_load(day)]
    overdue = [f"{day['table']} of {day['date']} ({_to_load(day)} h)" for day in waiting if day["date"] < today]
    if overdue:
        raise StepFailed(
            Exit.DATA,
            f"archived files are not in the warehouse: {', '.join(overdue)}: clear the run from `load`",
        )
    return {
        "loaded_rows": results["load"]["rows"],
        "hours_waiting": sum(_to_load(day) for day in waiting),
        "dbt": results["transform"]["nodes"],
    }


def _to_load(day: Mapping[str, object]) -> int:
    """Hours of a table's day whose files and rows differ."""
    return sum(int(day[state]) for state in STATES_TO_LOAD)
