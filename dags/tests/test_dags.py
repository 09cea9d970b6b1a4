"""Policy: what every DAG here must have, and what it must not."""

from itertools import pairwise
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import DAG, CronDataIntervalTimetable
from conftest import DAGS

from backstop import alerts
from backstop.operators import StepOperator
from backstop.steps import DAY_STEPS

BAG = DagBag(dag_folder=str(DAGS))
dags = pytest.mark.parametrize("dag", BAG.dags.values(), ids=BAG.dags.keys())
FILES = sorted(path for path in DAGS.glob("*.py") if path.name != "reprocess.py")


def test_every_dag_file_is_imported_without_errors_and_gives_one_dag() -> None:
    assert BAG.import_errors == {}
    assert sorted(BAG.dags) == [path.stem for path in FILES]


@dags
def test_the_timetable_has_an_interval_in_the_networks_time_zone(dag: DAG) -> None:
    assert isinstance(dag.schedule, CronDataIntervalTimetable)
    assert str(dag.schedule.timezone) == "America/New_York"


@dags
def test_runs_never_overlap_nor_pile_up(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.start_date is not None
    assert not any(task.depends_on_past for task in dag.tasks)


@dags
def test_a_cleared_run_uses_the_newest_code(dag: DAG) -> None:
    assert dag.rerun_with_latest_version is True


@dags
def test_somebody_is_told(dag: DAG) -> None:
    assert dag.on_failure_callback == [alerts.run_failed] or dag.on_failure_callback is alerts.run_failed
    assert len(dag.deadline) == 1
    assert all(alerts.task_failed in task.on_failure_callback for task in dag.tasks)


@dags
def test_the_docs_say_what_operators_do(dag: DAG) -> None:
    for words in ("**Steps.**", "**Redo", "**Retries.**"):
        assert words in dag.doc_md
    for task in dag.tasks:
        assert f"`{task.task_id}`" in dag.doc_md, f"the docs do not name {task.task_id}"
    assert "backstop" in dag.tags
    assert {task.owner for task in dag.tasks} == {"backstop"}


@dags
def test_each_task_is_bounded(dag: DAG) -> None:
    for task in dag.tasks:
        assert task.execution_timeout is not None, task.task_id
        assert task.retries is not None, task.task_id
        if isinstance(task, StepOperator):
            assert task.pool == "warehouse_write", task.task_id
            assert task.retries >= 1, task.task_id
        else:
            assert task.retries == 0, task.task_id
        if isinstance(task, HITLOperator):  # execution_timeout bounds only the asking
            assert task.response_timeout is not None, task.task_id


def test_the_steps_of_a_day_run_one_after_another() -> None:
    dag = BAG.dags["postbacks_daily"]
    order = ["resolve_day", *DAY_STEPS, "gate"]
    assert [task.task_id for task in dag.topological_sort()] == order
    for before, after in pairwise(order):
        assert dag.get_task(before).downstream_task_ids == {after}


def test_an_hours_load_waits_for_the_observation_but_not_for_its_success() -> None:
    dag = BAG.dags["postbacks_hourly"]
    assert {task.task_id: task.downstream_task_ids for task in dag.tasks} == {
        "observe": set(),
        "load": {"freshness"},
        "freshness": {"gate"},
        "gate": set(),
    }
    assert dag.get_task("observe").priority_weight > len(dag.tasks)


def test_a_month_is_closed_only_after_a_person_was_asked() -> None:
    dag = BAG.dags["billing_close"]
    order = ["resolve_period", "propose", "settled", "approve", "close"]
    assert [task.task_id for task in dag.topological_sort()] == order
    for before, after in pairwise(order):
        assert dag.get_task(before).downstream_task_ids == {after}
    assert {task.trigger_rule for task in dag.tasks} == {"all_success"}
    assert dag.get_task("approve").defaults is None, "an answer that does not come must not count as one"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_dag_knows_sql_or_airflows_own_dates(path: Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    for word in ("{{", "logical_date", "select ", "insert ", "delete from"):
        assert word not in text, f"{path.name} says {word!r}"
