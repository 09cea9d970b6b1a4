"""The parameter map: a new MMP by rows alone, what arrives unmapped, and what could not be read."""

import re
from collections.abc import Iterator

import pytest
import yaml

from conftest import PROJECT, Build, Dbt, run_arguments
from records import CLICK, attempt, click, install, observation, purchase, told_by, tune_conversion
from warehouse import Warehouse

DAY = "2026-11-19"
NEXT = "2026-11-20"

# Airbridge's names and forms: milliseconds, a transaction id, a distinct name for each device id.
AIRBRIDGE = """
insert into seeds.parameter_map (source, column_name, parameter, preference, format) values
    ('airbridge', 'click_id', 'click_id', 1, 'text'),
    ('airbridge', 'affiliate_id', 'sub_id', 1, 'text'),
    ('airbridge', 'device_id', 'uuid', 1, 'text'),
    ('airbridge', 'event_name', 'eventname', 1, 'text'),
    ('airbridge', 'event_id', 'transactionid', 1, 'text'),
    ('airbridge', 'clicked_at', 'click_timestamp', 1, 'millis'),
    ('airbridge', 'event_at', 'event_timestamp', 1, 'millis'),
    ('airbridge', 'event_at', 'event_datetime', 2, 'local'),
    ('airbridge', 'sale_amount', 'eventvalue', 1, 'cents'),
    ('airbridge', 'sale_currency', 'currency', 1, 'text'),
    ('airbridge', 'reject_reason', 'fraud_rule', 1, 'text');
insert into seeds.event_identity (source, event_kind, event_name, preference, by_event_id, by_time, by_amount) values
    ('airbridge', 'install', '*', 1, false, false, false),
    ('airbridge', 'event', '*', 1, true, false, false);
insert into seeds.sources (source, retry_window_minutes, app_time_zone) values ('airbridge', 60, 'Asia/Seoul')
"""


