"""What comes late: it changes the days that it bears on, whichever were asked for, and leaves the marts as one run of all days would."""

import pytest

from conftest import Build, FromScratch, snapshot
from records import Record, attempt, click, install, observation, purchase, same_text, some_id, tune_conversion
from warehouse import Row, Warehouse

DAY = "2026-11-19"
NEXT = "2026-11-20"
LATER = "2026-11-21"
MUCH_LATER = "2026-11-25"

# In New York the 19th ends at five in the morning of the 20th, UTC.
BEFORE_MIDNIGHT = f"{NEXT} 04:50"
AFTER_MIDNIGHT = f"{NEXT} 05:10"


@pytest.fixture
def prices(empty: Warehouse) -> Warehouse:
    """A warehouse that knows what the golden offer and goal are worth, and that they are active."""
    for entity in ("offer", "goal"):
        empty.land(f"tune_{entity}s", [observation(entity, f"{MUCH_LATER} 12:00", modified="2026-11-01 00:00")])
    return empty


def tell(warehouse: Warehouse, *told: Record, arrived: str = "") -> None:
    """Postbacks that TUNE has accepted, unless the MMP rejects them."""
    warehouse.land("postbacks", told, arrived=arrived)
    warehouse.land("forwards", [attempt(postback) for postback in told if not postback["mmp_rejected"]], arrived=arrived)


def classes(warehouse: Warehouse) -> list[Row]:
    return warehouse.rows("select report_date::varchar, class, count(*) from marts.fct_tune_reconciliation group by 1, 2 order by 1, 2")


def test_an_earlier_receipt_moves_the_report_date_and_a_late_verdict_changes_it(
    prices: Warehouse, build: Build, from_scratch: FromScratch
) -> None:
    moved, judged = install("moved", f"{NEXT} 14:00", click(1)), install("judged", f"{DAY} 23:00", click(2))
    tell(prices, moved, judged)
    rows = [tune_conversion(n, f"{NEXT} 14:00", of=postback, goal_id="0") for n, postback in enumerate((moved, judged), start=1)]
    prices.fetch(f"{LATER} 08:00", (DAY, LATER), rows)
    build("one", DAY, NEXT)
    conversions = "select report_date::varchar, postbacks, mmp_verdict, billing_reason from marts.fct_conversions order by click_id"
    owed = "select report_date::varchar, amount::varchar from marts.fct_invoice_items where party_type = 'advertiser' order by 1"
    assert prices.rows(conversions) == [(NEXT, 1, "accepted", "billable"), (DAY, 1, "accepted", "billable")]
    assert prices.rows(owed) == [(DAY, "2.600000"), (NEXT, "2.600000")]

    # A retry of the accepted text behind the rejection does not lift it.
    earlier = install("earlier", f"{DAY} 14:00", click(1), params={"sub": "x"})
    tell(prices, earlier, arrived=f"{NEXT} 22")
    rejection = install("rejection", f"{LATER} 18:00", click(2), params={"is_rejected": "1", "reject_reason": "bots"})
    tell(prices, rejection, install("retry", f"{LATER} 19:00", click(2)) | {"fingerprint": judged["fingerprint"]})
    build("two", MUCH_LATER)
    assert prices.rows(conversions) == [(DAY, 2, "accepted", "billable"), (DAY, 3, "rejected", "mmp_rejected")]
    assert classes(prices) == [(DAY, "matched", 1), (DAY, "post_approval_fraud", 1)]
    assert prices.rows(owed) == [(DAY, "2.600000")]

    # Another text that accepts it does.
    tell(prices, install("accepted", f"{LATER} 20:00", click(2), params={"sub": "reviewed"}))
    build("three", MUCH_LATER)
    assert prices.rows(conversions) == [(DAY, 2, "accepted", "billable"), (DAY, 4, "accepted", "billable")]
    history = (
        "select h.verdict from intermediate.int_verdict_history as h join marts.fct_conversions as c on c.conversion_id = h.conversion_id"
    )
    assert prices.rows(f"{history} where c.click_id = '{click(2)}' order by h.position") == [("accepted",), ("rejected",), ("accepted",)]
    assert snapshot(prices) == from_scratch(DAY, NEXT, LATER)


