"""Redoes one day without Airflow: the steps of the DAG postbacks_daily, from the same lists, one after another.

    python dags/reprocess.py --day 2026-11-20 [--stack .local/stack.json]

The settings come from the environment; with --stack, from the object `environment` in that file on top of it. Progress
goes to stderr, the run's account to the last line of stdout. Exit codes: 0 done, 2 usage, 10 passing trouble, 20
configuration, 30 data; those of a step are passed on.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from backstop.days import parse_day, refuse_future
from backstop.exits import Exit, StepFailed
from backstop.gate import judge_day
from backstop.settings import Settings, read_settings
from backstop.step_run import StepRun
from backstop.steps import DAY_STEPS, steps_of_day


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, _stop)
    # A shell that starts this in the background has it ignore SIGINT, and Python then leaves that so.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        day = parse_day(options.day)
        environment = {**os.environ, **(_stack_environment(options.stack) if options.stack else {})}
        settings = read_settings(environment)
        now = datetime.now(UTC)
        refuse_future(day, now, settings.time_zone)
        with _alone(settings.run_dir):
            account = _redo(settings, day, now, environment)
    except StepFailed as failure:
        _say(f"reprocess: {failure}")
        return int(failure.exit)
    except KeyboardInterrupt:
        _say("reprocess: interrupted; run it again to finish the day")
        return 128 + signal.SIGINT
    print(json.dumps({"day": day.isoformat(), "steps": account}))
    return int(Exit.DONE)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="reprocess", description="Redo one day without Airflow.")
    parser.add_argument("--day", required=True, metavar="YYYY-MM-DD", help="report date in the network's time zone")
    parser.add_argument("--stack", type=Path, metavar="FILE", help="stack.json of the stack that `make up` started")
    return parser.parse_args(arguments)


def _stack_environment(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["environment"])
    except FileNotFoundError as error:
        raise StepFailed(Exit.CONFIGURATION, f"there is no {path}: start the stack first, with `make up`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StepFailed(Exit.CONFIGURATION, f"{path} holds no `environment`: start the stack anew") from error


@contextmanager
def _alone(run_dir: Path) -> Iterator[None]:
    """Holds the lock of this stack. The warehouse has locks of its own; this one spares the second run its work."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / "reprocess.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = "another day is being reprocessed on this stack: try again when that is done"
            raise StepFailed(Exit.TRANSIENT, message) from error
        yield


def _redo(settings: Settings, day: date, now: datetime, environment: Mapping[str, str]) -> dict[str, object]:
    run_id = f"reprocess__{day}__{now:%Y%m%dT%H%M%SZ}"
    results: dict[str, dict[str, object]] = {}
    for number, (name, step) in enumerate(steps_of_day(settings, day, run_id).items(), start=1):
        _say(f"[{number}/{len(DAY_STEPS)}] {name}")
        started = time.monotonic()
        results[name] = StepRun(step, environment).run(lambda line: _say(f"    {line}"))
        _say(f"    done in {time.monotonic() - started:.1f} s: {json.dumps(results[name])}")
    return judge_day(results, datetime.now(UTC))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _stop(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
