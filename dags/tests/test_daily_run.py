"""Whole runs of postbacks_daily, with fake programs, in Airflow's own task runner."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.utils.db import initdb
from conftest import DAGS, Programs, without_run_id

from backstop.steps import DAY_STEPS

ALL_TASKS = ["resolve_day", *DAY_STEPS, "gate"]
Run = Callable[..., dict[str, str]]


@pytest.fixture(scope="module")
def database() -> None:
    initdb()


@pytest.fixture
def daily(database: None) -> DAG:
    # Parsed anew for each test: dag.test() leaves a run's parameters in the DAG.
    dag = DagBag(dag_folder=str(DAGS / "postbacks_daily.py")).dags["postbacks_daily"]
    dag.deadline = []  # dag.test() of 3.3.2 breaks on a deadline once all tasks have succeeded
    for step in dag.tasks:
        step.retry_delay = timedelta(0)
    return dag


@pytest.fixture
def run(daily: DAG, programs: Programs) -> Run:
    """Runs the DAG once for a day and gives the state of each task."""

    def once(day: str | None) -> dict[str, str]:
        finished = daily.test(run_conf={"day": day} if day else None, logical_date=datetime.now(UTC))
        return {ti.task_id: str(ti.state) for ti in finished.get_task_instances()}

    return once


def test_a_day_runs_every_step_once_and_in_order(run: Run, programs: Programs) -> None:
    assert run("2026-11-20") == dict.fromkeys(ALL_TASKS, "success")
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "load", "status", "build"]
    assert '"days": ["2026-11-20"]' in programs.argvs()[-1][programs.argvs()[-1].index("--vars") + 1]


def test_the_same_day_twice_calls_the_same(run: Run, programs: Programs) -> None:
    run("2026-11-20")
    first = programs.argvs()
    assert run("2026-11-20") == dict.fromkeys(ALL_TASKS, "success")
    assert without_run_id(programs.argvs()[len(first) :]) == without_run_id(first)


def test_a_run_without_a_day_does_nothing(run: Run, programs: Programs) -> None:
    assert run(None)["resolve_day"] == "failed"
    assert programs.calls() == []


def test_a_final_failure_stops_the_run_there(run: Run, programs: Programs) -> None:
    programs.tell("load", exit=30, stderr=["postbacks 2026-11-20 14h: line 7 is no JSON"])
    states = run("2026-11-20")
    assert (states["fetch"], states["load"], states["gate"]) == ("success", "failed", "upstream_failed")
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "load"]


def test_passing_trouble_is_tried_again_and_not_for_ever(run: Run, programs: Programs, daily: DAG) -> None:
    programs.tell("load", exit=10, stderr=["the warehouse does not answer"])
    assert run("2026-11-20")["load"] == "failed"
    assert [argv[1] for argv in programs.argvs()] == ["fetch"] + ["load"] * (1 + daily.get_task("load").retries)


def test_files_that_were_not_loaded_fail_the_run_at_the_gate(run: Run, programs: Programs) -> None:
    day = {"table": "postbacks", "date": "2026-11-20", "missing": 1, "late": 0, "changed": 0, "suspect": 0}
    programs.tell("status", stdout=[f'{{"days": [{str(day).replace(chr(39), chr(34))}]}}'])
    states = run("2026-11-20")
    assert (states["transform"], states["gate"]) == ("success", "failed")


def test_no_secret_reaches_the_output(
    run: Run, programs: Programs, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("BACKSTOP_WAREHOUSE_DSN", "postgres://loader:canary-4711@127.0.0.1/backstop")
    monkeypatch.setenv("BACKSTOP_DBT_PASSWORD", "canary-4711")
    programs.tell("load", exit=30, stderr=["line 7 is no JSON"])
    run("2026-11-20")
    said = "".join(capfd.readouterr())
    assert "line 7 is no JSON" in said
    assert "canary-4711" not in said


def test_reprocess_calls_exactly_what_the_dag_calls(run: Run, programs: Programs) -> None:
    run("2026-11-20")
    by_airflow = programs.argvs()
    subprocess.run([sys.executable, str(DAGS / "reprocess.py"), "--day", "2026-11-20"], check=True)  # noqa: S603
    assert without_run_id(programs.argvs()[len(by_airflow) :]) == without_run_id(by_airflow)
