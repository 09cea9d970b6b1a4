"""Closes a month: what would be booked is laid before a person, and booked for good once that person approves.

**Which month.** A scheduled or backfill run takes the local month in which its data interval starts (the network's time
zone, `BACKSTOP_TIME_ZONE`): the run of 8 December, 09:00, closes November. A run that you trigger needs
`{"period": "YYYY-MM"}`.

**Steps.** `resolve_period` → `propose` (what would be booked, and what stands against it) → `settled` (passes only if
nothing does; skips the rest if the month is closed already) → `approve` (waits for a person, 14 days at most: *Required
Actions* in Airflow shows the sums, takes a note and offers Approve and Reject) → `close` (books the month in the name
of whoever approved). Reject skips `close`, and nothing is booked.

**Redo.** After objections: mend what the log of `settled` names, then clear the run from `propose` downstream. After a
Reject, or an answer that did not come in time: the same, and a person is asked again. A closed month stays as it is;
closing it again books nothing. Without Airflow: `backstop billing close`, as docs/runbook.md says.

**Retries.** Exit code 10 (something passing) is retried by `propose` and `close`. 2 (usage), 20 (configuration,
permission) and 30 (data) fail at once: the end of the task's log says what to mend. `close` fails with 30 if the sums
are no longer those that the person saw.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    Param,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowSkipException

from backstop import alerts
from backstop.closing import is_open
from backstop.operators import AskOperator, CloseOperator, ProposeOperator, final
from backstop.periods import resolve_period
from backstop.policy import deadline, default_args
from backstop.settings import read_time_zone

TIME_ZONE = read_time_zone(os.environ)
# Nobody has answered for three days, or the answer could not be carried out.
DEADLINE_HOURS = 72
ANSWER_DAYS = 14
STEP = {"pool": "warehouse_write", "retries": 3, "execution_timeout": timedelta(minutes=30)}
JUDGEMENT = {"retries": 0, "execution_timeout": timedelta(minutes=1)}

with DAG(
    dag_id="billing_close",
    # The 8th, because the MMPs mend a month until the 7th of the next; after that morning's postbacks_daily.
    schedule=CronDataIntervalTimetable("0 9 8 * *", timezone=TIME_ZONE.key),
    start_date=datetime(2026, 11, 1, tzinfo=TIME_ZONE),
    catchup=False,
    max_active_runs=1,
    rerun_with_latest_version=True,
    params={
        "period": Param(
            None,
            type=["null", "string"],
            pattern="^[0-9]{4}-[0-9]{2}$",
            description="Month, YYYY-MM, in the network's time zone. Needed by every run that you trigger.",
        )
    },
    default_args=default_args(longest_pause=timedelta(minutes=15)),
    on_failure_callback=alerts.run_failed,
    deadline=deadline("billing_close", DEADLINE_HOURS, f"answered {DEADLINE_HOURS} hours after it was queued"),
    tags=["backstop", "monthly"],
    doc_md=__doc__,
) as dag:

    @task(task_id="resolve_period", **JUDGEMENT)
    def find_period() -> str:
        context = get_current_context()
        run = context["dag_run"]
        return final(
            lambda: resolve_period(
                requested=context["params"]["period"],
                run_type=run.run_type.value,
                interval_start=run.data_interval_start,
                now=datetime.now(UTC),
                time_zone=TIME_ZONE,
            )
        )

    @task(task_id="settled", **JUDGEMENT)
    def pass_settled() -> None:
        proposal = get_current_context()["ti"].xcom_pull(task_ids="propose")
        if not final(lambda: is_open(proposal)):
            raise AirflowSkipException(f"{proposal['period']} was closed by {proposal['closed_by']}; nothing is to do")

    approve = AskOperator(
        task_id="approve",
        response_timeout=timedelta(days=ANSWER_DAYS),
        params={
            "note": Param(
                None,
                type=["null", "string"],
                maxLength=250,  # the warehouse keeps 1000 bytes, and a character may need four
                description="What should be remembered about this closing; may stay empty.",
            )
        },
        **JUDGEMENT,
    )
    propose = ProposeOperator(task_id="propose", **STEP)
    close = CloseOperator(task_id="close", **STEP)
    find_period() >> propose >> pass_settled() >> approve >> close
