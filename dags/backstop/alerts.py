"""What is said when a run goes wrong or takes too long: one line of JSON at level ERROR, for an alarm to find."""

import json
import logging

from airflow.sdk import Context

log = logging.getLogger("backstop.alerts")


def task_failed(context: Context) -> None:
    """Called when a task has failed for good."""
    ti = context["ti"]
    error = " ".join(str(context.get("exception", "")).split())[:500]
    _say("task_failed", dag=ti.dag_id, run=ti.run_id, task=ti.task_id, tries=ti.try_number, error=error)


def run_failed(context: Context) -> None:
    """Called when a run has failed."""
    run = context["dag_run"]
    _say("run_failed", dag=run.dag_id, run=run.run_id)


def run_late(dag: str, hours: float) -> None:
    """Called when a run has been queued or running for longer than its deadline; it may have failed before."""
    _say("run_late", dag=dag, hours=hours)


def _say(alert: str, **facts: object) -> None:
    log.error("%s", json.dumps({"alert": alert, **facts}))
