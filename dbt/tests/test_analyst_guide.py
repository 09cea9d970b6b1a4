"""docs/analyst-guide.md: every query runs, finds something, and has the columns that stand under it."""

import re

import pytest

from conftest import PROJECT, Build
from records import attempt, click, install, observation, purchase, tune_conversion
from warehouse import Warehouse

GUIDE = (PROJECT.parent / "docs" / "analyst-guide.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^## \d+\. (.+?)$.*?```sql\n(.*?)```\s+Columns: (.*?)$", GUIDE, flags=re.DOTALL | re.MULTILINE)
DAY = "2026-11-19"


@pytest.fixture
def november(empty: Warehouse, build: Build) -> Warehouse:
    """A day with something for each question, and a closed month that changed."""
    october = install("october", "2026-10-20 14:00", click(20))
    told = [
        install("a", f"{DAY} 14:03", click(1)),
        install("quick", f"{DAY} 14:10", click(2), ctit=3),
        purchase("c", f"{DAY} 15:20", click(1), order="o1"),
        install("dropped", f"{DAY} 16:00", click(3)),
        install("unread", f"{DAY} 17:00", click(4), params={"event_revenue": "1.234,56"}),
    ]
    again = [install("a", f"{DAY} 14:18", click(1)) | {"postback_id": "00000000-0000-4000-8000-00000000000a"}]
    empty.land("postbacks", [october, *told, *again])
    empty.land("forwards", [attempt(postback) for postback in [october, *told, *again]])
    empty.land("tune_offers", [observation("offer", f"{DAY} 20:00", modified=f"{DAY} 15:50", status="paused")])
    empty.land("tune_offers", [observation("offer", f"{DAY} 12:00", modified="2026-10-01 00:00")])
    empty.land("tune_goals", [observation("goal", f"{DAY} 20:00", modified="2026-10-01 00:00")])
    rows = [
        tune_conversion(n, f"{DAY} 14:0{n}", of=postback, goal_id="0", payout="1.90000") for n, postback in enumerate(told[:2], start=1)
    ]
    rows.append(tune_conversion(9, "2026-10-20 14:00", of=october, goal_id="0"))
    empty.fetch("2026-11-20 08:30", ("2026-10-01", "2026-11-20"), rows)
    build("november", DAY, "2026-10-20")
    empty.run("insert into billing.closings values ('x', '2026-10', 'a test', '', 0, 0, '2026-11-09')")
    return empty


def test_the_guide_has_ten_questions() -> None:
    assert len(QUESTIONS) == 10


def test_every_answer_is_found(november: Warehouse) -> None:
    for question, query, named in QUESTIONS:
        assert november.rows(query), f"{question}: no row"
        assert november.columns_of(query) == named.split(", "), question
