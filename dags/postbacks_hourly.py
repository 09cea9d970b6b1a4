"""Keeps the warehouse no older than an hour, and the history of TUNE's offers and goals without gaps.

**Steps.** `observe` (TUNE's offers and goals, to the archive: an offer that nobody looked at is neither paused nor
running, but unknown) and, after it but even if TUNE does not answer, `load` (every UTC hour of the last 8 days, so that
late files are found) → `freshness` (holds the files in the archive against the ledger, once more) → `gate` (passes only
if no file of an earlier day waits to be loaded).

**Redo.** Clear the run, or wait for the next: each run does all that is open. A missed hour of `observe` cannot be made
up for: the status of a paused offer is then unknown for that hour.

**Retries.** Exit code 10 is retried; everything else fails at once: the end of the task's log says what to mend.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    get_current_context,
    task,
)

from backstop import alerts
from backstop.gate import hours_waiting
from backstop.operators import HourStepOperator, final
from backstop.policy import deadline, default_args
from backstop.settings import read_time_zone
from backstop.steps import HOUR_STEPS

TIME_ZONE = read_time_zone(os.environ)
DEADLINE_HOURS = 1

with DAG(
    dag_id="postbacks_hourly",
    # Firehose writes a file within 15 minutes of its first record, so an hour's files are there at a quarter past.
    schedule=CronDataIntervalTimetable("20 * * * *", timezone=TIME_ZONE.key),
    start_date=datetime(2026, 11, 1, tzinfo=TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    rerun_with_latest_version=True,
    default_args=default_args(longest_pause=timedelta(minutes=5), retries=2, execution_timeout=timedelta(minutes=20)),
    on_failure_callback=alerts.run_failed,
    deadline=deadline("postbacks_hourly", DEADLINE_HOURS, "done before the next hour's run"),
    tags=["backstop", "hourly"],
    doc_md=__doc__,
) as dag:

    @task(task_id="gate", retries=0)
    def pass_gate() -> int:
        status = get_current_context()["ti"].xcom_pull(task_ids="freshness")
        return final(lambda: hours_waiting(status, datetime.now(UTC)))

    steps = {name: HourStepOperator(task_id=name, pool="warehouse_write") for name in HOUR_STEPS}
    # The pool has one slot: what weighs more comes first. No arrow, because without TUNE, too, postbacks are loaded.
    steps["observe"].priority_weight = 10
    steps["load"] >> steps["freshness"] >> pass_gate()