@pytest.fixture
def airbridge(empty: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    """A warehouse whose seeds have a seventh MMP, for this test."""
    for statement in AIRBRIDGE.split(";"):
        empty.run(statement)
    dbt.passes("run", "--select", "stg_mmp__postbacks")
    yield empty
    dbt.passes("seed", "--select", "parameter_map", "event_identity", "sources")
    dbt.passes("run", "--select", "stg_mmp__postbacks")


def test_adding_an_mmp_is_adding_rows(airbridge: Warehouse, build: Build) -> None:
    first = {"click_id": click(1), "sub_id": "2002", "uuid": "u1", "click_timestamp": "1795096800000", "event_timestamp": "1795096900250"}
    bought = first | {"eventname": "purchase", "transactionid": "t1", "eventvalue": "499", "currency": "KRW", "event_timestamp": "null"}
    airbridge.land(
        "postbacks",
        [
            told_by("airbridge", "install", f"{DAY} 14:03", first),
            told_by("airbridge", "again", f"{DAY} 14:05", first | {"sub": "x"}),
            told_by("airbridge", "purchase", f"{DAY} 15:03", bought | {"event_datetime": "2026-11-20 00:02:50"}),
            told_by("airbridge", "another", f"{DAY} 15:04", bought | {"transactionid": "t2"}),
            told_by("airbridge", "fraud", f"{DAY} 16:00", first | {"click_id": click(2), "fraud_rule": "lag_time"}, mmp_rejected=True),
        ],
    )
    build("one", DAY)

    told = airbridge.rows(
        "select event_name, postbacks, affiliate_id, clicked_at::varchar, occurred_at::varchar, sale_amount::varchar, sale_currency, "
        "mmp_verdict, input_flags from marts.fct_conversions order by first_received_at"
    )
    clicked, installed = "2026-11-19 14:00:00", "2026-11-19 14:01:40.25"
    assert told == [
        ("install", 2, "2002", clicked, installed, None, None, "accepted", None),
        ("purchase", 1, "2002", clicked, "2026-11-19 15:02:50", "4.990000", "KRW", "accepted", None),
        ("purchase", 1, "2002", clicked, None, "4.990000", "KRW", "accepted", None),
        ("install", 1, "2002", clicked, installed, None, None, "rejected", None),
    ]


def test_a_source_without_a_map_forms_conversions_that_wait_for_review(empty: Warehouse, build: Build) -> None:
    told = [told_by("newmmp", name, f"{DAY} 14:0{n}", {"click": "c", "n": str(n)}) for n, name in enumerate("ab")]
    empty.land("postbacks", told)
    empty.land("forwards", [attempt(postback) for postback in told])
    build("one", DAY)

    assert (
        empty.rows("select source, event_kind, input_flags, billing_status from marts.fct_conversions")
        == [("newmmp", "event", "source:unmapped", "review")] * 2
    )
    assert empty.rows("select parameter, postbacks from marts.rpt_unmapped_parameters order by 1") == [("click", 2), ("n", 2)]


def test_every_source_of_the_routes_has_a_map(empty: Warehouse) -> None:
    routes = yaml.safe_load((PROJECT.parent / "deploy" / "routes.yaml").read_text(encoding="utf-8"))
    mapped = {row[0] for row in empty.rows("select distinct source from seeds.parameter_map")}
    assert set(routes["sources"]) == mapped


def test_every_flag_has_its_meaning(empty: Warehouse, dbt: Dbt) -> None:
    staging = dbt.target / "run/backstop/models/staging"
    files = ("mmp/stg_mmp__postbacks.sql", "tune/stg_tune__conversions.sql")
    views = "".join((staging / name).read_text(encoding="utf-8") for name in files)
    assert set(re.findall(r"',([a-z_]+:[a-z_]+)'", views)) == {row[0] for row in empty.rows("select flag from seeds.input_flags")}


def test_unmapped_parameters_are_listed_until_the_map_has_them(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    empty.land(
        "postbacks",
        [
            install("a", f"{DAY} 14:00", click(1), params={"af_new": "x", "af_late": "{af_late}"}),
            install("b", f"{DAY} 15:00", click(2), params={"af_new": ""}),
            install("forged", f"{DAY} 15:00", click(2), params={"af_forged": "x"}, verified=False, verdict="bad_token"),
        ],
    )
    build("one", DAY)
    empty.land("postbacks", [install("c", f"{NEXT} 14:00", click(3), params={"af_new": "y"})])
    build("two", NEXT)

    listed = "select parameter, postbacks, empty_in, unresolved_in, days, first_received_at::varchar, last_received_at::varchar"
    assert empty.rows(f"{listed} from marts.rpt_unmapped_parameters order by 1") == [
        ("af_late", 1, 0, 1, 1, "2026-11-19 14:00:00", "2026-11-19 14:00:00"),
        ("af_new", 3, 1, 0, 2, "2026-11-19 14:00:00", "2026-11-20 14:00:00"),
    ]

    empty.run("insert into seeds.ignored_parameters (source, parameter, reason) values ('appsflyer', 'af_new', 'a test')")
    build("three", NEXT)
    dbt.passes("seed", "--select", "ignored_parameters")
    assert empty.rows("select parameter from marts.rpt_unmapped_parameters") == [("af_late",)]


def test_a_replaced_load_no_longer_counts(empty: Warehouse, build: Build) -> None:
    empty.load("postbacks", f"{DAY} 14", [install("a", f"{DAY} 14:00", click(1), params={"af_new": "x"})])
    build("one", DAY)
    empty.load("postbacks", f"{DAY} 14", [install("a", f"{DAY} 14:00", click(1))])
    build("two", NEXT)
    assert empty.rows("select parameter from marts.rpt_unmapped_parameters") == []


def test_what_could_not_be_read_is_in_the_marts_and_the_run_says_so(empty: Warehouse, dbt: Dbt) -> None:
    told = [
        purchase("in two ways", f"{DAY} 14:00", click(1), order="o1", sale="1.234,56"),
        purchase("below zero", f"{DAY} 14:01", click(2), order="o2", sale="-4.99"),
        install("tomorrow", f"{DAY} 14:02", CLICK, params={"install_time": f"{NEXT} 14:02:00"}),
        install("perhaps", f"{DAY} 14:03", click(3), params={"is_rejected": "perhaps"}, mmp_rejected=False),
        install("well", f"{DAY} 14:04", click(4)),
    ]
    empty.land("postbacks", told)
    empty.land("forwards", [attempt(postback) for postback in told])
    empty.fetch(f"{NEXT} 08:00", (DAY, NEXT), [tune_conversion(n, f"{DAY} 14:00", of=postback) for n, postback in enumerate(told)])
    result = dbt(*run_arguments("one", DAY))
    assert result.success

    warned = {r.node.name: r.failures for r in result.result if r.status == "warn"}
    assert warned["postbacks_are_readable"] == 4
    assert empty.value("select flagged_postbacks from marts.rpt_runs") == 4
    flagged = "select input_flags, sale_amount::varchar, billing_reason from marts.fct_conversions order by first_received_at"
    assert empty.rows(flagged) == [
        ("sale_amount:unreadable", None, "flagged_input"),
        ("sale_amount:negative", "-4.990000", "flagged_input"),
        ("installed_at:in_future", None, "heuristic_fraud"),
        ("rejected:unreadable", None, "flagged_input"),
        (None, None, "paused_unknown"),
    ]
    assert empty.value("select count(*) from marts.fct_postbacks where input_flags is not null") == 4


def test_what_could_not_be_read_of_tune_waits_for_review_and_the_run_says_so(empty: Warehouse, dbt: Dbt) -> None:
    told = [install(name, f"{DAY} 14:0{n}", click(n)) for n, name in enumerate(("well", "no number", "no currency", "no status"))]
    empty.land("postbacks", told)
    empty.land("forwards", [attempt(postback) for postback in told])
    wrong: list[dict[str, str]] = [{}, {"payout": "n/a"}, {"currency": "Euro"}, {"status": "paid"}]
    rows = [tune_conversion(n, f"{DAY} 14:1{n}", of=told[n], **fields) for n, fields in enumerate(wrong)]
    alone = tune_conversion(9, f"{DAY} 15:00", click_id=click(9), revenue="1,234.00")
    empty.fetch(f"{NEXT} 08:00", (DAY, NEXT), [*rows, alone])
    priceless = {"default_payout": "n/a", "max_payout": "", "percent_payout": "ten"}
    empty.land("tune_offers", [observation("offer", f"{NEXT} 08:00", modified="2026-11-01 00:00", **priceless)])
    result = dbt(*run_arguments("one", DAY))
    assert result.success

    assert {r.node.name: r.failures for r in result.result if r.status == "warn"}["tune_rows_are_readable"] == 4
    reconciled = "select class, tune_flags, tune_payout::varchar, currency from marts.fct_tune_reconciliation order by tune_conversion_id"
    assert empty.rows(reconciled) == [
        ("matched", None, "2.000000", "USD"),
        ("matched", "tune_payout:unreadable", None, "USD"),
        ("matched", "tune_currency:unknown", "2.000000", "XXX"),
        ("tune_pending", "tune_status:unknown", "2.000000", "USD"),
        ("bypass", "tune_revenue:unreadable", "2.000000", "USD"),
    ]
    assert empty.rows("select billing_status, billing_reason from marts.fct_conversions order by first_received_at") == [
        ("billable", "billable"),
        ("review", "no_price"),
        ("review", "flagged_input"),
        ("review", "tune_pending"),
    ]
