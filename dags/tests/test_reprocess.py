"""`make reprocess` as people call it: the script in a process of its own, with fake programs."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import DAGS, Programs

TOMORROW_EVERYWHERE = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(DAGS / "reprocess.py"), *arguments]


def reprocess(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False)  # noqa: S603


def test_all_steps_are_run_and_accounted_for(programs: Programs) -> None:
    done = reprocess("--day", "2026-11-20")
    assert done.returncode == 0, done.stderr
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "fetch", "load", "status", "build"]
    account = json.loads(done.stdout.splitlines()[-1])
    assert account == {"day": "2026-11-20", "steps": {"loaded_rows": 7, "hours_waiting": 0, "dbt": {"success": 1}}}
    assert "[3/5] load" in done.stderr


@pytest.mark.parametrize("day", ["", "20.11.2026", "2026-02-30", TOMORROW_EVERYWHERE])
def test_a_bad_day_is_refused_before_anything_runs(programs: Programs, day: str) -> None:
    done = reprocess("--day", day)
    assert done.returncode == 2
    assert f"{day}" in done.stderr
    assert programs.calls() == []


@pytest.mark.parametrize("code", [2, 10, 20, 30])
def test_a_steps_exit_code_is_passed_on(programs: Programs, code: int) -> None:
    programs.tell("load", exit=code, stderr=["the archive has no bucket"])
    done = reprocess("--day", "2026-11-20")
    assert done.returncode == code
    assert "the archive has no bucket" in done.stderr.splitlines()[-1]
    assert [argv[1] for argv in programs.argvs()] == ["fetch", "fetch", "load"]


def test_missing_settings_are_named(programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKSTOP_DBT_BIN")
    done = reprocess("--day", "2026-11-20")
    assert done.returncode == 20
    assert "BACKSTOP_DBT_BIN" in done.stderr


def test_the_stack_file_gives_the_settings(programs: Programs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in programs.environment:
        monkeypatch.delenv(name)
    stack = tmp_path / "stack.json"
    stack.write_text(json.dumps({"environment": programs.environment}), encoding="utf-8")
    assert reprocess("--day", "2026-11-20", "--stack", str(stack)).returncode == 0


@pytest.mark.parametrize(("content", "words"), [(None, "make up"), ("{", "start the stack anew"), ("{}", "anew")])
def test_without_a_stack_people_are_told_what_to_do(
    programs: Programs, tmp_path: Path, content: str | None, words: str
) -> None:
    stack = tmp_path / "stack.json"
    if content is not None:
        stack.write_text(content, encoding="utf-8")
    done = reprocess("--day", "2026-11-20", "--stack", str(stack))
    assert done.returncode == 20
    assert words in done.stderr


def test_a_second_run_on_the_same_stack_is_sent_away(programs: Programs) -> None:
    run_dir = Path(programs.environment["BACKSTOP_RUN_DIR"])
    run_dir.mkdir()
    with (run_dir / "reprocess.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = reprocess("--day", "2026-11-20")
    assert done.returncode == 10
    assert programs.calls() == []
    assert reprocess("--day", "2026-11-20").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing_behind(programs: Programs, number: signal.Signals) -> None:
    programs.tell("load", stderr=["begun"], sleep=600)
    with subprocess.Popen(command("--day", "2026-11-20"), stderr=subprocess.PIPE, text=True) as script:  # noqa: S603
        for line in script.stderr:
            if "begun" in line:
                break
        script.send_signal(number)
        script.communicate()
    assert script.returncode == 128 + number
    with pytest.raises(ProcessLookupError):
        os.kill(programs.calls()[-1]["pid"], 0)
