"""The Airflow side of a step."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from backstop.closing import approval_of, question, refuse_changed
from backstop.exits import StepFailed
from backstop.settings import Settings, read_settings
from backstop.step_run import StepRun
from backstop.steps import Step, close_period, propose_closing, steps_of_day, steps_of_hour

T = TypeVar("T")


class StepOperator(BaseOperator):
    """Runs one step; what the step says of itself is the task's result.

    A step that can be tried again fails with StepFailed and Airflow retries it; any other failure is final at once.
    """

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._run: StepRun | None = None

    def steps(self, settings: Settings, context: Context) -> dict[str, Step]:
        """The steps of the run, by task id."""
        raise NotImplementedError

    def execute(self, context: Context) -> dict[str, object]:
        return final(lambda: self._execute(context))

    def on_kill(self) -> None:
        if self._run is not None:
            self._run.stop()

    def _execute(self, context: Context) -> dict[str, object]:
        return self._run_step(self.steps(read_settings(os.environ), context)[self.task_id])

    def _run_step(self, step: Step) -> dict[str, object]:
        self.log.info("running %s", list(step.argv))
        self._run = StepRun(step, os.environ)
        result = self._run.run(lambda line: self.log.info("%s", line))
        self.log.info("result %s", result)
        return result


class DayStepOperator(StepOperator):
    """A step of the day that the task `resolve_day` has found."""

    def steps(self, settings: Settings, context: Context) -> dict[str, Step]:
        day = date.fromisoformat(context["ti"].xcom_pull(task_ids="resolve_day"))
        return steps_of_day(settings, day, context["run_id"])


class HourStepOperator(StepOperator):
    """A step of the hourly run."""

    def steps(self, settings: Settings, context: Context) -> dict[str, Step]:
        return steps_of_hour(settings, datetime.now(UTC).date())


class ProposeOperator(StepOperator):
    """Says what would be booked for the month that the task `resolve_period` has found."""

    def steps(self, settings: Settings, context: Context) -> dict[str, Step]:
        period = context["ti"].xcom_pull(task_ids="resolve_period")
        return {self.task_id: propose_closing(settings, period)}


class AskOperator(ApprovalOperator):
    """Asks a person to approve or reject what `propose` has found; the task's result says who answered, and what."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(subject="Close the month?", **kwargs)

    def execute(self, context: Context) -> object:
        # Only now, because a parsed file cannot know the sums.
        proposal = context["ti"].xcom_pull(task_ids="propose")
        self.subject = f"Close {proposal['period']}?"
        self.body = question(proposal)
        return super().execute(context)


class CloseOperator(StepOperator):
    """Closes the month in the name of the person who has answered `approve`, if the sums are still those approved."""

    def _execute(self, context: Context) -> dict[str, object]:
        ti = context["ti"]
        settings = read_settings(os.environ)
        period = ti.xcom_pull(task_ids="resolve_period")
        approval = approval_of(ti.xcom_pull(task_ids="approve"))
        # The answer may take days. The pool keeps other writers out from here to the closing.
        refuse_changed(ti.xcom_pull(task_ids="propose"), self._run_step(propose_closing(settings, period)))
        return self._run_step(close_period(settings, period, approval))


def final(work: Callable[[], T]) -> T:
    """Does the work; a failure that trying again cannot mend reaches Airflow as one that it must not retry."""
    try:
        return work()
    except StepFailed as failure:
        if failure.can_retry:
            raise
        raise AirflowFailException(f"{failure} (exit {failure.exit:d}, not tried again)") from failure
