"""Days on which clocks change: an hour that comes twice, and one that does not come."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from conftest import Build, Dbt, FromScratch, snapshot
from records import at, attempt, click, purchase, tune_conversion
from warehouse import Warehouse

# A day of 25 hours: half past one comes twice. Each receipt in UTC, with its day there.
NEW_YORK = {
    "2026-11-01 03:59:59": "2026-10-31",
    "2026-11-01 04:00:00": "2026-11-01",
    "2026-11-01 05:30:00": "2026-11-01",
    "2026-11-01 06:30:00": "2026-11-01",
    "2026-11-02 04:59:59": "2026-11-01",
    "2026-11-02 05:00:00": "2026-11-02",
}
# A day of 23 hours: at two it is three.
BERLIN = {
    "2026-03-28 22:59:59": "2026-03-28",
    "2026-03-28 23:00:00": "2026-03-29",
    "2026-03-29 00:59:59": "2026-03-29",
    "2026-03-29 01:00:00": "2026-03-29",
    "2026-03-29 21:59:59": "2026-03-29",
    "2026-03-29 22:00:00": "2026-03-30",
}


@pytest.fixture
def zone(request: pytest.FixtureRequest, empty: Warehouse, dbt: Dbt) -> Iterator[str]:
    """The network's time zone, for this test: it stands in the staging views."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKSTOP_TIME_ZONE", request.param)
        dbt.passes("run", "--select", "tag:setup")
        yield request.param
    dbt.passes("run", "--select", "tag:setup")


@pytest.mark.parametrize(("zone", "days"), [("America/New_York", NEW_YORK), ("Europe/Berlin", BERLIN)], indirect=["zone"])
def test_a_day_is_a_day_of_the_networks_clock(
    zone: str, days: dict[str, str], empty: Warehouse, build: Build, from_scratch: FromScratch
) -> None:
    """Six purchases of one click, and TUNE's rows of the same minutes by its own clock, which does not say which of two hours it means."""
    first, day, last = sorted(set(days.values()))
    told, rows = [], []
    for number, received in enumerate(days):
        clock = at(received).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:00")
        told.append(purchase(received, received, click(1), order=received))
        rows.append(tune_conversion(number, received, click_id=click(1), goal_id="31", datetime=clock))
    empty.fetch(f"{last} 20:00", (first, last), rows)
    for postbacks, asked in ((told[:3], first), (told[3:], day)):
        empty.land("postbacks", postbacks)
        empty.land("forwards", [attempt(postback) for postback in postbacks])
        build(asked, asked)

    received = empty.rows("select first_received_at::varchar, report_date::varchar from marts.fct_conversions order by 1")
    assert received == list(days.items())
    matched = "select report_date::varchar, class, approximate, day_shifted from marts.fct_tune_reconciliation order by 1"
    assert empty.rows(matched) == [(of, "matched", True, False) for of in days.values()]
    assert snapshot(empty) == from_scratch(day)
