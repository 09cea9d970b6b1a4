"""An Airflow of its own for the tests: SQLite in a temporary folder, nothing of the user's, no network."""

import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airflow.sdk import DAG

DAGS = Path(__file__).resolve().parent.parent
FAKE = Path(__file__).with_name("fake_program.py")
AIRFLOW_HOME = tempfile.TemporaryDirectory(prefix="backstop dags ")

# Airflow reads these when it is first imported, which is after this file.
os.environ.update(
    {
        "AIRFLOW_HOME": AIRFLOW_HOME.name,
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{AIRFLOW_HOME.name}/airflow.db",
        "BACKSTOP_TIME_ZONE": "America/New_York",
    }
)
sys.path.insert(0, str(DAGS))


class Programs:
    """Fake `backstop` and `dbt` in a folder, what they are told to do and how they were called."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True)
        for name in ("backstop", "dbt"):
            program = home / name
            command = " ".join(shlex.quote(str(word)) for word in (sys.executable, FAKE, program))
            program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
            program.chmod(0o755)
        self.environment = {
            "BACKSTOP_BIN": str(home / "backstop"),
            "BACKSTOP_DBT_BIN": str(home / "dbt"),
            "BACKSTOP_DBT_PROJECT": str(home / "dbt project"),
            "BACKSTOP_RUN_DIR": str(home / "runs"),
            "BACKSTOP_TIME_ZONE": "America/New_York",
        }
        self.tell("load", stdout=['{"verb": "load", "rows": 7}'])
        self.tell("status", stdout=['{"verb": "status", "red": 0, "days": []}'])
        self.tell("build", results=[{"unique_id": "model.backstop.fct_postbacks", "status": "success"}])

    def tell(self, step: str, **what: object) -> None:
        """`step` is the subcommand: fetch, load, status, or dbt's build."""
        (self.home / f"{step}.json").write_text(json.dumps(what), encoding="utf-8")

    def calls(self) -> list[dict]:
        path = self.home / "calls.ndjson"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def argvs(self) -> list[list[str]]:
        return [call["argv"] for call in self.calls()]


@pytest.fixture(scope="session")
def database() -> None:
    from airflow.utils.db import initdb  # not before the settings above

    initdb()


@pytest.fixture
def parsed(database: None) -> Callable[[str], "DAG"]:
    """Parses a DAG anew, because dag.test() leaves a run's parameters in it, and so that it retries without a pause."""
    from airflow.dag_processing.dagbag import DagBag

    def parse(dag_id: str) -> "DAG":
        dag = DagBag(dag_folder=str(DAGS / f"{dag_id}.py")).dags[dag_id]
        dag.deadline = []  # dag.test() of 3.3.2 breaks on a deadline once all tasks have succeeded
        for task in dag.tasks:
            task.retry_delay = timedelta(0)
        return dag

    return parse


def run_once(dag: "DAG", **conf: str) -> dict[str, str]:
    """Runs a DAG in Airflow's own task runner and gives the state of each task."""
    finished = dag.test(run_conf=conf, logical_date=datetime.now(UTC))
    return {ti.task_id: str(ti.state) for ti in finished.get_task_instances()}


def without_run_id(argvs: list[list[str]]) -> list[list[str]]:
    """Two runs of a day differ in their run_id alone: in dbt's variables and in the folder for its by-products."""

    def word_without(word: str) -> str:
        return re.sub(r"(manual|reprocess)__[0-9TZ:.+_-]+", "RUN", word)

    return [[word_without(word) for word in argv] for argv in argvs]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Programs]:
    fakes = Programs(tmp_path / "with a space")
    for name, value in fakes.environment.items():
        monkeypatch.setenv(name, value)
    yield fakes
