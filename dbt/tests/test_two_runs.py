"""Two runs at once, and a run whose process is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from conftest import PROJECT, Build, run_arguments, snapshot
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


def test_two_runs_at_once_leave_what_one_leaves(empty: Warehouse, build: Build, tmp_path: Path) -> None:
    build("first", "2026-11-01")  # the tables exist
    two_days(empty)
    runs = [start("left", tmp_path / "left", *DAYS), start("right", tmp_path / "right", DAYS[1])]
    assert [run.wait(timeout=300) for run in runs] == [0, 0]

    together = snapshot(empty)
    assert len(together["marts.fct_conversions"]) == 20
    build("alone", *DAYS)
    assert snapshot(empty) == together


def test_a_killed_run_leaves_whole_days_and_its_loads_to_the_next(empty: Warehouse, build: Build, tmp_path: Path) -> None:
    build("first", "2026-11-01")
    two_days(empty)
    build("second", *DAYS)
    before = snapshot(empty)
    empty.load("postbacks", f"{DAYS[0]} 14", [install("other", f"{DAYS[0]} 14:30", click(99))])

    run = start("killed", tmp_path / "killed", DAYS[1])
    while not empty.rows("select 1 from intermediate.int_days_to_process where run_id = 'killed'"):
        assert run.poll() is None, "the run ended before it could be killed"
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=60)
    for table, rows in snapshot(empty).items():
        if table == "marts.fct_postbacks":
            assert len(rows) in (20, 11), "a day is the old one or the new one"
        else:
            assert len(rows) in (len(before[table]), 11, 10), table

    build("next", DAYS[1])
    assert empty.value(f"select count(*) from marts.fct_conversions where report_date = '{DAYS[0]}'") == 1
    assert empty.value("select count(*) from marts.fct_conversions") == 11
    assert empty.rows("select run_id, status from ops.runs where status = 'running'") == [("killed", "running")]
