"""Runs a step and reads what it did from what its program left behind."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping

from backstop.command import Command, Finished
from backstop.exits import Exit, StepFailed
from backstop.settings import step_environment
from backstop.steps import Step

# What dbt passes on from the warehouse's driver when the same statement may well succeed a minute later.
PASSING_TROUBLE = re.compile(
    r"serializable isolation violation|could not serialize|deadlock detected|connection|timed? ?out", re.IGNORECASE
)


class StepRun:
    """One run of a step. `stop` may be called from a signal handler while `run` waits."""

    def __init__(self, step: Step, environment: Mapping[str, str]) -> None:
        self._step = step
        self._command = Command(step.argv, step_environment(environment))

    def run(self, on_line: Callable[[str], None]) -> dict[str, object]:
        """The step's own account of what it did; raises StepFailed when it did not end well.

        `on_line` gets every line that the program says, as it comes.
        """
        if self._step.dbt_results is None:
            return _backstop_result(self._step, self._command.run(on_line))
        # An older result would be taken for this one's if dbt ends before it writes.
        self._step.dbt_results.parent.mkdir(parents=True, exist_ok=True)
        self._step.dbt_results.unlink(missing_ok=True)
        finished = self._command.run(on_line)
        on_line(finished.last_output)
        return _dbt_result(self._step, finished)

    def stop(self) -> None:
        self._command.stop()


def _backstop_result(step: Step, finished: Finished) -> dict[str, object]:
    result = _json_object(finished.last_output)
    if finished.code != Exit.DONE:
        why = str((result or {}).get("error", finished.last_message))
        raise StepFailed(_backstop_exit(finished.code), _ended(step, finished, why))
    if result is None:
        raise StepFailed(
            Exit.CONFIGURATION,
            f"{step.name} ended well but its last line is no JSON object: is {step.argv[0]} the program `backstop`?",
        )
    return result


def _json_object(line: str) -> dict[str, object] | None:
    try:
        result = json.loads(line)
    except ValueError:
        return None
    return result if isinstance(result, dict) else None


def _backstop_exit(code: int) -> Exit:
    if code < 0:  # ended by a signal: stopped from outside, or out of memory
        return Exit.TRANSIENT
    try:
        return Exit(code)
    except ValueError:
        return Exit.CONFIGURATION


def _dbt_result(step: Step, finished: Finished) -> dict[str, object]:
    # dbt exits with 1 when a node did not end well and with 2 when dbt itself could not go on; whether trying again can
    # help, only its words tell.
    nodes = _dbt_nodes(step)
    if finished.code == Exit.DONE:
        return _dbt_counts(step, nodes)
    bad = [node for node in nodes if node["status"] in ("fail", "error")]
    if finished.code == 1 and bad:
        why = "; ".join(f"{node['unique_id']}: {node.get('message')}" for node in bad[:5])
        can_pass = all(node["status"] == "error" and _can_pass(str(node.get("message"))) for node in bad)
        raise StepFailed(Exit.TRANSIENT if can_pass else Exit.DATA, _ended(step, finished, why))
    why = "\n".join(finished.tail).rpartition("Encountered an error:")[2]
    can_pass = finished.code < 0 or ("Database Error" in why and _can_pass(why))
    raise StepFailed(Exit.TRANSIENT if can_pass else Exit.CONFIGURATION, _ended(step, finished, why))


def _dbt_nodes(step: Step) -> list[dict[str, object]]:
    try:
        return json.loads(step.dbt_results.read_text(encoding="utf-8"))["results"]
    except FileNotFoundError:
        return []


def _dbt_counts(step: Step, nodes: list[dict[str, object]]) -> dict[str, object]:
    if not nodes:
        raise StepFailed(Exit.CONFIGURATION, f"{step.name} built nothing: does the dbt project hold what it selects?")
    return {"nodes": dict(Counter(str(node["status"]) for node in nodes))}


def _can_pass(words: str) -> bool:
    return PASSING_TROUBLE.search(words) is not None


def _ended(step: Step, finished: Finished, why: str) -> str:
    how = f"was ended by signal {-finished.code}" if finished.code < 0 else f"ended with exit code {finished.code}"
    return f"{step.name} {how}: {' '.join(why.split())[:1000] or 'it said nothing'}"
