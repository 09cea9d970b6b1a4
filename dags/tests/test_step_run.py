import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DAGS, Programs

from backstop.command import Command
from backstop.exits import Exit, StepFailed
from backstop.step_run import StepRun
from backstop.steps import Step

ENDS = {2: Exit.USAGE, 10: Exit.TRANSIENT, 20: Exit.CONFIGURATION, 30: Exit.DATA, 1: Exit.CONFIGURATION}


def load(programs: Programs) -> StepRun:
    return StepRun(Step("load", (str(programs.home / "backstop"), "load", "--json")), os.environ)


def build(programs: Programs) -> StepRun:
    target = programs.home / "target"
    argv = (str(programs.home / "dbt"), "build", "--target-path", str(target))
    return StepRun(Step("dbt_build", argv, target / "run_results.json"), os.environ)


@pytest.mark.parametrize(("code", "expected"), ENDS.items())
def test_backstops_exit_code_decides(programs: Programs, code: int, expected: Exit) -> None:
    programs.tell("load", exit=code, stderr=["reading", "the archive has no bucket"])
    with pytest.raises(StepFailed, match="the archive has no bucket") as failure:
        load(programs).run(lambda _: None)
    assert failure.value.exit is expected


def test_backstops_own_words_are_preferred(programs: Programs) -> None:
    programs.tell("load", exit=2, stderr=["see -h"], stdout=['{"error": "--from is no date", "exit_code": 2}'])
    with pytest.raises(StepFailed, match="load ended with exit code 2: --from is no date"):
        load(programs).run(lambda _: None)


def test_every_line_is_passed_on_but_the_result(programs: Programs) -> None:
    programs.tell("load", stderr=["one", "", "two"], stdout=["aside", '{"rows": 7}'])
    lines: list[str] = []
    assert load(programs).run(lines.append) == {"rows": 7}
    assert sorted(lines) == ["aside", "one", "two"]


@pytest.mark.parametrize("stdout", [[], ["done"], ["[1]"]])
def test_a_program_without_a_result_is_the_wrong_program(programs: Programs, stdout: list[str]) -> None:
    programs.tell("load", stdout=stdout)
    with pytest.raises(StepFailed, match="no JSON object") as failure:
        load(programs).run(lambda _: None)
    assert failure.value.exit is Exit.CONFIGURATION


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match=r"nowhere/backstop cannot be started") as failure:
        Command([str(tmp_path / "nowhere" / "backstop")], {}).run(lambda _: None)
    assert failure.value.exit is Exit.CONFIGURATION


def node(status: str, message: str = "") -> dict[str, str]:
    return {"unique_id": f"model.backstop.{status}", "status": status, "message": message}


VIOLATION = node("error", "Database Error in model a\n  1023 Serializable isolation violation on table")
MISSED = node("fail", "Got 3 results, configured to fail if != 0")
REFUSED = "('communication error', ConnectionRefusedError(111, 'Connection refused'))"
DBT_FAILS = {
    "a test failed": (1, [node("success"), MISSED], [], Exit.DATA),
    "a conflict": (1, [VIOLATION, node("skipped")], [], Exit.TRANSIENT),
    "a conflict and a failed test": (1, [VIOLATION, MISSED], [], Exit.DATA),
    "a model that cannot be built": (1, [node("error", "division by zero")], [], Exit.DATA),
    "no warehouse": (2, [], ["Encountered an error:", "Database Error", REFUSED], Exit.TRANSIENT),
    "a wrong password": (
        2,
        [],
        ["Encountered an error:", "Database Error", "authentication failed"],
        Exit.CONFIGURATION,
    ),
    "no profile": (2, [], ["Encountered an error:", "Parsing Error", "connection needs a host"], Exit.CONFIGURATION),
    "nothing selected": (0, [], ["Nothing to do."], Exit.CONFIGURATION),
}


def test_dbts_nodes_are_counted(programs: Programs) -> None:
    programs.tell("build", results=[node("success"), node("pass"), node("pass")])
    assert build(programs).run(lambda _: None) == {"nodes": {"success": 1, "pass": 2}}


@pytest.mark.parametrize(("code", "results", "words", "expected"), DBT_FAILS.values(), ids=DBT_FAILS)
def test_dbts_own_words_decide(
    programs: Programs, code: int, results: list[dict], words: list[str], expected: Exit
) -> None:
    programs.tell("build", exit=code, stdout=["Running with dbt", *words], results=results)
    with pytest.raises(StepFailed) as failure:
        build(programs).run(lambda _: None)
    assert failure.value.exit is expected


def test_an_older_account_of_dbt_is_not_taken_for_this_one(programs: Programs) -> None:
    build(programs).run(lambda _: None)
    programs.tell("build")
    with pytest.raises(StepFailed, match="built nothing"):
        build(programs).run(lambda _: None)


def test_a_step_sees_its_own_settings_and_none_of_airflows(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "canary")
    monkeypatch.setenv("PYTHONPATH", "canary")
    monkeypatch.setenv("BACKSTOP_WAREHOUSE_DSN", "canary")
    load(programs).run(lambda _: None)
    seen = set(programs.calls()[0]["environment"])
    assert {"BACKSTOP_WAREHOUSE_DSN", "PATH"} <= seen
    assert not {name for name in seen if name.startswith(("AIRFLOW", "PYTHON"))}


def started(programs: Programs, say: Callable[[str], None] = lambda _: None) -> tuple[StepRun, threading.Thread, list]:
    """A step that will not end by itself, once it has begun."""
    programs.tell("load", stderr=["begun"], sleep=600)
    begun = threading.Event()
    failures: list[StepFailed] = []
    run = load(programs)

    def work() -> None:
        try:
            run.run(lambda line: (say(line), begun.set()))
        except StepFailed as failure:
            failures.append(failure)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    return run, thread, failures


def test_stop_ends_the_program_and_counts_as_passing_trouble(programs: Programs) -> None:
    run, thread, failures = started(programs)
    run.stop()
    thread.join(30)
    assert [failure.exit for failure in failures] == [Exit.TRANSIENT]
    assert f"signal {signal.SIGTERM:d}" in str(failures[0])
    with pytest.raises(ProcessLookupError):
        os.kill(programs.calls()[0]["pid"], 0)


def test_an_interrupted_wait_leaves_no_program_behind(programs: Programs) -> None:
    programs.tell("load", stderr=["begun"], sleep=600)

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(programs).run(interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(programs.calls()[0]["pid"], 0)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends a program with its parent")
def test_a_killed_task_takes_its_program_along(programs: Programs) -> None:
    programs.tell("load", stderr=["begun"], sleep=600)
    code = (
        "import sys; from backstop.command import Command; Command(sys.argv[1:], {}).run(lambda _: print(flush=True))"
    )
    task = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, str(programs.home / "backstop"), "load"],
        env={"PYTHONPATH": str(DAGS)},
        stdout=subprocess.PIPE,
    )
    task.stdout.readline()
    program = os.pidfd_open(programs.calls()[0]["pid"])
    task.kill()
    task.wait()
    ended, _, _ = select.select([program], [], [], 30)
    assert ended == [program]
