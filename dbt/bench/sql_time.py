"""How long the SQL of a run takes, and whether history makes it longer. Prints results in Go's benchmark format.

    .venv/bin/python bench/sql_time.py --postbacks 20000 --days 60 240

A warehouse of its own is filled day by day with generated postbacks, forwards and rows of TUNE, and all days are built in batches. At each
number of days the last one is built again, and the times of its models and tests are added up: dbt's own start is not in them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import redshift_connector
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[1]
STAND_IN = PROJECT.parent / ".local" / "bin" / "backstop-local"
FIRST_DAY = date(2026, 1, 10)
BATCH = 30  # days that are built by one run

# A postback, what became of it, and TUNE's row of it, for each number of a day: one in twenty is told twice, TUNE lacks one in fifty.
STREAMS = ("postbacks", "forwards", "tune_conversions", "tune_fetches")


def statement(name: str) -> str:
    """The SQL that lands a day of a stream, or its ledger rows, with its values in braces."""
    return (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")


class Bench:
    def __init__(self, dsn: str, target: Path, postbacks: int) -> None:
        parts = urlsplit(dsn)
        self._connection = redshift_connector.connect(
            host=parts.hostname,
            port=parts.port,
            database=parts.path.lstrip("/"),
            user=parts.username,
            password=parts.password,
            ssl=False,
        )
        self._connection.autocommit = True
        os.environ |= {
            "BACKSTOP_DBT_HOST": parts.hostname,
            "BACKSTOP_DBT_PORT": str(parts.port),
            "BACKSTOP_DBT_USER": parts.username,
            "BACKSTOP_DBT_PASSWORD": parts.password,
            "BACKSTOP_DBT_DBNAME": parts.path.lstrip("/"),
            "BACKSTOP_DBT_SSLMODE": "disable",
            "BACKSTOP_TIME_ZONE": "UTC",
        }
        self._target, self._runs, self.days = target, 0, 0
        self._dbt("build", "--select", "tag:setup", "--exclude-resource-type", "unit_test")
        digits = " union all ".join(f"select {n} as d" for n in range(10))
        tens = " cross join ".join(f"({digits}) as t{n}" for n in range(6))
        number = " + ".join(f"t{n}.d * {10**n}" for n in range(6))
        self._run(f"create table bench_numbers as select n from (select {number} as n from {tens}) as all_numbers where n < {postbacks}")

    def _run(self, query: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(query)

    def _dbt(self, *arguments: str) -> float:
        """Seconds of SQL that the build took: its nodes one after the other, from the statement to the answer."""
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(self._target)]
        result = dbtRunner().invoke([*arguments, *places, "--log-path", str(self._target), "--threads", "1", "--quiet"])
        if not result.success:
            failed = [f"{r.node.name}: {r.message}" for r in result.result or [] if r.status in ("error", "fail")]
            sys.exit(f"dbt failed: {result.exception or failed}")
        return sum(r.execution_time for r in result.result)

    def land(self, days: int) -> Iterator[date]:
        """Fills the archive's next days."""
        for _ in range(days):
            day = FIRST_DAY + timedelta(days=self.days)
            loaded = f"2026-12-01 {self.days // 60:02}:{self.days % 60:02}:00"
            values = {"day": day, "next": day + timedelta(days=1), "loaded": loaded, "ids": f"{self.days:08x}"}
            for stream in STREAMS:
                self._run(statement(stream).format(**values))
                self._run(statement("loads").format(table=stream, **values))
            self.days += 1
            yield day

    def build(self, *days: date) -> float:
        self._runs += 1
        listed = ", ".join(f'"{day}"' for day in days)
        variables = f'{{"run_id": "bench {self._runs}", "days": [{listed}]}}'
        return self._dbt("build", "--select", "tag:run", "--exclude-resource-type", "unit_test", "--vars", variables)

    def rows(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute("select sum(rows) from landing.loads")
            return int(cursor.fetchone()[0])


def report(name: str, **measures: float) -> None:
    print(f"Benchmark{name} 1 " + " ".join(f"{value:.6g} {unit.replace('_', '-')}" for unit, value in measures.items()), flush=True)


def measure(dsn: str, target: Path, postbacks: int, history: list[int], repeats: int) -> None:
    bench = Bench(dsn, target, postbacks)
    full = 0.0
    for days in history:
        while bench.days < days:
            batch = list(bench.land(min(BATCH, days - bench.days)))
            full += bench.build(*batch)
            print(f"{bench.days} days of {postbacks} postbacks: {full:.0f} s of SQL", file=sys.stderr)
        bench.build(batch[-1])  # once unmeasured, so that each number of days begins from the same caches
        for _ in range(repeats):
            report(f"DayOfRun/history={days}", sql_s=bench.build(batch[-1]))
    rows = bench.rows()
    report("FullBuild", rows=rows, sql_s=full, **{"s/Mrows": full / rows * 1e6})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postbacks", type=int, default=20_000, help="a day (default 20000)")
    parser.add_argument(
        "--days", type=int, nargs="+", default=[60, 240], help="of history at which a day's run is measured (default 60 240)"
    )
    parser.add_argument("--repeats", type=int, default=3, help="of each measurement (default 3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as target:
        process = subprocess.Popen([str(STAND_IN), "redshift", "--migrate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            measure(process.stdout.readline().strip(), Path(target), given.postbacks, sorted(given.days), given.repeats)
        finally:
            process.stdin.close()
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
