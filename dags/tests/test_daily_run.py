"""Whole runs of postbacks_daily, with fake programs, in Airflow's own task runner."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from airflow.sdk import DAG
from conftest import DAGS, Programs, run_once, without_run_id

from backstop.steps import DAY_STEPS

ALL_TASKS = ["resolve_day", *DAY_STEPS, "gate"]
Run = Callable[..., dict[str, str]]


@pytest.fixture
def daily(parsed: Callable[[str], DAG]) -> DAG:
    return parsed("postbacks_daily")


@pytest.fixture
def run(daily: DAG, programs: Programs) -> Run:
    return lambda day: run_once(daily, day=day)


def test_a_day_runs_every_step_once_and_in_order(run: Run, programs: Programs) -> None:
    assert run("2026-11-20") == dict.fromkeys(ALL_TASKS, "success")
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "fetch", "load", "status", "build"]
    clicks = ["--target", "clicks", "--from", "2026-11-20", "--to", "2026-11-20", "--json"]
    assert programs.argvs()[1][2:] == clicks
    assert '"days": ["2026-11-20"]' in programs.argvs()[-1][programs.argvs()[-1].index("--vars") + 1]


def test_the_same_day_twice_calls_the_same(run: Run, programs: Programs) -> None:
    run("2026-11-20")
    first = programs.argvs()
    assert run("2026-11-20") == dict.fromkeys(ALL_TASKS, "success")
    assert without_run_id(programs.argvs()[len(first) :]) == without_run_id(first)


def test_a_run_without_a_day_does_nothing(daily: DAG, programs: Programs) -> None:
    assert run_once(daily)["resolve_day"] == "failed"
    assert programs.calls() == []


def test_a_final_failure_stops_the_run_there(run: Run, programs: Programs) -> None:
    programs.tell("load", exit=30, stderr=["postbacks 2026-11-20 14h: line 7 is no JSON"])
    states = run("2026-11-20")
    assert (states["fetch"], states["load"], states["gate"]) == ("success", "failed", "upstream_failed")
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "fetch", "load"]


def test_passing_trouble_is_tried_again_and_not_for_ever(run: Run, programs: Programs, daily: DAG) -> None:
    programs.tell("load", exit=10, stderr=["the warehouse does not answer"])
    assert run("2026-11-20")["load"] == "failed"
    tries = 1 + daily.get_task("load").retries
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "fetch", *(["load"] * tries)]


def test_files_that_were_not_loaded_fail_the_run_at_the_gate(run: Run, programs: Programs) -> None:
    day = {"table": "postbacks", "date": "2026-11-20", "missing": 1, "late": 0, "changed": 0, "suspect": 0}
    programs.tell("status", stdout=[json.dumps({"days": [day]})])
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
