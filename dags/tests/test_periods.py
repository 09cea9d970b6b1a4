from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backstop.exits import Exit, StepFailed
from backstop.periods import resolve_period

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 12, 8, 14, tzinfo=UTC)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def resolve(
    requested: str | None,
    run_type: str = "manual",
    start: datetime | None = None,
    now: datetime = NOW,
    time_zone: ZoneInfo = NEW_YORK,
) -> str:
    return resolve_period(requested=requested, run_type=run_type, interval_start=start, now=now, time_zone=time_zone)


RESOLVED = {
    "by hand": ("2026-10", "manual", None, "2026-10"),
    "by hand, whatever interval Airflow made up": ("2026-10", "manual", utc(2026, 11, 8, 14), "2026-10"),
    "by hand, of another year": ("2025-12", "manual", None, "2025-12"),
    "scheduled": (None, "scheduled", utc(2026, 11, 8, 14), "2026-11"),
    "backfill": (None, "backfill", utc(2026, 10, 8, 13), "2026-10"),
    "backfill that also says its month": ("2026-10", "backfill", utc(2026, 10, 8, 13), "2026-10"),
    "the local month counts, not UTC's": (None, "backfill", utc(2026, 11, 1, 3, 59), "2026-10"),
    "the local month begins at local midnight": (None, "backfill", utc(2026, 11, 1, 4), "2026-11"),
}

REFUSED = {
    "by hand without a month": (None, "manual", utc(2026, 11, 8, 14), 'trigger it with {"period": "YYYY-MM"}'),
    "from an asset": (None, "asset_triggered", None, 'trigger it with {"period": "YYYY-MM"}'),
    "a backfill of another month": ("2026-09", "backfill", utc(2026, 10, 8, 13), "interval is of 2026-10"),
    "the current month": ("2026-12", "manual", None, "is not over: in America/New_York it is 2026-12"),
    "a future month": ("2027-01", "manual", None, "is not over: in America/New_York it is 2026-12"),
    "no month of the calendar": ("2026-13", "manual", None, "write it as YYYY-MM"),
    "month zero": ("2026-00", "manual", None, "write it as YYYY-MM"),
    "a day": ("2026-11-20", "manual", None, "write it as YYYY-MM"),
    "without a hyphen": ("202611", "manual", None, "write it as YYYY-MM"),
    "with a line's end": ("2026-11\n", "manual", None, "write it as YYYY-MM"),
    "empty": ("", "manual", None, "write it as YYYY-MM"),
    "other digits": ("２０２６-11", "manual", None, "write it as YYYY-MM"),  # noqa: RUF001
}


@pytest.mark.parametrize(("requested", "run_type", "start", "expected"), RESOLVED.values(), ids=RESOLVED)
def test_a_run_resolves_to_one_month(requested: str | None, run_type: str, start: datetime, expected: str) -> None:
    assert resolve(requested, run_type, start) == expected


@pytest.mark.parametrize(("requested", "run_type", "start", "words"), REFUSED.values(), ids=REFUSED)
def test_a_month_that_is_not_clear_is_refused_as_usage(
    requested: str | None, run_type: str, start: datetime | None, words: str
) -> None:
    with pytest.raises(StepFailed) as refusal:
        resolve(requested, run_type, start)
    assert words in str(refusal.value)
    assert refusal.value.exit is Exit.USAGE


@pytest.mark.parametrize(
    ("zone", "over", "not_over"),
    [
        ("America/New_York", utc(2026, 12, 1, 5), utc(2026, 12, 1, 4, 59)),
        ("Asia/Tokyo", utc(2026, 11, 30, 15), utc(2026, 11, 30, 14, 59)),
        ("UTC", utc(2026, 12, 1), utc(2026, 11, 30, 23, 59)),
    ],
)
def test_a_month_is_over_with_the_networks_midnight(zone: str, over: datetime, not_over: datetime) -> None:
    assert resolve("2026-11", now=over, time_zone=ZoneInfo(zone)) == "2026-11"
    with pytest.raises(StepFailed, match="2026-11 is not over"):
        resolve("2026-11", now=not_over, time_zone=ZoneInfo(zone))
