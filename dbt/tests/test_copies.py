"""Which postbacks tell of the same conversion: over days, whatever the order in which they land, and whatever a stranger sends."""

from datetime import timedelta

from conftest import Build, FromScratch, snapshot
from records import Record, at, attempt, click, install, observation, purchase, same_text, some_id, told_by, tune_conversion
from warehouse import Warehouse

DAY = "2026-11-19"
NEXT = "2026-11-20"
LATER = "2026-11-21"
ARRIVAL = ("dt", "hr", "archived_late")  # where a line arrived, and what is counted from it


def local(text: str, days: int = 0) -> str:
    """A time of New York's 19th of November, or days later, in UTC."""
    return (at(f"{DAY} {text}") + timedelta(hours=5, days=days)).strftime("%Y-%m-%d %H:%M:%S")


def level(name: str, received: str) -> Record:
    """An event without an id of its own: nothing tells it from another one of the same click."""
    return install(name, received, click(2), params={"event_name": "level_achieved", "event_time": local("12:00")})


def kinds(warehouse: Warehouse, told: dict[str, Record]) -> dict[str, tuple[object, ...]]:
    """Of each postback its copy kind, the postback that told of its conversion first, and whether it may be a repeat."""
    names = {line["postback_id"]: name for name, line in told.items()}
    found = warehouse.rows(
        "select p.postback_id, p.copy_kind, c.first_postback_id, p.possible_repeat from marts.fct_postbacks as p "
        "join marts.fct_conversions as c on c.conversion_id = p.conversion_id"
    )
    return {names[postback]: (kind, names[first], possible) for postback, kind, first, possible in found}


