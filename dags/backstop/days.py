"""Which day a run is about. A day is a report date in the network's time zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backstop.exits import Exit, StepFailed

# TUNE changes its verdict on a conversion for days after it came, so each run looks this far back.
LOOK_BACK = timedelta(days=8)

# Airflow gives these runs the data interval of their schedule; a run started by hand gets another one, depending on
# how it was started, so there the interval says nothing about the day that was meant.
WITH_OWN_INTERVAL = frozenset({"scheduled", "backfill"})


def parse_day(text: str) -> date:
    """Reads YYYY-MM-DD and nothing else; raises StepFailed (usage) otherwise."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise StepFailed(Exit.USAGE, f"{text!r} is no day: write it as YYYY-MM-DD, for instance 2026-11-20")


def parse_time_zone(name: str) -> ZoneInfo:
    """Finds the network's time zone; raises StepFailed (configuration) if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise StepFailed(
            Exit.CONFIGURATION,
            f"BACKSTOP_TIME_ZONE={name!r} is not known here: use a name such as America/New_York, or install tzdata",
        ) from error


def resolve_day(
    *,
    requested: str | None,
    run_type: str,
    interval_start: datetime | None,
    now: datetime,
    time_zone: ZoneInfo,
) -> date:
    """The one day that a run is about.

    `requested` is the run's parameter `day`. Scheduled and backfill runs take the local date on which their data
    interval starts and refuse another one; every other run must say its day. `now` and `interval_start` are aware.
    Raises StepFailed (usage) with what to do when the day is missing, malformed, contradictory or in the future.
    """
    scheduled = scheduled_date(run_type, interval_start, time_zone)
    if requested is None and scheduled is None:
        raise StepFailed(Exit.USAGE, f'a {run_type} run does not know its day: trigger it with {{"day": "YYYY-MM-DD"}}')
    day = parse_day(requested) if requested is not None else scheduled
    if scheduled is not None and day != scheduled:
        raise StepFailed(
            Exit.USAGE,
            f"the run's interval is {scheduled} and its parameter says {day}: trigger a run by hand for {day} instead",
        )
    refuse_future(day, now, time_zone)
    return day


def scheduled_date(run_type: str, interval_start: datetime | None, time_zone: ZoneInfo) -> date | None:
    """The local date on which the data interval of a run by timetable or backfill starts; None for every other run."""
    if run_type not in WITH_OWN_INTERVAL or interval_start is None:
        return None
    return interval_start.astimezone(time_zone).date()


def refuse_future(day: date, now: datetime, time_zone: ZoneInfo) -> None:
    """Raises StepFailed (usage) if the day has not begun in the network's time zone."""
    today = now.astimezone(time_zone).date()
    if day > today:
        raise StepFailed(Exit.USAGE, f"{day} is in the future: in {time_zone.key} it is {today}")


def first_arrival(day: date, time_zone: ZoneInfo) -> date:
    """The UTC date on which a day's first postback can have arrived: that of the local midnight."""
    return datetime.combine(day, time.min, time_zone).astimezone(UTC).date()
