"""Fixtures: a warehouse of the tests' own, the project installed in it, and dbt in this process."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult

from records import TIME_ZONE
from warehouse import Row, Warehouse

PROJECT = Path(__file__).resolve().parents[1]
STAND_IN = PROJECT.parent / ".local" / "bin" / "backstop-local"
BACKSTOP = STAND_IN.with_name("backstop")

# What a run leaves behind, apart from marks of the run itself.
TABLES = {
    "marts.fct_postbacks": ("run_id", "load_id", "loaded_at"),
    "marts.fct_unverified_postbacks": ("run_id", "load_id", "loaded_at"),
    "marts.fct_conversions": ("run_id",),
    "marts.fct_tune_reconciliation": ("run_id",),
    "marts.fct_daily_statistics": ("run_id",),
    "marts.fct_daily_arrivals": ("run_id",),
    "marts.fct_invoice_items": ("run_id",),
    "marts.rpt_unmapped_parameters": (),
    "intermediate.int_verdict_history": (),
    "intermediate.int_conversion_flags": (),
}
VIEWS = {"marts.fct_invoice_lines": (), "marts.rpt_breakage_trend": (), "marts.rpt_lateness_trend": ()}


Snapshot = dict[str, list[Row]]


class Build(Protocol):
    def __call__(self, run_id: str, *days: str, window_days: int = 45) -> dbtRunnerResult: ...


class FromScratch(Protocol):
    def __call__(self, *days: str) -> Snapshot: ...


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """A warehouse with its schema: BACKSTOP_TEST_DSN, or one that is started for the tests and stopped with them."""
    if given := os.environ.get("BACKSTOP_TEST_DSN"):
        if os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1") != "1":
            pytest.fail("BACKSTOP_TEST_DSN names one warehouse, which two workers would empty for each other: run pytest without -n")
        yield given
        return
    if not STAND_IN.exists():
        pytest.fail(f"{STAND_IN} is missing: run make build, or name a warehouse in BACKSTOP_TEST_DSN")
    process = subprocess.Popen([str(STAND_IN), "redshift", "--migrate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def warehouse(dsn: str) -> Iterator[Warehouse]:
    parts = urlsplit(dsn)
    os.environ |= {
        "BACKSTOP_DBT_HOST": parts.hostname,
        "BACKSTOP_DBT_PORT": str(parts.port),
        "BACKSTOP_DBT_USER": parts.username,
        "BACKSTOP_DBT_PASSWORD": parts.password,
        "BACKSTOP_DBT_DBNAME": parts.path.lstrip("/"),
        "BACKSTOP_DBT_SSLMODE": "disable",
        "BACKSTOP_TIME_ZONE": TIME_ZONE,
    }
    warehouse = Warehouse(parts.hostname, parts.port, parts.path.lstrip("/"), parts.username, parts.password)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope="session")
def dbt(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> "Dbt":
    dbt = Dbt(tmp_path_factory.mktemp("dbt target"))
    dbt.passes("build", "--select", "tag:setup", "--exclude-resource-type", "unit_test")
    return dbt


class Dbt:
    """dbt in this process, with the project read once for all tests."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self._places = [
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(target),
            "--log-path",
            str(target),
        ]
        self._project = dbtRunner().invoke(["parse", *self._places, "--quiet"]).result

    def __call__(self, *arguments: str) -> dbtRunnerResult:
        return dbtRunner(manifest=self._project.deepcopy()).invoke([*arguments, *self._places, "--quiet"])

    def passes(self, *arguments: str) -> dbtRunnerResult:
        result = self(*arguments)
        assert result.success, failures(result)
        return result


def failures(result: dbtRunnerResult) -> str:
    if result.exception:
        return str(result.exception)
    return "\n".join(
        f"{r.node.name}: {r.status} {r.message}" for r in result.result if r.status not in ("success", "pass", "warn", "skipped")
    )


@pytest.fixture
def empty(warehouse: Warehouse, dbt: Dbt) -> Warehouse:
    """A warehouse without a row, but with the seeds."""
    warehouse.empty("landing", "intermediate", "marts", "ops", "billing")
    return warehouse


@pytest.fixture
def build(dbt: Dbt) -> Build:
    """Builds one run and demands that it passes."""

    def build(run_id: str, *days: str, window_days: int = 45) -> dbtRunnerResult:
        return dbt.passes(*run_arguments(run_id, *days, window_days=window_days))

    return build


@pytest.fixture
def from_scratch(warehouse: Warehouse, dbt: Dbt) -> FromScratch:
    """What one run of those days leaves where nothing was built before. Its rows are compared, so it needs no data tests."""

    def from_scratch(*days: str) -> Snapshot:
        warehouse.empty("intermediate", "marts", "ops")
        dbt.passes(*run_arguments("scratch", *days), "--exclude-resource-type", "test")
        return snapshot(warehouse)

    return from_scratch


def run_arguments(run_id: str, *days: str, window_days: int = 45) -> list[str]:
    listed = ", ".join(f'"{day}"' for day in days)
    variables = f'{{"run_id": "{run_id}", "days": [{listed}], "window_days": {window_days}}}'
    return ["build", "--select", "tag:run", "--exclude-resource-type", "unit_test", "--vars", variables]


def snapshot(warehouse: Warehouse, *left_out: str) -> Snapshot:
    """All rows of the marts, without the marks of the run that made them and without the columns left out."""
    kept = {}
    for table, marks in (TABLES | VIEWS).items():
        columns = ", ".join(column for column in warehouse.columns(table) if column not in (*marks, *left_out))
        kept[table] = sorted(warehouse.rows(f"select {columns} from {table}"), key=repr)
    return kept
