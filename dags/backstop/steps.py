"""The steps of a day and of an hour in their order, and those of a month: the exact argument lists.

The DAG and `make reprocess` both take them from here, so that both do the same.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from backstop.closing import Approval
from backstop.days import LOOK_BACK, first_arrival
from backstop.settings import Settings

# dbt also redoes the days of conversions that new data has touched, if they lie within so many days of the run's day.
WINDOW_DAYS = 45

DAY_STEPS = ("fetch", "fetch_clicks", "load", "completeness", "transform")
HOUR_STEPS = ("observe", "load", "freshness")
# A proposal needs a name, too, but no person answers for it.
PROPOSED_BY = "billing_close"


@dataclass(frozen=True)
class Step:
    """One program to run. `dbt_results` is set for dbt, which writes there what became of each node."""

    name: str
    argv: tuple[str, ...]
    dbt_results: Path | None = None


def steps_of_day(settings: Settings, day: date, run_id: str) -> dict[str, Step]:
    """The steps of a report date by name, in order.

    The fetches go first, because the load lands what they fetched; load and completeness reach until now. Running them
    again changes nothing that has not changed at its source. TUNE's click log is final once its day is over, so each
    run fetches that of its own day alone.
    """
    first = day - LOOK_BACK
    only = ("--from", day.isoformat(), "--to", day.isoformat())
    arrivals = ("--from", first_arrival(first, settings.time_zone).isoformat())
    return _by_name(
        _backstop(settings, "fetch", "fetch", "--from", first.isoformat()),
        _backstop(settings, "fetch_clicks", "fetch", "--target", "clicks", *only),
        _backstop(settings, "load", "load", *arrivals),
        _backstop(settings, "completeness", "status", *arrivals),
        _transform(settings, day, run_id),
    )


def steps_of_hour(settings: Settings, today: date) -> dict[str, Step]:
    """The steps of an hour by name, in order. `today` is the date in UTC; late files of the look-back are found too."""
    arrivals = ("--from", (today - LOOK_BACK).isoformat())
    return _by_name(
        _backstop(settings, "observe", "fetch", "--target", "offers,goals"),
        _backstop(settings, "load", "load", *arrivals),
        _backstop(settings, "freshness", "status", *arrivals),
    )


def propose_closing(settings: Settings, period: str) -> Step:
    """Says what closing a month would book and what stands against it, and books nothing."""
    return _backstop(settings, "propose", *_close(period, PROPOSED_BY), "--dry-run")


def close_period(settings: Settings, period: str, approval: Approval) -> Step:
    """Closes a month in the name of the person who approved. Closing it again books nothing."""
    note = ("--note", approval.note) if approval.note else ()
    return _backstop(settings, "close", *_close(period, approval.by), *note)


def _close(period: str, by: str) -> tuple[str, ...]:
    return ("billing", "close", "--period", period, "--by", by)


def _by_name(*steps: Step) -> dict[str, Step]:
    return {step.name: step for step in steps}


def _backstop(settings: Settings, name: str, *arguments: str) -> Step:
    return Step(name, (str(settings.backstop), *arguments, "--json"))


def _transform(settings: Settings, day: date, run_id: str) -> Step:
    project = str(settings.dbt_project)
    target = settings.run_dir / run_id
    variables = {"run_id": run_id, "days": [day.isoformat()], "window_days": WINDOW_DAYS}
    selection = ("--select", "tag:run", "--exclude-resource-type", "unit_test", "--vars", json.dumps(variables))
    places = ("--project-dir", project, "--profiles-dir", project, "--target-path", str(target))
    argv = (str(settings.dbt), "build", *selection, *places, "--log-path", str(target), "--no-use-colors")
    return Step("transform", argv, target / "run_results.json")
