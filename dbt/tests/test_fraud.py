"""The fraud rules over days: what they look back on may land in any order, and they never judge by what is not there."""

from conftest import Build, FromScratch, snapshot
from records import attempt, click, install, some_id, tune_click
from warehouse import Row, Warehouse

BEFORE = "2026-11-18"
DAY = "2026-11-19"
NEXT = "2026-11-20"
DEVICE = {"advertising_id": some_id("device", "shared")}


def flags(warehouse: Warehouse) -> list[Row]:
    """Rule and click of every flag."""
    return warehouse.rows(
        "select f.rule_id, c.click_id from intermediate.int_conversion_flags f "
        "join marts.fct_conversions c on c.conversion_id = f.conversion_id order by 1, 2"
    )


def test_a_late_install_changes_the_flags_of_a_later_day(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    empty.land("postbacks", [install("second", f"{DAY} 14:00", click(2), params=DEVICE)])
    build("one", DAY)
    assert flags(empty) == []
    empty.land("postbacks", [install("first", f"{BEFORE} 14:00", click(1), params=DEVICE)], arrived=f"{NEXT} 09")
    build("two", NEXT)

    assert flags(empty) == [("F7b", click(2))], "the device had installed the app the day before"
    assert empty.rows("select click_id, billing_status from marts.fct_conversions where is_suspected") == [(click(2), "review")]
    assert snapshot(empty) == from_scratch(BEFORE, DAY, NEXT)


def test_the_order_in_which_days_are_built_does_not_matter(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    empty.land(
        "postbacks",
        [install("first", f"{BEFORE} 14:00", click(1), params=DEVICE), install("second", f"{DAY} 14:00", click(2), params=DEVICE)],
    )
    build("later", DAY, window_days=0)
    build("earlier", BEFORE, window_days=0)
    assert flags(empty) == [("F7b", click(2))]
    assert snapshot(empty) == from_scratch(BEFORE, DAY)


def test_late_clicks_change_the_flags_of_the_days_that_look_back_on_them(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    empty.land("postbacks", [install("a", f"{DAY} 14:00", click(1), ctit=86_400), install("b", f"{DAY} 15:00", click(2), ctit=86_400)])
    build("one", DAY)
    assert flags(empty) == [], "without a log there is nothing to judge a click by"
    empty.fetch_clicks(f"{NEXT} 08:00", BEFORE, [tune_click(click(1), f"{BEFORE} 13:59", country_code="CZ")])
    build("two", NEXT)

    assert flags(empty) == [("F16", click(2)), ("F9", click(1))]
    assert empty.rows("select billing_status from marts.fct_conversions where has_deterministic_flag") == [("not_billable",)]
    assert snapshot(empty) == from_scratch(DAY, NEXT)


def test_an_unknown_click_is_none_if_tune_took_it(empty: Warehouse, build: Build) -> None:
    told = install("a", f"{DAY} 14:00", click(1))
    empty.land("postbacks", [told])
    empty.fetch_clicks(f"{NEXT} 08:00", DAY, [])
    build("one", DAY)
    assert flags(empty) == [("F16", click(1))]
    empty.land("forwards", [attempt(told)])
    build("two", DAY)
    assert flags(empty) == []


def test_the_same_clicks_again_rebuild_no_other_day(empty: Warehouse, build: Build) -> None:
    empty.land("postbacks", [install("a", f"{DAY} 14:00", click(1)), install("b", f"{NEXT} 14:00", click(2))])
    clicks = [tune_click(click(1), f"{DAY} 13:50"), tune_click(click(3), f"{DAY} 13:51")]
    empty.fetch_clicks(f"{NEXT} 08:00", DAY, clicks)
    build("one", DAY, NEXT)
    empty.fetch_clicks(f"{NEXT} 09:00", DAY, reversed(clicks))
    build("two", BEFORE)
    days = "select report_date::varchar, reasons from intermediate.int_days_to_process where run_id = "
    assert empty.rows(f"{days} 'two' order by 1") == [(BEFORE, "requested")]
    empty.fetch_clicks(f"{NEXT} 10:00", DAY, clicks[:1])
    build("three", BEFORE)
    assert empty.rows(f"{days} 'three' order by 1") == [(BEFORE, "requested"), (DAY, "look_back"), (NEXT, "look_back")]
    assert empty.value("select count(*) from intermediate.int_tune_clicks") == 1


def test_an_unfinished_fetch_of_clicks_does_not_count(empty: Warehouse, build: Build) -> None:
    empty.land("postbacks", [install("a", f"{DAY} 14:00", click(1))])
    empty.land("tune_clicks", [tune_click(click(9), f"{DAY} 13:50")])
    build("one", DAY)
    assert flags(empty) == []
    assert empty.value("select count(*) from intermediate.int_tune_clicks") == 0


def test_a_site_is_judged_by_its_week(empty: Warehouse, build: Build) -> None:
    """Thirty installs of one site, of which 25 the MMP rejects: the others are suspect."""
    rejected = {"is_rejected": "1", "reject_reason": "bots"}
    told = [install(f"{n}", f"{DAY} 14:{n:02}", click(n), params=rejected if n < 25 else {}) for n in range(30)]
    empty.land("postbacks", told)
    build("one", DAY)
    flagged = "from intermediate.int_conversion_flags where rule_id"
    assert empty.value(f"select count(*) {flagged} = 'F17'") == 25
    assert empty.rows(f"select evidence, count(*), max(value)::varchar, max(sample_size) {flagged} = 'F18' group by 1") == [
        ("25 of 30 installs of the site are rejected, above 0.8 of the installs", 5, "0.83333333", 30)
    ]
