"""Two runs at once, and a run whose process is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from conftest import PROJECT, Build, FromScratch, run_arguments, snapshot
from records import attempt, click, install
from warehouse import Warehouse

DAYS = ("2026-11-19", "2026-11-20")


def start(run_id: str, target: Path, *days: str) -> subprocess.Popen[bytes]:
    """A run in a process of its own."""
    dbt = Path(sys.executable).with_name("dbt")
    places = [
        "--project-dir",
        str(PROJECT),
        "--profiles-dir",
        str(PROJECT),
        "--target-path",
        str(target),
        "--log-path",
        str(target),
    ]
    return subprocess.Popen([str(dbt), *run_arguments(run_id, *days), *places, "--quiet"], env=os.environ)


def two_days(warehouse: Warehouse) -> None:
    told = [install(f"{day} {n}", f"{day} 14:{n:02}", click(n)) for n, day in enumerate(DAYS * 10)]
    warehouse.land("postbacks", told)
    warehouse.land("forwards", [attempt(postback) for postback in told])


def test_two_runs_at_once_leave_what_one_leaves(empty: Warehouse, build: Build, from_scratch: FromScratch, tmp_path: Path) -> None:
    build("first", "2026-11-01")  # the tables exist
    two_days(empty)
    runs = [start("left", tmp_path / "left", *DAYS), start("right", tmp_path / "right", DAYS[1])]
    assert [run.wait(timeout=300) for run in runs] == [0, 0]

    together = snapshot(empty)
    assert len(together["marts.fct_conversions"]) == 20
    assert together == from_scratch(*DAYS)


def test_a_killed_run_leaves_whole_days_and_its_loads_to_the_next(
    empty: Warehouse, build: Build, from_scratch: FromScratch, tmp_path: Path
) -> None:
    two_days(empty)
    build("first", *DAYS)
    before = snapshot(empty)
    empty.load("postbacks", f"{DAYS[0]} 14", [install("other", f"{DAYS[0]} 14:30", click(99))])

    run = start("killed", tmp_path / "killed", DAYS[1])
    while not empty.rows("select 1 from marts.fct_postbacks where run_id = 'killed' limit 1"):
        assert run.poll() is None, "the run ended before it could be killed"
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=60)
    torn = snapshot(empty)
    assert len(torn["marts.fct_postbacks"]) == 11
    assert torn["marts.fct_invoice_lines"] == before["marts.fct_invoice_lines"], "what stands behind was not reached"

    build("next", DAYS[1])
    after = snapshot(empty)
    assert len(after["marts.fct_conversions"]) == 11
    assert all(rows in (before[table], after[table]) for table, rows in torn.items()), "each table was the old one or the new one"
    assert empty.rows("select run_id, status from ops.runs where status = 'running'") == [("killed", "running")]
    assert after == from_scratch(*DAYS)
