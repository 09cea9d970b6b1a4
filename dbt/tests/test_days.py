"""What a run rebuilds, and that running it again, late or broken, leaves the right rows."""

from conftest import Build, Dbt, FromScratch, failures, run_arguments, snapshot
from records import GOAL, Record, attempt, click, install, observation, purchase, tune_click, tune_conversion
from warehouse import Warehouse

DAY = "2026-11-19"
NEXT = "2026-11-20"
LATER = "2026-11-22"


def a_day(warehouse: Warehouse) -> list[Record]:
    """Three conversions with their forwarding, their rows of TUNE, which it returns, and an observation: one ordinary hour."""
    told = [
        install("a", f"{DAY} 14:03", click(1)),
        install("b", f"{DAY} 14:10", click(2)),
        purchase("c", f"{DAY} 15:20", click(1), order="o1"),
    ]
    again = [install("a2", f"{DAY} 14:18", click(1))]
    again[0] |= {"fingerprint": told[0]["fingerprint"]}
    warehouse.land("postbacks", told + again)
    warehouse.land("forwards", [attempt(p) for p in told + again])
    warehouse.land("tune_offers", [observation("offer", f"{DAY} 16:00", modified="2026-11-01 00:00")])
    warehouse.land("tune_goals", [observation("goal", f"{DAY} 16:00", modified="2026-11-01 00:00")])
    rows = [
        tune_conversion(1, f"{DAY} 14:03", of=told[0], goal_id="0"),
        tune_conversion(2, f"{DAY} 15:20", of=told[2], goal_id=GOAL),
    ]
    warehouse.fetch(f"{NEXT} 08:30", (DAY, NEXT), rows)
    return rows


def test_a_day_twice_leaves_the_same_rows(empty: Warehouse, build: Build) -> None:
    a_day(empty)
    build("one", DAY)
    once = snapshot(empty)
    assert {table: len(rows) for table, rows in once.items()} == {
        "marts.fct_postbacks": 4,
        "marts.fct_unverified_postbacks": 0,
        "marts.fct_conversions": 3,
        "marts.fct_tune_reconciliation": 3,
        "marts.fct_daily_statistics": 2,
        "marts.fct_daily_arrivals": 2,
        "marts.fct_invoice_items": 6,
        "marts.rpt_unmapped_parameters": 0,
        "intermediate.int_verdict_history": 3,
        "intermediate.int_conversion_flags": 0,
        "marts.fct_invoice_lines": 4,
        "marts.rpt_breakage_trend": 1,
        "marts.rpt_lateness_trend": 1,
    }

    build("two", DAY)
    assert snapshot(empty) == once
    build("two", DAY)
    assert snapshot(empty) == once


def test_a_run_that_is_done_again_rebuilds_the_same_days(empty: Warehouse, build: Build) -> None:
    """What it replaced is still known then: hours of fetches that are loaded again bring nothing new, the second time neither."""
    rows = a_day(empty)
    empty.fetch_clicks(f"{NEXT} 08:30", DAY, [tune_click(click(1), f"{DAY} 13:00")])
    build("one", DAY)
    empty.fetch(f"{NEXT} 08:40", (DAY, NEXT), rows)
    empty.fetch_clicks(f"{NEXT} 08:40", DAY, [tune_click(click(1), f"{DAY} 13:00")])
    for _ in range(2):
        build("two", LATER)
        assert empty.rows("select report_date::varchar from intermediate.int_days_to_process where run_id = 'two'") == [(LATER,)]


