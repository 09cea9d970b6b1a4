"""Makes one day right: the report date that a run stands for, and whatever late data has touched since.

**Which day.** A scheduled or backfill run takes the local date on which its data interval starts (the network's time
zone, `BACKSTOP_TIME_ZONE`). A run that you trigger needs `{"day": "YYYY-MM-DD"}`.

**Steps.** `resolve_day` → `fetch` (TUNE's conversions since 8 days before the day, offers and goals, to the archive) →
`fetch_clicks` (TUNE's raw click log of the day) → `load` (every UTC hour since then; hours whose files have not changed
cost nothing) → `completeness` (holds the files in the archive against the ledger, once more) → `transform` (dbt: the
days that have to be redone, facts, marts, and all their tests) → `gate` (passes only if every step has left its result
and no archived file waited to be loaded).

**Redo a day.** After a model was mended, or when TUNE has corrected its verdicts: clear the run, or backfill from
D 03:30 to D 03:30 in the network's time zone. Cleared runs use the newest version of this DAG. To build again from what
is landed, clear from `transform` downstream. A day that is already invoiced needs no special way. Without Airflow:
`make reprocess DAY=2026-11-20`.

**Retries.** Exit code 10 (something passing) is retried with growing pauses. 2 (usage), 20 (configuration, permission)
and 30 (data) fail at once: the last lines of the task's log say what to mend.

**Not checked by `completeness`.** What still waits in the queue or in the dead-letter queue, and what Firehose has not
yet written.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    Asset,
    CronDataIntervalTimetable,
    Param,
    get_current_context,
    task,
)

from backstop import alerts
from backstop.days import resolve_day
from backstop.gate import judge_day
from backstop.operators import DayStepOperator, final
from backstop.policy import deadline, default_args
from backstop.settings import read_time_zone
from backstop.steps import DAY_STEPS

TIME_ZONE = read_time_zone(os.environ)
DEADLINE_HOURS = 2
# How often a step is tried again after a passing trouble, and how many minutes one try may take.
RETRIES = {"fetch": 5, "fetch_clicks": 5, "load": 3, "completeness": 1, "transform": 2}
TIMEOUTS = {"fetch": 30, "fetch_clicks": 60, "load": 60, "completeness": 10, "transform": 60}
OUTLETS = {"transform": [Asset("x-backstop://warehouse/marts")]}

with DAG(
    dag_id="postbacks_daily",
    schedule=CronDataIntervalTimetable("30 3 * * *", timezone=TIME_ZONE.key),
    start_date=datetime(2026, 11, 1, tzinfo=TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    rerun_with_latest_version=True,
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Report date, YYYY-MM-DD, in the network's time zone. Needed by every run that you trigger.",
        )
    },
    default_args=default_args(longest_pause=timedelta(minutes=15)),
    on_failure_callback=alerts.run_failed,
    deadline=deadline("postbacks_daily", DEADLINE_HOURS, f"done {DEADLINE_HOURS} hours after it was queued"),
    tags=["backstop", "daily"],
    doc_md=__doc__,
) as dag:

    @task(task_id="resolve_day", retries=0, execution_timeout=timedelta(minutes=1))
    def find_day() -> str:
        context = get_current_context()
        run = context["dag_run"]
        day = final(
            lambda: resolve_day(
                requested=context["params"]["day"],
                run_type=run.run_type.value,
                interval_start=run.data_interval_start,
                now=datetime.now(UTC),
                time_zone=TIME_ZONE,
            )
        )
        return day.isoformat()

    @task(task_id="gate", retries=0, execution_timeout=timedelta(minutes=1))
    def pass_gate() -> dict[str, object]:
        ti = get_current_context()["ti"]
        results = {step: ti.xcom_pull(task_ids=step) for step in DAY_STEPS}
        return final(lambda: judge_day(results, datetime.now(UTC)))

    newest = find_day()
    for name in DAY_STEPS:
        step = DayStepOperator(
            task_id=name,
            pool="warehouse_write",
            retries=RETRIES[name],
            execution_timeout=timedelta(minutes=TIMEOUTS[name]),
            outlets=OUTLETS.get(name, []),
        )
        newest >> step
        newest = step
    newest >> pass_gate()
