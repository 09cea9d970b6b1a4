"""Runs one program: an argument list, no shell, a session of its own, its messages passed on line by line."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from backstop.exits import Exit, StepFailed

GRACE_SECONDS = 10
TAIL_LINES = 30
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Finished:
    """How a program ended.

    `code` is its exit code, or minus the signal that ended it. `last_output` and `last_message` are the last lines of
    stdout and stderr, `tail` the last lines of both.
    """

    code: int
    last_output: str
    last_message: str
    tail: tuple[str, ...]


class Command:
    """One program, run once. `stop` may be called from a signal handler while `run` waits."""

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None

    def run(self, on_line: Callable[[str], None]) -> Finished:
        """Waits for the program and hands every line of stderr, and of stdout all but the last, to `on_line`.

        The last line of stdout is the program's result and only returned. Raises StepFailed (configuration) if the
        program cannot be started. Whatever interrupts the wait also stops the program.
        """
        process = self._start()
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        output = _Output(on_line, tail)
        reader = threading.Thread(target=output.read, args=(process.stdout,), daemon=True)
        reader.start()
        last_message = ""
        try:
            for line in _lines(process.stderr):
                last_message = line
                tail.append(line)
                on_line(line)
            reader.join()
            code = process.wait()
        finally:
            self.stop()
        return Finished(code, output.last, last_message, tuple(tail))

    def stop(self) -> None:
        """Ends the program and its children: TERM, after a grace KILL. Does nothing if it is gone."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)

    def _start(self) -> subprocess.Popen[str]:
        try:
            self._process = subprocess.Popen(  # noqa: S603 (an argument list from backstop.steps, never a shell)
                self._argv,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        except OSError as error:
            message = f"{self._argv[0]} cannot be started: {error.strerror}"
            raise StepFailed(Exit.CONFIGURATION, message) from error
        return self._process


class _Output:
    """Passes on the lines of stdout and holds back the newest, which at the end is the result."""

    def __init__(self, on_line: Callable[[str], None], tail: deque[str]) -> None:
        self._on_line = on_line
        self._tail = tail
        self.last = ""

    def read(self, stream: IO[str]) -> None:
        for line in _lines(stream):
            if self.last:
                self._on_line(self.last)
            self._tail.append(line)
            self.last = line


def _lines(stream: IO[str]) -> Iterator[str]:
    with stream:
        for line in stream:
            if text := line.rstrip():
                yield text


def _die_with_parent() -> Callable[[], None] | None:
    """A killed task can no longer stop its program, and the program's own session hides it from others' signals: so
    Linux is asked to end it with its parent. Elsewhere there is no such request."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
