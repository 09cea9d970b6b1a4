"""Which month a closing is about. A period is a month of report dates in the network's time zone, written YYYY-MM."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from backstop.days import scheduled_date
from backstop.exits import Exit, StepFailed


def parse_period(text: str) -> str:
    """Reads YYYY-MM and nothing else; raises StepFailed (usage) otherwise."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        return text
    raise StepFailed(Exit.USAGE, f"{text!r} is no month: write it as YYYY-MM, for instance 2026-11")


def resolve_period(
    *,
    requested: str | None,
    run_type: str,
    interval_start: datetime | None,
    now: datetime,
    time_zone: ZoneInfo,
) -> str:
    """The one month that a run is about.

    `requested` is the run's parameter `period`. Scheduled and backfill runs take the local month in which their data
    interval starts and refuse another one; every other run must say its month. `now` and `interval_start` are aware.
    Raises StepFailed (usage) with what to do when the month is missing, malformed, contradictory or not over.
    """
    start = scheduled_date(run_type, interval_start, time_zone)
    scheduled = None if start is None else _month_of(start)
    if requested is None and scheduled is None:
        raise StepFailed(
            Exit.USAGE, f'a {run_type} run does not know its month: trigger it with {{"period": "YYYY-MM"}}'
        )
    period = parse_period(requested) if requested is not None else scheduled
    if scheduled is not None and period != scheduled:
        raise StepFailed(
            Exit.USAGE,
            f"the run's interval is of {scheduled} and its parameter says {period}: "
            f"trigger a run by hand for {period} instead",
        )
    refuse_unfinished(period, now, time_zone)
    return period


def refuse_unfinished(period: str, now: datetime, time_zone: ZoneInfo) -> None:
    """Raises StepFailed (usage) unless the month is over in the network's time zone."""
    current = _month_of(now.astimezone(time_zone).date())
    if period >= current:
        raise StepFailed(Exit.USAGE, f"{period} is not over: in {time_zone.key} it is {current}; take an earlier month")


def _month_of(day: date) -> str:
    return day.isoformat()[:7]