def test_partners_on_both_sides_of_midnight_are_paired_anew(prices: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """Two purchases of a click, and TUNE's rows of it, which carry none of our ids: the nearest belong together, whatever their days."""
    tell(prices, purchase("before", BEFORE_MIDNIGHT, click(1), order="o1"), purchase("after", AFTER_MIDNIGHT, click(1), order="o2"))
    near_after = tune_conversion(1, f"{NEXT} 05:04", click_id=click(1), goal_id="31")
    prices.fetch(f"{NEXT} 12:00", (DAY, NEXT), [near_after])
    build("one", DAY, NEXT)
    assert classes(prices) == [(DAY, "breakage_forward", 1), (NEXT, "matched", 1)]

    # A row of the next day takes its partner, and leaves the other row to the purchase of the day before.
    nearer_after = tune_conversion(2, f"{NEXT} 05:09", click_id=click(1), goal_id="31")
    prices.fetch(f"{NEXT} 13:00", (NEXT, NEXT), [near_after, nearer_after])
    build("two", MUCH_LATER)
    assert classes(prices) == [(DAY, "matched", 1), (NEXT, "matched", 1)]
    assert prices.rows("select approximate, day_shifted from marts.fct_tune_reconciliation order by report_date") == [
        (True, True),
        (True, False),
    ]

    # So does a purchase of the next day that comes late.
    tell(prices, purchase("between", f"{NEXT} 05:03", click(1), order="o3"), arrived=f"{NEXT} 20")
    build("three", MUCH_LATER)
    assert classes(prices) == [(DAY, "breakage_forward", 1), (NEXT, "matched", 2)]

    # And so does what TUNE has no more.
    near_before = tune_conversion(1, BEFORE_MIDNIGHT, click_id=click(1), goal_id="31")
    prices.fetch(f"{NEXT} 14:00", (DAY, NEXT), [near_before])
    build("four", MUCH_LATER)
    assert classes(prices) == [(DAY, "matched", 1), (NEXT, "breakage_forward", 2)]
    assert snapshot(prices) == from_scratch(DAY, NEXT)


def test_what_tune_no_longer_tells_is_taken_back(prices: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """Whatever became of the fetch that counted: a newer one of the same hour without the row, or rows that are gone from the archive."""
    told = [install("a", f"{DAY} 14:00", click(1)), install("b", f"{DAY} 15:00", click(2))]
    tell(prices, *told)
    a = tune_conversion(1, f"{NEXT} 16:00", of=told[0], goal_id="0")
    b = tune_conversion(2, f"{DAY} 16:00", of=told[1], goal_id="0")
    prices.fetch(f"{LATER} 08:10", (NEXT, NEXT), [a])
    prices.fetch(f"{LATER} 09:10", (DAY, DAY), [b])
    build("one", DAY)
    assert classes(prices) == [(DAY, "matched", 2)]

    first, second = (
        {"fetch_id": some_id("fetch", f"{LATER} {at}", None), "observed_at": f"{LATER}T{at}:00.000000Z"} for at in ("08:10", "08:40")
    )
    ended = {"v": 1, "target": "conversions", "window_from": NEXT, "window_to": NEXT}
    prices.load("tune_conversions", f"{LATER} 08", [a | first])
    prices.load("tune_fetches", f"{LATER} 08", [ended | first | {"rows": 1}, ended | second | {"rows": 0}])
    prices.load("tune_conversions", f"{LATER} 09", [])
    build("two", MUCH_LATER)
    assert [row[1:] for row in classes(prices)] == [("tune_unknown", 2)], "no complete fetch covers their day any more"
    assert snapshot(prices) == from_scratch(DAY)


def test_what_lies_outside_the_window_is_listed_and_warned_of(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """A late file has a postback of an old day, and a rejection of a conversion of another."""
    empty.land("postbacks", [install("told", "2026-11-02 14:00", click(2))])
    build("one", "2026-11-02")
    late = [
        install("old", "2026-11-01 14:00", click(1)),
        install("rejection", f"{DAY} 14:00", click(2), params={"is_rejected": "1"}),
        install("new", f"{DAY} 14:00", click(3)),
    ]
    empty.land("postbacks", late, arrived=f"{DAY} 14")
    result = build("two", DAY, window_days=7)

    listed = empty.rows(
        "select report_date::varchar from intermediate.int_days_to_process where run_id = 'two' and not is_within_window order by 1"
    )
    assert listed == [("2026-11-01",), ("2026-11-02",)]
    assert {r.node.name: r.failures for r in result.result if r.status == "warn"}["days_outside_window"] == 2
    assert empty.value("select days_outside_window from marts.rpt_runs where run_id = 'two'") == 2
    told = empty.rows("select report_date::varchar, mmp_verdict, postbacks from marts.fct_conversions order by 1")
    assert told == [("2026-11-02", "accepted", 1), (DAY, "accepted", 1)], (
        "the days outside are as they were, and the rejection begins no conversion"
    )
    kinds = empty.rows("select copy_kind, count(*) from marts.fct_postbacks where receipt_date >= '2026-11-19' group by 1 order by 1")
    assert kinds == [("first", 1), ("verdict_update", 1)]

    # Asked for together, they are right.
    build("three", "2026-11-01", "2026-11-02", DAY)
    told = empty.rows("select report_date::varchar, mmp_verdict, postbacks from marts.fct_conversions order by 1")
    assert told == [("2026-11-01", "accepted", 1), ("2026-11-02", "rejected", 2), (DAY, "accepted", 1)]
    assert snapshot(empty) == from_scratch("2026-11-01", "2026-11-02", DAY)


def test_a_copy_beyond_the_window_is_never_a_conversion_of_its_own(prices: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """The copy would be billed a second time; whichever of the two days is rebuilt alone, it stays a copy."""
    told = install("told", "2026-11-02 14:00", click(1))
    again = same_text("again", f"{DAY} 14:00", told)
    tell(prices, told)
    build("one", "2026-11-02")
    prices.land("postbacks", [again], arrived=f"{DAY} 14")
    build("two", DAY, window_days=7)

    copies = (
        "select p.receipt_date::varchar, p.copy_kind, c.report_date::varchar "
        "from marts.fct_postbacks as p join marts.fct_conversions as c on c.conversion_id = p.conversion_id order by 1"
    )
    expected = [("2026-11-02", "first", "2026-11-02"), (DAY, "sender_retry", "2026-11-02")]
    assert prices.rows(copies) == expected
    build("the newer alone", DAY, window_days=7)
    build("the older alone", "2026-11-02", window_days=7)
    assert prices.rows(copies) == expected
    assert prices.rows("select postbacks, sender_retries from marts.fct_conversions") == [(2, 1)], "counted, though it lies far away"
    assert snapshot(prices) == from_scratch("2026-11-02", DAY)
