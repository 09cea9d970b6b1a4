from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from backstop.days import first_arrival, parse_time_zone, resolve_day
from backstop.exits import Exit, StepFailed

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


RESOLVED = {
    "by hand": ("2026-11-20", "manual", None, date(2026, 11, 20)),
    "by hand, whatever interval Airflow made up": ("2026-11-20", "manual", utc(2026, 11, 1, 3, 30), date(2026, 11, 20)),
    "by hand, today": ("2026-11-22", "manual", None, date(2026, 11, 22)),
    "scheduled": (None, "scheduled", utc(2026, 11, 20, 8, 30), date(2026, 11, 20)),
    "backfill": (None, "backfill", utc(2026, 11, 20, 8, 30), date(2026, 11, 20)),
    "backfill that also says its day": ("2026-11-20", "backfill", utc(2026, 11, 20, 8, 30), date(2026, 11, 20)),
    "the local date counts, not UTC's": (None, "scheduled", utc(2026, 11, 21, 4, 59), date(2026, 11, 20)),
    "day on which summer time begins": (None, "scheduled", utc(2026, 3, 8, 7, 30), date(2026, 3, 8)),
    "day on which summer time ends": (None, "scheduled", utc(2026, 11, 1, 8, 30), date(2026, 11, 1)),
}

REFUSED = {
    "by hand without a day": (None, "manual", utc(2026, 11, 20, 8, 30), "trigger it with"),
    "from an asset": (None, "asset_triggered", None, "trigger it with"),
    "a backfill of another day": ("2026-11-19", "backfill", utc(2026, 11, 20, 8, 30), "interval is 2026-11-20"),
    "tomorrow": ("2026-11-23", "manual", None, "is in the future: in America/New_York it is 2026-11-22"),
    "no day of the calendar": ("2026-02-30", "manual", None, "write it as YYYY-MM-DD"),
    "without hyphens": ("20261120", "manual", None, "write it as YYYY-MM-DD"),
    "with a time": ("2026-11-20T00:00", "manual", None, "write it as YYYY-MM-DD"),
    "empty": ("", "manual", None, "write it as YYYY-MM-DD"),
    "other digits": ("２０２６-11-20", "manual", None, "write it as YYYY-MM-DD"),  # noqa: RUF001
}


@pytest.mark.parametrize(("requested", "run_type", "start", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_a_run_resolves_to_one_day(
    requested: str | None, run_type: str, start: datetime | None, expected: date
) -> None:
    day = resolve_day(requested=requested, run_type=run_type, interval_start=start, now=NOW, time_zone=NEW_YORK)
    assert day == expected


@pytest.mark.parametrize(("requested", "run_type", "start", "words"), REFUSED.values(), ids=REFUSED)
def test_a_day_that_is_not_clear_is_refused_as_usage(
    requested: str | None, run_type: str, start: datetime | None, words: str
) -> None:
    with pytest.raises(StepFailed, match=words) as refusal:
        resolve_day(requested=requested, run_type=run_type, interval_start=start, now=NOW, time_zone=NEW_YORK)
    assert refusal.value.exit is Exit.USAGE


def test_today_begins_with_the_networks_midnight() -> None:
    just_before_midnight_there = utc(2026, 11, 22, 4, 59)
    with pytest.raises(StepFailed, match="it is 2026-11-21"):
        resolve_day(
            requested="2026-11-22",
            run_type="manual",
            interval_start=None,
            now=just_before_midnight_there,
            time_zone=NEW_YORK,
        )


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 11, 20), "America/New_York", date(2026, 11, 20)),
        (date(2026, 11, 20), "Asia/Tokyo", date(2026, 11, 19)),
        (date(2026, 11, 20), "UTC", date(2026, 11, 20)),
        (date(2026, 3, 29), "Europe/Berlin", date(2026, 3, 28)),
        (date(2026, 3, 30), "Europe/Berlin", date(2026, 3, 29)),
    ],
)
def test_first_arrival_is_the_utc_date_of_the_local_midnight(day: date, zone: str, expected: date) -> None:
    assert first_arrival(day, ZoneInfo(zone)) == expected


@pytest.mark.parametrize("name", ["America/Atlantis", "", "../etc/passwd", "New York"])
def test_an_unknown_time_zone_is_a_matter_of_configuration(name: str) -> None:
    with pytest.raises(StepFailed, match="BACKSTOP_TIME_ZONE") as refusal:
        parse_time_zone(name)
    assert refusal.value.exit is Exit.CONFIGURATION
