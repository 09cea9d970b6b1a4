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
BATCH = 30

# A postback, what became of it, and TUNE's row of it, for each number n of a day. One in twenty is told twice, one in fifty TUNE does not have.
POSTBACKS = """
insert into landing.postbacks (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"postback_id":"' || id || '","received_at":"{day}T' || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':07.000000Z","source":"appsflyer","verified":true,"verdict":"ok","ip_verdict":"listed","mmp_rejected":false,"method":"GET",'
    || '"path":"/p/appsflyer","raw_query":"","body":"","headers":{{}},"source_ip":"198.51.100.7","user_agent":"sample/1.0","params":{{'
    || '"clickid":"' || click || '","af_siteid":"' || (2000 + n % 40)::varchar || '","af_c_id":"' || (1000 + n % 12)::varchar
    || '","advertising_id":"38400000-8cf0-11bd-b23e-' || lpad(n::varchar, 12, '0') || '","install_time":"{day} '
    || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0') || ':02","click_time":"{day} ' || lpad(hr::varchar, 2, '0')
    || ':00:00","country_code":"US","device_ip":"203.0.' || (n % 113)::varchar || '.' || (n % 250)::varchar
    || '","app_id":"com.example.app' || (n % 12)::varchar || '"}},"fingerprint":"' || md5(click) || '","delivery":{{"message_id":"' || id
    || '","receive_count":1,"archived_at":"{day}T' || lpad(hr::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':27.000000Z"}},"routes_version":"1"}}'), '{day}'::date, hr, 'p-{day}-' || hr::varchar, '{loaded}'::timestamp
from (
    select n, n % 24 as hr, '{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0') as id,
        '102{ids}' || lpad((case when n % 20 = 0 and n > 0 then n - 1 else n end)::varchar, 19, '0') as click
    from bench_numbers
) as numbered
"""
FORWARDS = """
insert into landing.forwards (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"attempt_id":"' || md5('{day}' || n::varchar) || '","postback_id":"{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0')
    || '","route":"appsflyer_install","destination":"tune","variables":{{}},"attempt":1,"receive_count":1,"replay_id":"","attempted_at":"{day}T'
    || lpad((n % 24)::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':28.000000Z","url":"","status_code":200,"outcome":"accepted","reason":"","response":"success=true;","latency_ms":41,"final":true}}'),
    '{day}'::date, n % 24, 'f-{day}-' || (n % 24)::varchar, '{loaded}'::timestamp
from bench_numbers
"""
CONVERSIONS = """
insert into landing.tune_conversions (payload, dt, hr, load_id, loaded_at)
select json_parse(
    '{{"v":1,"fetch_id":"fetch-{day}","observed_at":"{next}T08:30:02.000000Z","id":"{ids}' || n::varchar || '","tune_event_id":"{ids}' || n::varchar
    || '","ad_id":"102{ids}' || lpad(n::varchar, 19, '0') || '","affiliate_id":"' || (2000 + n % 40)::varchar || '","advertiser_id":"301","offer_id":"'
    || (1000 + n % 12)::varchar || '","goal_id":"0","advertiser_info":"{ids}-0000-4000-8000-' || lpad(n::varchar, 12, '0')
    || '","datetime":"{day} ' || lpad((n % 24)::varchar, 2, '0') || ':' || lpad((n % 60)::varchar, 2, '0')
    || ':08","payout":"2.00000","revenue":"2.60000","sale_amount":"0.00000","status":"approved","status_code":"43","is_adjustment":"0",'
    || '"payout_type":"cpa_flat","revenue_type":"cpa_flat","currency":"USD"}}'), '{next}'::date, 8, 'c-{day}', '{loaded}'::timestamp
from bench_numbers where n % 50 <> 7 and n % 20 <> 0
"""
FETCH = """
insert into landing.tune_fetches (payload, dt, hr, load_id, loaded_at)
select json_parse('{{"v":1,"fetch_id":"fetch-{day}","target":"conversions","window_from":"{day}","window_to":"{day}","pages":1,"observed_at":'
    || '"{next}T08:30:02.000000Z","rows":' || count(*)::varchar || '}}'), '{next}'::date, 8, 't-{day}', '{loaded}'::timestamp
from bench_numbers where n % 50 <> 7 and n % 20 <> 0
"""
LEDGER = """
insert into landing.loads (load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, copy_query_id, status, loaded_at)
select load_id, '{table}', dt, hr, load_id, '', 1, 1, count(*), 0, 0, 'loaded', max(loaded_at) from landing.{table} where loaded_at = '{loaded}'::timestamp
group by load_id, dt, hr
"""


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

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

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
            for statement in (POSTBACKS, FORWARDS, CONVERSIONS, FETCH):
                self._run(statement.format(**values))
            for table in ("postbacks", "forwards", "tune_conversions", "tune_fetches"):
                self._run(LEDGER.format(table=table, **values))
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
