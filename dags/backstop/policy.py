"""What all DAGs have in common: who is told, and how a task is tried again."""

from datetime import timedelta

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback

from backstop import alerts


def default_args(*, longest_pause: timedelta, **more: object) -> dict[str, object]:
    """A task's defaults: pauses between tries that grow up to the longest, and an alert when it has failed."""
    return {
        "owner": "backstop",
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": True,
        "max_retry_delay": longest_pause,
        "on_failure_callback": alerts.task_failed,
        **more,
    }


def deadline(dag_id: str, hours: int, name: str) -> DeadlineAlert:
    """An alert when a run has not ended so many hours after it was queued."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=hours),
        callback=SyncCallback(alerts.run_late, kwargs={"dag": dag_id, "hours": hours}),
        name=name,
    )
