"""What the steps are told from outside, and what of that a step's process may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from backstop.days import parse_time_zone
from backstop.exits import Exit, StepFailed

# A step gets its own settings and what any program needs, but never Airflow's: those hold the keys of the metadata
# database and of the execution API.
PASSED_ON = ("BACKSTOP_", "AWS_", "LC_", "SSL_CERT_")
PASSED_ON_EXACTLY = frozenset({"PATH", "HOME", "USER", "LANG", "TMPDIR", "HTTPS_PROXY", "NO_PROXY"})


@dataclass(frozen=True)
class Settings:
    """Paths of the two programs and of the dbt project, the folder for their by-products, the network's time zone."""

    backstop: Path
    dbt: Path
    dbt_project: Path
    run_dir: Path
    time_zone: ZoneInfo


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises StepFailed (configuration) that names what is missing."""
    return Settings(
        backstop=Path(_required(environment, "BACKSTOP_BIN")),
        dbt=Path(_required(environment, "BACKSTOP_DBT_BIN")),
        dbt_project=Path(_required(environment, "BACKSTOP_DBT_PROJECT")),
        run_dir=Path(_required(environment, "BACKSTOP_RUN_DIR")),
        time_zone=read_time_zone(environment),
    )


def read_time_zone(environment: Mapping[str, str]) -> ZoneInfo:
    """Raises StepFailed (configuration) if it is missing or unknown."""
    return parse_time_zone(_required(environment, "BACKSTOP_TIME_ZONE"))


def step_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The part of the environment that a step's process gets. It holds passwords: never print it."""
    return {
        name: value for name, value in environment.items() if name in PASSED_ON_EXACTLY or name.startswith(PASSED_ON)
    }


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise StepFailed(Exit.CONFIGURATION, f"{name} is not set: see dags/README.md for what the DAGs need")
    return value
