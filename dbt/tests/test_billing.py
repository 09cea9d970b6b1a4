"""Periods that are closed, and what is found about them later: driven by the command line, as people do it."""

import csv
import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import BACKSTOP, Build
from records import GOAL, TIME_ZONE, Record, attempt, click, install, observation, purchase, tune_conversion
from warehouse import Row, Warehouse

SEPTEMBER, OCTOBER, NOVEMBER = "2026-09", "2026-10", "2026-11"


class Billing:
    """`backstop billing`."""

    def __init__(self, dsn: str) -> None:
        separator = "&" if "?" in dsn else "?"
        given = dsn if "sslmode=" in dsn else f"{dsn}{separator}sslmode=disable"
        self._environment = os.environ | {"BACKSTOP_WAREHOUSE_DSN": given, "BACKSTOP_TIME_ZONE": TIME_ZONE}

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [str(BACKSTOP), "billing", *arguments]
        return subprocess.run(argv, env=self._environment, capture_output=True, text=True, timeout=120, check=False)

    def answers(self, *arguments: str) -> dict[str, object]:
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def close(self, period: str, *more: str) -> dict[str, object]:
        return self.answers("close", "--period", period, "--by", "Ada Byron", *more)


@pytest.fixture
def billing(dsn: str) -> Billing:
    return Billing(dsn)


def rows_of(file: str) -> list[dict[str, str]]:
    with Path(file).open(newline="", encoding="utf-8") as text:
        return list(csv.DictReader(text))


def lines(warehouse: Warehouse, where: str = "true") -> list[Row]:
    return warehouse.rows(
        "select period, origin_period, kind, status, conversions, amount::varchar, reason from marts.fct_invoice_lines "
        f"where party_type = 'affiliate' and {where} order by period, origin_period, kind, goal_id"
    )


def total(warehouse: Warehouse, origin: str, party_type: str = "affiliate") -> Decimal:
    """All lines of an origin period, whichever period they are in."""
    query = f"select sum(amount) from marts.fct_invoice_lines where origin_period = '{origin}' and party_type = '{party_type}'"
    return Decimal(str(warehouse.value(query) or 0))


def tell(warehouse: Warehouse, *told: Record) -> None:
    warehouse.land("postbacks", told)
    warehouse.land("forwards", [attempt(postback) for postback in told if not postback["mmp_rejected"]])


def september(warehouse: Warehouse) -> list[Record]:
    """Three installs and a purchase of one day, all approved by TUNE; data and TUNE's answers reach into October."""
    installs = [install(f"s{n}", f"2026-09-15 14:0{n}", click(n)) for n in range(1, 4)]
    bought = purchase("s4", "2026-09-15 16:00", click(1), order="o1")
    warehouse.land("tune_offers", [observation("offer", "2026-09-30 20:00", modified="2026-08-01 00:00")])
    warehouse.land("tune_goals", [observation("goal", "2026-09-30 20:00", modified="2026-08-01 00:00")])
    tell(warehouse, *installs, bought)
    told = [*installs, bought]
    warehouse.fetch("2026-10-08 14:00", ("2026-09-01", "2026-10-07"), tune_rows(told))
    tell(warehouse, install("o1", "2026-10-08 13:00", click(50)))
    return told


def tune_rows(told: list[Record], status: str = "approved", **of_last: str) -> list[Record]:
    rows = [
        tune_conversion(
            n,
            str(p["received_at"])[:16].replace("T", " "),
            of=p,
            status=status,
            goal_id=GOAL if p["params"].get("goal_id") else "0",
            payout="5.00000" if p["params"].get("goal_id") else "2.00000",
            revenue="6.50000" if p["params"].get("goal_id") else "2.60000",
        )
        for n, p in enumerate(told, start=1)
    ]
    rows[-1] |= of_last
    return rows