def test_a_late_file_is_found_and_the_day_is_right(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    a_day(empty)
    build("one", DAY)
    hour = [
        install("a", f"{DAY} 14:03", click(1)),
        install("b", f"{DAY} 14:10", click(2)),
        install("late", f"{DAY} 14:50", click(9)),
    ]
    empty.load("postbacks", f"{DAY} 14", hour)
    build("two", NEXT)

    assert empty.value(f"select count(*) from marts.fct_conversions where report_date = '{DAY}'") == 4
    assert empty.rows("select copy_kind, count(*) from marts.fct_postbacks group by 1") == [("first", 4)], "the retry is gone with its file"
    assert snapshot(empty) == from_scratch(DAY, NEXT)


def test_a_day_whose_postbacks_are_gone_is_emptied(empty: Warehouse, build: Build) -> None:
    a_day(empty)
    build("one", DAY)
    for hour in ("14", "15"):
        empty.load("postbacks", f"{DAY} {hour}", [])
    build("two", NEXT)

    assert empty.value("select count(*) from marts.fct_postbacks") == 0
    assert empty.value("select count(*) from marts.fct_conversions") == 0
    assert empty.rows("select class, count(*) from marts.fct_tune_reconciliation group by 1") == [("bypass", 2)], "TUNE's rows stay, alone"


def test_an_empty_day_is_a_day_of_zeros(empty: Warehouse, build: Build) -> None:
    empty.load("postbacks", f"{DAY} 14", [])
    build("one", DAY)

    assert all(rows == [] for rows in snapshot(empty).values())
    assert empty.rows("select status from ops.runs") == [("finished",)]
    assert empty.rows("select first_day::varchar, days, postbacks, conversions from marts.rpt_runs") == [(DAY, 1, 0, 0)]


def test_a_run_that_fails_leaves_old_days_whole_and_its_loads_to_the_next(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    a_day(empty)
    build("one", DAY)
    before = snapshot(empty)
    # A decision that no contract admits: fct_conversions fails after what stands before it was rebuilt.
    conversion = empty.value(f"select conversion_id from marts.fct_conversions where click_id = '{click(2)}'")
    empty.run(f"insert into billing.decisions values ('{conversion}', 'perhaps', 'no such word', 'a test', '2026-11-20')")
    empty.land("postbacks", [install("d", f"{DAY} 17:00", click(4))])
    assert not dbt(*run_arguments("two", DAY)).success

    assert empty.rows("select status from ops.runs where run_id = 'two'") == [("running",)]
    assert snapshot(empty)["marts.fct_tune_reconciliation"] == before["marts.fct_tune_reconciliation"], (
        "nothing behind the failure was touched"
    )

    empty.run("delete from billing.decisions")
    build("three", NEXT)
    assert empty.value(f"select count(*) from marts.fct_conversions where report_date = '{DAY}'") == 4, (
        "the loads of the failed run are taken again"
    )


def test_observations_prove_what_was_unknown(empty: Warehouse, build: Build) -> None:
    told = install("a", f"{DAY} 14:03", click(1))
    empty.land("postbacks", [told])
    empty.land("forwards", [attempt(told)])
    build("one", DAY)
    assert empty.value("select paused_at_conversion from marts.fct_conversions") == "unknown"
    empty.land("tune_offers", [observation("offer", f"{NEXT} 09:00", modified="2026-11-01 00:00")])
    build("two", NEXT)
    known = "select paused_at_conversion, billing_status, billing_reason from marts.fct_conversions"
    assert empty.rows(known) == [("no", "review", "tune_unknown")], "and TUNE was not asked yet"
    empty.fetch(f"{NEXT} 10:00", (DAY, NEXT), [])
    build("three", NEXT)

    assert empty.rows(known) == [("no", "billable", "billable")]
    assert empty.value("select class from marts.fct_tune_reconciliation") == "breakage_forward"


def test_a_run_needs_an_id(empty: Warehouse, dbt: Dbt) -> None:
    result = dbt("build", "--select", "int_run_loads", "--vars", '{"days": []}')
    assert "A run needs its id" in str([r.message for r in result.result])


def test_a_day_that_was_purged_is_refused(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    a_day(empty)
    build("one", DAY)
    before = snapshot(empty)
    empty.purge("postbacks", f"{DAY} 14")
    result = dbt(*run_arguments("two", DAY))

    assert "1 of its arrival hours were purged" in failures(result)
    assert snapshot(empty) == before
    build("three", "2026-11-25")
    assert snapshot(empty) == before


def test_the_tests_of_a_run_see_what_is_wrong(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    a_day(empty)
    build("one", DAY)
    empty.run("delete from marts.fct_postbacks where copy_kind = 'sender_retry'")
    empty.run("update marts.fct_postbacks set repeated_by = 'nobody'")
    empty.run(f"delete from marts.fct_conversions where click_id = '{click(2)}'")
    empty.run("insert into marts.fct_tune_reconciliation select * from marts.fct_tune_reconciliation where class = 'matched'")
    result = dbt("test", "--select", "tag:run", "--exclude-resource-type", "unit_test", *run_arguments("one", DAY)[-2:])

    failed = {r.node.name.split("_fct_")[0] for r in result.result if r.status == "fail"}
    assert failed == {
        "landed_equals_copy_kinds",
        "conversions_equal_firsts",
        "classes_add_up",
        "statistics_equal_facts",
        "invoices_equal_billable",
        "one_row_each",
        "allowed_values",
    }


def test_a_mart_gains_a_column_without_being_rebuilt(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    """README, "A mart gains a column": the table is as an earlier version left it, and other days keep their rows."""
    a_day(empty)
    empty.land("postbacks", [install("d", f"{NEXT} 14:00", click(4))])
    build("one", DAY, NEXT)
    empty.run("alter table marts.fct_conversions drop column app_id")
    build("two", NEXT)

    assert empty.rows("select report_date::varchar, count(*), count(app_id) from marts.fct_conversions group by 1 order by 1") == [
        (DAY, 3, 0),
        (NEXT, 1, 1),
    ]
    build("three", DAY)
    assert empty.value("select count(*) from marts.fct_conversions where app_id is null") == 0
    refused = dbt(*run_arguments("four", DAY), "--full-refresh")
    assert refused.success
    assert empty.value("select count(*) from marts.fct_conversions") == 4, "a full refresh rebuilds nothing that is not asked for"
