"""How a step ends. The numbers are those of the `backstop` command line."""

from enum import IntEnum


class Exit(IntEnum):
    """What an exit code means to whoever runs the step."""

    DONE = 0
    USAGE = 2
    TRANSIENT = 10
    CONFIGURATION = 20
    DATA = 30


class StepFailed(Exception):
    """A step did not end well. `exit` says whether trying again can help: only TRANSIENT can."""

    def __init__(self, exit: Exit, message: str) -> None:
        super().__init__(message)
        self.exit = exit

    @property
    def can_retry(self) -> bool:
        return self.exit is Exit.TRANSIENT