def test_three_months_of_late_findings_add_up_and_nothing_is_booked_twice(empty: Warehouse, build: Build, billing: Billing) -> None:
    told = september(empty)
    build("september", "2026-09-15", "2026-10-08")
    assert lines(empty, f"period = '{SEPTEMBER}'") == [
        (SEPTEMBER, SEPTEMBER, "regular", "open", 3, "6.000000", ""),
        (SEPTEMBER, SEPTEMBER, "regular", "open", 1, "5.000000", ""),
    ]
    before = total(empty, SEPTEMBER)
    closed = billing.close(SEPTEMBER, "--note", "agreed")
    assert (closed["lines"], closed["items"], closed["already_closed"], closed["objections"]) == (4, 8, False, [])
    assert [row[3] for row in lines(empty, f"origin_period = '{SEPTEMBER}'")] == ["closed", "closed"]
    assert total(empty, SEPTEMBER) == before == Decimal("11.00")
    assert billing.close(SEPTEMBER)["already_closed"], "closing again books nothing"
    assert empty.value("select count(*) from billing.closed_lines") == 4

    # October: the MMP takes one install back, and one of September comes late.
    tell(empty, install("s1 again", "2026-10-12 09:00", click(1), params={"is_rejected": "1", "reject_reason": "bots"}))
    late = install("s9", "2026-09-28 10:00", click(9))
    empty.land("postbacks", [late], arrived="2026-10-12 11")
    empty.land("forwards", [attempt(late)], arrived="2026-10-12 11")
    build("october finds", "2026-10-12")
    adjustment = f"period = '{OCTOBER}' and origin_period = '{SEPTEMBER}'"
    assert lines(empty, adjustment) == [
        (OCTOBER, SEPTEMBER, "adjustment", "open", 0, "0.000000", "added later: 1; mmp_rejected: -1"),
    ], "one out, one in, of the same price"
    empty.fetch("2026-11-09 14:00", ("2026-09-01", "2026-11-08"), tune_rows([*told, late], payout="3.50000", revenue="4.00000"))
    tell(empty, install("n1", "2026-11-09 13:00", click(60)))
    build("october", "2026-10-12", "2026-11-09")
    assert lines(empty, adjustment) == [
        (OCTOBER, SEPTEMBER, "adjustment", "open", 0, "1.500000", "added later: 1; mmp_rejected: -1"),
    ], "TUNE has the late one at another price"
    october = billing.close(OCTOBER)
    assert [line["adjustments"] for line in october["sums"] if line["party_type"] == "affiliate"] == ["1.500000"]
    assert total(empty, SEPTEMBER) == Decimal("12.50")

    # November: the late one turns out to be fraud as well.
    tell(empty, install("s9 again", "2026-11-10 09:00", click(9), params={"is_rejected": "1", "reject_reason": "bots"}))
    build("november", "2026-11-10")
    build("november again", "2026-11-10")
    assert lines(empty, f"period = '{NOVEMBER}' and origin_period = '{SEPTEMBER}'") == [
        (NOVEMBER, SEPTEMBER, "adjustment", "open", -1, "-3.500000", "mmp_rejected: -1"),
    ]
    assert (
        total(empty, SEPTEMBER)
        == Decimal("9.00")
        == Decimal(
            str(
                empty.value(
                    "select sum(payout) from marts.fct_conversions where billing_status = 'billable' "
                    "and to_char(report_date, 'YYYY-MM') = '2026-09'"
                )
            )
        )
    )
    assert total(empty, SEPTEMBER, "advertiser") == Decimal("11.70")
    assert empty.value("select count(*) from billing.closings") == 2


def test_an_invoice_is_exported_with_its_detail_by_click(empty: Warehouse, build: Build, billing: Billing, tmp_path: Path) -> None:
    september(empty)
    build("september", "2026-09-15", "2026-10-08")
    draft = billing.answers("export", "--period", SEPTEMBER, "--party", "affiliate:2002", "--out", str(tmp_path))
    billing.close(SEPTEMBER)
    final = billing.answers("export", "--period", SEPTEMBER, "--party", "affiliate:2002", "--out", str(tmp_path))

    [drafted], [closed] = draft["invoices"], final["invoices"]
    assert drafted["lines_file"].endswith("2026-09_affiliate_2002_draft.csv")
    assert closed["lines_file"].endswith("2026-09_affiliate_2002_closed.csv")
    rows = rows_of(closed["lines_file"])
    assert [(row["goal_id"], row["conversions"], row["rate"], row["amount"], row["currency"]) for row in rows] == [
        ("", "3", "2.00", "6.00", "USD"),
        (GOAL, "1", "5.00", "5.00", "USD"),
    ]
    items = rows_of(closed["items_file"])
    assert sorted(item["click_id"] for item in items) == sorted([click(1), click(1), click(2), click(3)])
    assert Path(closed["items_file"]).read_text() == Path(drafted["items_file"]).read_text(), "what was drafted is what was booked"


