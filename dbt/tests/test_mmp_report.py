"""The MMP's own report as a third side, which comes later than the day and changes it."""

from conftest import Build, FromScratch, snapshot
from records import attempt, click, install, observation, purchase, report_row, tune_conversion
from warehouse import Row, Warehouse

DAY = "2026-11-19"
NEXT = "2026-11-20"
LATER = "2026-11-21"


def a_day(warehouse: Warehouse) -> None:
    """Three installs that TUNE has approved, and one that only TUNE has."""
    told = [install(name, f"{DAY} 14:0{n}", click(n)) for n, name in enumerate(("a", "b", "c"), start=1)]
    warehouse.land("postbacks", told)
    warehouse.land("forwards", [attempt(postback) for postback in told])
    warehouse.land("tune_offers", [observation("offer", f"{DAY} 20:00", modified="2026-11-01 00:00")])
    rows = [tune_conversion(n, f"{DAY} 14:0{n}", of=postback, goal_id="0") for n, postback in enumerate(told, start=1)]
    bypass = tune_conversion(9, f"{DAY} 15:00", click_id=click(9), goal_id="0")
    warehouse.fetch(f"{NEXT} 08:00", (DAY, NEXT), [*rows, bypass])


def classes(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows("select class, in_mmp_report, count(*) from marts.fct_tune_reconciliation group by 1, 2 order by 1, 2")


def test_a_report_changes_the_day_that_it_tells_of(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    a_day(empty)
    build("one", DAY)
    assert classes(empty) == [("bypass", "not loaded", 1), ("matched", "not loaded", 3)]

    # The report has two of them, the one that only TUNE has, and one that neither has.
    told = [
        report_row(1, f"{DAY} 14:01", click(1)),
        report_row(2, f"{DAY} 14:02", click(2)),
        report_row(3, f"{DAY} 14:59", click(9)),
        report_row(4, f"{DAY} 18:00", click(7)),
    ]
    empty.report(f"{NEXT} 10:00", (DAY, DAY), told)
    build("two", NEXT)
    assert classes(empty) == [
        ("breakage_inbound", "yes", 1),
        ("bypass", "yes", 1),
        ("matched", "yes", 2),
        ("not_in_mmp_report", "no", 1),
    ]
    assert empty.value("select sum(breakage_inbound) from marts.fct_daily_statistics") == 1

    # A day later the report has the third as well, no longer has the unknown one, and has one as blocked.
    newer = [report_row(n, f"{DAY} 14:0{n}", click(n)) for n in (1, 2, 3)]
    newer[1] |= {"rejected": True, "reject_reason": "bots"}
    empty.report(f"{LATER} 10:00", (DAY, NEXT), newer)
    build("three", LATER)
    assert classes(empty) == [("bypass", "not loaded", 1), ("matched", "yes", 2), ("post_approval_fraud", "yes", 1)]
    reasons = empty.rows("select billing_status, billing_reason, count(*) from marts.fct_conversions group by 1, 2 order by 3")
    assert reasons == [("review", "mmp_report_rejected", 1), ("billable", "billable", 2)]

    assert snapshot(empty) == from_scratch(DAY, NEXT, LATER)


def test_what_a_report_told_first_finds_its_partner_later(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """Its lines are of the day before midnight; a postback and a row of TUNE's, and a purchase that is nearer, are of the day after."""
    bought = purchase("bought", f"{NEXT} 04:40", click(3), order="o1")
    empty.land("postbacks", [bought])
    empty.land("forwards", [attempt(bought)])
    empty.report(f"{NEXT} 10:00", (DAY, NEXT), [report_row(n, f"{NEXT} 04:5{n}", click(n)) for n in (1, 2)])
    line = report_row(3, f"{NEXT} 04:58", click(3), event="af_purchase")
    empty.report(f"{NEXT} 11:00", (DAY, NEXT), [line], kind="in_app_events_report")
    build("one", DAY, NEXT)
    dated = (
        "select report_date::varchar, class, in_mmp_report, count(*) from marts.fct_tune_reconciliation group by 1, 2, 3 order by 1, 2, 3"
    )
    assert empty.rows(dated) == [(DAY, "breakage_inbound", "yes", 2), (DAY, "tune_unknown", "yes", 1)]

    late = [install("late", f"{NEXT} 15:00", click(1)), purchase("nearer", f"{NEXT} 05:01", click(3), order="o2")]
    empty.land("postbacks", late, arrived=f"{NEXT} 15")
    empty.land("forwards", [attempt(postback) for postback in late])
    empty.fetch(f"{NEXT} 20:00", (NEXT, NEXT), [tune_conversion(1, f"{NEXT} 14:00", click_id=click(2), goal_id="0")])
    build("two", LATER)
    assert empty.rows(dated) == [
        (DAY, "tune_unknown", "no", 1),
        (NEXT, "breakage_forward", "yes", 2),
        (NEXT, "bypass", "yes", 1),
    ]
    assert snapshot(empty) == from_scratch(DAY, NEXT, LATER)


def test_a_day_that_only_a_report_knew_is_emptied_with_it(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    empty.report(f"{NEXT} 10:00", (DAY, DAY), [report_row(1, f"{DAY} 14:00", click(1)), report_row(2, f"{DAY} 14:00", click(2))])
    build("one", DAY)
    assert classes(empty) == [("breakage_inbound", "yes", 2)]
    empty.report(f"{NEXT} 11:00", (DAY, NEXT), [report_row(1, f"{NEXT} 14:00", click(1))])
    build("two", LATER)
    assert empty.rows("select report_date::varchar, class from marts.fct_tune_reconciliation") == [(NEXT, "breakage_inbound")]
    assert snapshot(empty) == from_scratch(DAY, NEXT)


def test_a_report_that_is_not_whole_says_nothing(empty: Warehouse, build: Build) -> None:
    a_day(empty)
    empty.report(f"{NEXT} 10:00", (DAY, DAY), [report_row(1, f"{DAY} 14:01", click(1))], declared=2)
    build("one", DAY)

    assert classes(empty) == [("bypass", "not loaded", 1), ("matched", "not loaded", 3)]
