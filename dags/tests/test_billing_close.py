"""Whole runs of billing_close, with fake programs, in Airflow's own task runner, which a person answers."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from airflow.models.hitl import HITLDetail
from airflow.models.trigger import handle_event_submit
from airflow.sdk import DAG
from airflow.sdk.definitions import dag as dag_runner
from airflow.sdk.timezone import utcnow
from airflow.triggers.base import TriggerEvent
from airflow.utils.session import create_session
from airflow.utils.state import TaskInstanceState
from conftest import Programs, run_once
from test_closing import ROW, proposal

ALL_TASKS = ["resolve_period", "propose", "settled", "approve", "close"]
PROPOSE = ["billing", "close", "--period", "2026-10", "--by", "billing_close", "--dry-run", "--json"]
CLOSE = ["billing", "close", "--period", "2026-10", "--by", "Ada Byron"]


@pytest.fixture
def monthly(parsed: Callable[[str], DAG]) -> DAG:
    return parsed("billing_close")


@pytest.fixture(autouse=True)
def proposed(programs: Programs) -> None:
    propose(programs)


def propose(programs: Programs, **others: object) -> None:
    programs.tell("billing", stdout=[json.dumps(proposal(**others))])


def calls(programs: Programs) -> list[list[str]]:
    return [argv[1:] for argv in programs.argvs()]


@contextmanager
def person(option: str, note: str | None = None, first: Callable[[], None] = lambda: None) -> Iterator[list[str]]:
    """Answers the question after having done what comes `first`; gives what was asked.

    Where Airflow's runner would sleep until somebody answers, and nowhere else: an answer that overtakes the asking
    task is overwritten by it. A run that goes on waiting fails.
    """
    asked: list[str] = []
    really_sleep = time.sleep

    def sleep(seconds: float) -> None:
        if sys._getframe(1).f_code.co_filename != dag_runner.__file__:
            really_sleep(seconds)
            return
        assert not asked, "the run still waits, although its question was answered"
        answer(option, note, first, asked)
        assert asked, "the run waits, and for no answer"

    with mock.patch("time.sleep", sleep):
        yield asked


def answer(option: str, note: str | None, first: Callable[[], None], asked: list[str]) -> None:
    """What Airflow's REST API does with an answer to the task that waits for one, if there is one."""
    with create_session() as session:
        for detail in session.query(HITLDetail).filter(HITLDetail.responded_at.is_(None)):
            if detail.task_instance.state == TaskInstanceState.AWAITING_INPUT:
                first()
                asked.extend([detail.subject, detail.body])
                detail.responded_by = {"id": "7", "name": "Ada Byron"}
                detail.responded_at = utcnow()
                detail.chosen_options = [option]
                detail.params_input = {"note": note}
                event = TriggerEvent(detail.as_resume_event_payload())
                handle_event_submit(event, task_instance=detail.task_instance, session=session)


def test_an_approved_month_is_closed_in_the_persons_name(monthly: DAG, programs: Programs) -> None:
    with person("Approve", "agreed; with 'all' $HOME") as asked:
        states = run_once(monthly, period="2026-10")
    assert states == dict.fromkeys(ALL_TASKS, "success")
    assert calls(programs) == [PROPOSE, PROPOSE, [*CLOSE, "--note", "agreed; with 'all' $HOME", "--json"]]
    assert asked[0] == "Close 2026-10?"
    assert "| affiliate | USD | 120.50 | -20.00 | 100.50 |" in asked[1]


def test_without_a_note_none_is_given(monthly: DAG, programs: Programs) -> None:
    with person("Approve"):
        assert run_once(monthly, period="2026-10")["close"] == "success"
    assert calls(programs)[-1] == [*CLOSE, "--json"]


def test_a_rejected_month_stays_open(monthly: DAG, programs: Programs) -> None:
    with person("Reject", "ask the advertiser first"):
        states = run_once(monthly, period="2026-10")
    assert (states["approve"], states["close"]) == ("success", "skipped")
    assert calls(programs) == [PROPOSE]


def test_objections_stop_the_run_before_anybody_is_asked(
    monthly: DAG, programs: Programs, capfd: pytest.CaptureFixture
) -> None:
    propose(programs, objections=["2026-09 is still open", "3 conversions are in flight"])
    states = run_once(monthly, period="2026-10")
    assert (states["settled"], states["approve"], states["close"]) == ("failed", "upstream_failed", "upstream_failed")
    assert "2026-09 is still open; 3 conversions are in flight" in "".join(capfd.readouterr())
    assert calls(programs) == [PROPOSE]


def test_a_closed_month_asks_nobody_and_is_no_failure(monthly: DAG, programs: Programs) -> None:
    propose(programs, already_closed=True, closed_by="Ada Byron")
    states = run_once(monthly, period="2026-10")
    assert states == {**dict.fromkeys(ALL_TASKS, "skipped"), "resolve_period": "success", "propose": "success"}
    assert calls(programs) == [PROPOSE]


def test_sums_that_changed_after_the_proposal_are_not_booked(monthly: DAG, programs: Programs) -> None:
    with person("Approve", first=lambda: propose(programs, sums=[{**ROW, "amount": "99.00"}])):
        assert run_once(monthly, period="2026-10")["close"] == "failed"
    assert calls(programs) == [PROPOSE, PROPOSE]


def test_passing_trouble_of_the_proposal_is_tried_again(monthly: DAG, programs: Programs) -> None:
    programs.tell("billing", exit=10, stderr=["the warehouse does not answer"])
    assert run_once(monthly, period="2026-10")["propose"] == "failed"
    assert calls(programs) == [PROPOSE] * (1 + monthly.get_task("propose").retries)


@pytest.mark.parametrize("conf", [{}, {"period": "2026-13"}, {"period": "2999-01"}])
def test_a_run_without_a_month_that_is_over_does_nothing(monthly: DAG, programs: Programs, conf: dict) -> None:
    assert run_once(monthly, **conf)["resolve_period"] == "failed"
    assert calls(programs) == []