def test_amounts_are_rounded_once_and_currencies_kept_apart(empty: Warehouse, build: Build) -> None:
    told = [install(f"s{n}", f"2026-09-15 14:0{n}", click(n)) for n in range(1, 7)]
    prices = [
        {"payout": "0.33333", "currency": "USD"},
        {"payout": "0.33333", "currency": "USD"},
        {"payout": "0.33333", "currency": "USD"},
        {"payout": "10.40000", "currency": "JPY"},
        {"payout": "10.20000", "currency": "JPY"},
        {"payout": "0.00500", "currency": "EUR"},
    ]
    empty.land("tune_offers", [observation("offer", "2026-09-30 20:00", modified="2026-08-01 00:00")])
    tell(empty, *told)
    rows = [
        tune_conversion(n, "2026-09-15 14:00", of=p, goal_id="0", revenue="1.00000", **price)
        for n, (p, price) in enumerate(zip(told, prices, strict=True), start=1)
    ]
    empty.fetch("2026-10-01 14:00", ("2026-09-01", "2026-09-30"), rows)
    build("september", "2026-09-15")

    amounts = empty.rows(
        "select currency, conversions, exact_amount::varchar, amount::varchar from marts.fct_invoice_lines "
        "where party_type = 'affiliate' order by currency"
    )
    assert amounts == [
        ("EUR", 1, "0.005000", "0.010000"),
        ("JPY", 2, "20.600000", "21.000000"),
        ("USD", 3, "0.999990", "1.000000"),
    ]


def test_a_month_is_not_closed_too_early(empty: Warehouse, build: Build, billing: Billing) -> None:
    told = [install("s1", "2026-09-15 14:00", click(1))]
    empty.land("tune_offers", [observation("offer", "2026-09-30 20:00", modified="2026-08-01 00:00")])
    tell(empty, *told)
    empty.fetch("2026-09-16 14:00", ("2026-09-01", "2026-09-16"), tune_rows(told))
    build("september", "2026-09-15")
    tell(empty, install("s2", "2026-09-17 14:00", click(2)))

    refused = billing("close", "--period", SEPTEMBER, "--by", "Ada Byron")
    assert refused.returncode == 30
    for words in ("wait for 2026-10-08", "TUNE's last complete answer about 2026-09-30 is of no time", "2 landed partitions of these days"):
        assert words in refused.stderr
    assert empty.value("select count(*) from billing.closings") == 0
    tried = billing.close(SEPTEMBER, "--dry-run")
    assert (tried["lines"], len(tried["objections"])) == (2, 3)
    assert empty.value("select count(*) from billing.closed_lines") == 0

    forced = billing.close(SEPTEMBER, "--force", "--note", "the network ends")
    assert forced["note"].startswith("the network ends. closed in spite of: ")
    build("october", "2026-10-01")
    assert billing("close", "--period", "2026-11", "--by", "Ada Byron").returncode == 30


def test_what_a_person_decides_is_taken_over(empty: Warehouse, build: Build, billing: Billing, tmp_path: Path) -> None:
    told = [install("paused", "2026-09-15 14:00", click(1)), install("other", "2026-09-15 15:00", click(2))]
    tell(empty, *told)
    empty.land("tune_offers", [observation("offer", "2026-09-16 20:00", modified="2026-09-01 00:00", status="paused")])
    empty.fetch("2026-10-01 14:00", ("2026-09-01", "2026-09-30"), tune_rows(told))
    build("september", "2026-09-15")
    waiting = billing.answers("review", "--period", SEPTEMBER)["conversions"]
    assert [conversion["reason"] for conversion in waiting] == ["paused", "paused"]
    first, second = (conversion["conversion_id"] for conversion in waiting)

    decisions = tmp_path / "decisions.csv"
    decisions.write_text(f"conversion_id,decision,reason\n{first},billable,the advertiser agreed\n{second},not_billable,it did not\n")
    assert billing.answers("review", "--file", str(decisions), "--by", "Ada Byron")["decided"] == 2
    build("decided", "2026-09-20")
    found = empty.rows("select conversion_id, billing_status, billing_reason from marts.fct_conversions order by billing_status")
    assert found == [(first, "billable", "decided"), (second, "not_billable", "decided")]
    assert lines(empty)[0][4:6] == (1, "2.000000")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["close", "--by", "A"], 2, "say which month"),
        (["close", "--period", "2026-13", "--by", "A"], 2, "not a month of the form 2026-11"),
        (["close", "--period", SEPTEMBER], 2, "say who closes it"),
        (["review"], 2, "say which month"),
        (["review", "--conversion", "x", "--decide", "perhaps", "--because", "y", "--by", "A"], 2, "write billable or not_billable"),
        (["review", "--conversion", "x", "--decide", "billable", "--by", "A"], 2, "needs its reason"),
        (["review", "--conversion", "x", "--decide", "billable", "--because", "y", "--by", "A"], 30, "there is no conversion x"),
        (["export", "--period", SEPTEMBER, "--party", "affiliate:9"], 30, "affiliate:9 has no line in 2026-09"),
    ],
)
def test_wrong_requests_name_the_mend(
    empty: Warehouse, build: Build, billing: Billing, arguments: list[str], code: int, words: str
) -> None:
    build("tables", "2026-09-15")
    done = billing(*arguments)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
