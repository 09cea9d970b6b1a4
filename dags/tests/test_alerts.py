import json
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.module_loading import import_string
from conftest import DAGS

from backstop import alerts
from backstop.exits import Exit, StepFailed


def said(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    (record,) = caplog.records
    assert record.levelname == "ERROR"
    return json.loads(record.getMessage())


def test_a_failed_task_is_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    task = SimpleNamespace(dag_id="postbacks_daily", run_id="manual__1", task_id="load", try_number=4)
    alerts.task_failed({"ti": task, "exception": StepFailed(Exit.TRANSIENT, "no answer\nfrom the warehouse")})
    assert said(caplog) == {
        "alert": "task_failed",
        "dag": "postbacks_daily",
        "run": "manual__1",
        "task": "load",
        "tries": 4,
        "error": "no answer from the warehouse",
    }


def test_a_failed_run_is_told(caplog: pytest.LogCaptureFixture) -> None:
    alerts.run_failed({"dag_run": SimpleNamespace(dag_id="postbacks_daily", run_id="manual__1")})
    assert said(caplog) == {"alert": "run_failed", "dag": "postbacks_daily", "run": "manual__1"}


@pytest.mark.parametrize("dag_id", ["postbacks_daily", "postbacks_hourly", "billing_close"])
def test_a_late_run_is_told_by_what_its_deadline_names(dag_id: str, caplog: pytest.LogCaptureFixture) -> None:
    (deadline,) = DagBag(dag_folder=str(DAGS / f"{dag_id}.py")).dags[dag_id].deadline
    caplog.clear()
    import_string(deadline.callback.path)(**deadline.callback.kwargs)
    assert said(caplog) == {"alert": "run_late", "dag": dag_id, "hours": deadline.interval.total_seconds() / 3600}
