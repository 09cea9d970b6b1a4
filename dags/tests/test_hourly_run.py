"""Whole runs of postbacks_hourly, with fake programs, in Airflow's own task runner."""

import json
from collections.abc import Callable

from airflow.sdk import DAG
from conftest import Programs, run_once

from backstop.steps import HOUR_STEPS


def test_an_hour_observes_and_loads(parsed: Callable[[str], DAG], programs: Programs) -> None:
    assert run_once(parsed("postbacks_hourly")) == dict.fromkeys([*HOUR_STEPS, "gate"], "success")
    calls = {argv[1]: argv[2:] for argv in programs.argvs()}
    assert calls.keys() == {"fetch", "load", "status"}
    assert calls["fetch"] == ["--target", "offers,goals", "--json"]
    assert calls["load"] == calls["status"]


def test_postbacks_are_loaded_when_tune_cannot_be_observed(parsed: Callable[[str], DAG], programs: Programs) -> None:
    programs.tell("fetch", exit=20, stderr=["the secret backstop/tune is missing"])
    states = run_once(parsed("postbacks_hourly"))
    assert states == {"observe": "failed", "load": "success", "freshness": "success", "gate": "success"}


def test_old_files_that_are_not_loaded_fail_the_run(parsed: Callable[[str], DAG], programs: Programs) -> None:
    day = {"table": "postbacks", "date": "2026-11-20", "missing": 0, "late": 1, "changed": 0, "suspect": 0}
    programs.tell("status", stdout=[json.dumps({"days": [day]})])
    assert run_once(parsed("postbacks_hourly"))["gate"] == "failed"