def test_copies_over_midnight_are_found_and_repeated_purchases_are_none(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    """AppsFlyer repeats within 75 minutes. An identity is known however late; without one only a quick repeat is a copy."""
    known, unknown = install("known", local("23:50"), click(1)), level("unknown", local("23:00"))
    bought = purchase("bought", local("23:58"), click(3), order=None, happened=local("23:57"))
    ordered = purchase("ordered", local("23:58"), click(3), order="o1", happened=local("23:57"))
    before = {"known": known, "unknown": unknown, "bought": bought, "ordered": ordered}
    after = {
        "known, at once": same_text("known, at once", local("00:05", 1), known),
        "known, a day later": same_text("known, a day later", local("23:55", 1), known),
        "unknown, too late": same_text("unknown, too late", local("01:20", 1), unknown),
        "same amount, other time": purchase("same amount, other time", local("00:02", 1), click(3), order=None, happened=local("00:01", 1)),
        "same time, other amount": purchase(
            "same time, other amount", local("00:02", 1), click(3), order=None, sale="9.99", happened=local("23:57")
        ),
        "same time, other order": purchase("same time, other order", local("00:02", 1), click(3), order="o2", happened=local("23:57")),
        "same order, other click": purchase("same order, other click", local("00:02", 1), click(4), order="o1", happened=local("23:57")),
        "same order, told anew": purchase(
            "same order, told anew", local("00:03", 1), click(3), order="o1", sale="5.99", happened=local("23:57")
        ),
        "same purchase, told anew": same_text("same purchase, told anew", local("00:03", 1), bought)
        | {"fingerprint": some_id("another text")},
    }
    empty.land("postbacks", before.values())
    build("one", DAY)
    empty.land("postbacks", after.values())
    build("two", NEXT)

    alone = {name: ("first", name, False) for name in (*before, *after)}
    expected = alone | {
        "known, at once": ("sender_retry", "known", False),
        "known, a day later": ("sender_retry", "known", False),
        "unknown, too late": ("first", "unknown, too late", True),
        "same order, told anew": ("business_repeat", "ordered", False),
        "same purchase, told anew": ("business_repeat", "bought", False),
    }
    assert kinds(empty, before | after) == expected

    # One that comes late closes the gap between two others: each is within the window after the one before.
    late = {"unknown, in between": same_text("unknown, in between", local("00:10", 1), unknown)}
    empty.land("postbacks", late.values(), arrived=f"{LATER} 09")
    build("three", LATER)
    joined = {name: ("sender_retry", "unknown", False) for name in ("unknown, in between", "unknown, too late")}
    assert kinds(empty, before | after | late) == expected | joined
    assert empty.rows("select report_date::varchar, count(*) from marts.fct_conversions group by 1 order by 1") == [(DAY, 4), (NEXT, 4)]
    assert snapshot(empty) == from_scratch(DAY, NEXT, LATER)


def test_what_a_stranger_sends_changes_nothing(empty: Warehouse, build: Build, from_scratch: FromScratch) -> None:
    told = install("told", f"{DAY} 14:00", click(1))
    bought = purchase("bought", f"{DAY} 15:00", click(1), order="o1")
    empty.land("postbacks", [told, bought])
    empty.land("forwards", [attempt(told), attempt(bought)])
    rows = [tune_conversion(1, f"{DAY} 14:00", of=told, goal_id="0"), tune_conversion(2, f"{DAY} 15:00", of=bought, goal_id="31")]
    empty.fetch(f"{NEXT} 08:00", (DAY, NEXT), rows)
    build("one", DAY)
    genuine = snapshot(empty)

    rejected = {"is_rejected": "1", "reject_reason": "bots"}
    forged = [
        same_text("the same, earlier", f"{DAY} 13:00", told),
        same_text("the same, a day earlier", "2026-11-18 13:00", told),
        install("a rejection", f"{DAY} 16:00", click(1), params=rejected),
        purchase("a rejected purchase", f"{DAY} 16:00", click(1), order="o1") | {"mmp_rejected": True},
        purchase("a purchase", f"{DAY} 16:01", click(1), order="o2", sale="999999"),
        install("an install", f"{NEXT} 16:00", click(2), params={"unheard_of": "x"}),
        told_by("unknown", "of no source", f"{DAY} 16:00", {"clickid": click(1)}),
    ]
    empty.land("postbacks", [line | {"verified": False, "verdict": "bad_token"} for line in forged], arrived=f"{NEXT} 10")
    build("two", NEXT)

    after = snapshot(empty)
    assert len(after.pop("marts.fct_unverified_postbacks")) == len(forged)
    genuine.pop("marts.fct_unverified_postbacks")
    assert after == genuine
    assert snapshot(empty) == from_scratch(DAY, NEXT)


def ties() -> dict[str, list[Record]]:
    """Lines that only their ids tell apart: all of a stream have the same time."""
    moment, again = f"{DAY} 14:00:00", f"{DAY} 15:00:00"
    accepted = [install(f"accepted {n}", moment, click(1), params={"sub": str(n)}) for n in range(3)]
    rejected = install("rejected", moment, click(1), params={"is_rejected": "1", "reject_reason": "bots"})
    unknown = level("unknown", moment)
    repeated = [same_text(f"unknown {n}", when, unknown) for n, when in enumerate((moment, moment, "2026-11-19 16:00", "2026-11-19 16:00"))]
    bought = [purchase(f"bought {n}", again, click(3), order=f"o{n}") for n in range(4)]
    delivered = [unknown | {"delivery": unknown["delivery"] | {"message_id": some_id("message", n)}} for n in range(2)]
    answers = [
        attempt(accepted[0], outcome, final=False) | {"attempt_id": some_id(outcome)} for outcome in ("transient", "unknown", "accepted")
    ]
    rows = [tune_conversion(n, again, click_id=click(3), goal_id="31", payout=f"{n}.00000") for n in range(3)]
    rows += [
        tune_conversion(n, moment, of=accepted[0], goal_id="0", status="rejected", status_code=code) for n, code in ((7, "12"), (8, "17"))
    ]
    seen = [observation("offer", f"{NEXT} 09:00", modified="2026-11-01 00:00", status=status) for status in ("active", "paused", "deleted")]
    return {
        "postbacks": [*accepted, rejected, unknown, *repeated, *delivered, *bought],
        "forwards": answers,
        "tune_offers": seen,
        "tune_conversions": rows,
    }


def test_ties_have_one_outcome_whatever_the_order_in_which_they_land(empty: Warehouse, from_scratch: FromScratch) -> None:
    lines = ties()
    for stream in ("postbacks", "forwards", "tune_offers"):
        empty.land(stream, lines[stream], arrived=f"{DAY} 15")
    empty.fetch(f"{NEXT} 10:00", (DAY, NEXT), lines["tune_conversions"])
    from_scratch(DAY)
    together = snapshot(empty, *ARRIVAL)
    assert len(together["marts.fct_postbacks"]) == 13

    # The other way round, and each line in an hour of its own.
    empty.empty("landing")
    for stream in ("postbacks", "forwards", "tune_offers"):
        for hour, line in enumerate(reversed(lines[stream])):
            empty.land(stream, [line], arrived=f"{DAY} {hour:02}")
    empty.fetch(f"{NEXT} 10:00", (DAY, NEXT), reversed(lines["tune_conversions"]))
    from_scratch(DAY)
    assert snapshot(empty, *ARRIVAL) == together
