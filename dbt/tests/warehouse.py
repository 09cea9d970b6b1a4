"""The warehouse behind the stand-in, as the tests use it: landing is filled as the loader leaves it, marts are read."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import redshift_connector

from records import Record, at, golden, rfc3339, some_id

Row = tuple[object, ...]


def batched(lines: list[Record], size: int) -> Iterator[list[Record]]:
    for start in range(0, len(lines), size):
        yield lines[start : start + size]


class Warehouse:
    """One connection. Every method commits, or reads."""

    def __init__(self, host: str, port: int, database: str, user: str, password: str) -> None:
        self._connection = redshift_connector.connect(host=host, port=port, database=database, user=user, password=password, ssl=False)
        self._connection.autocommit = True
        self._loads = 0

    def close(self) -> None:
        self._connection.close()

    def run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def rows(self, query: str) -> list[Row]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def value(self, query: str) -> object:
        return self.rows(query)[0][0]

    def columns_of(self, query: str) -> list[str]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            return [column[0] for column in cursor.description]

    def columns(self, table: str) -> list[str]:
        schema, name = table.split(".")
        named = f"table_schema = '{schema}' and table_name = '{name}'"
        return [
            str(row[0]) for row in self.rows(f"select column_name from information_schema.columns where {named} order by ordinal_position")
        ]

    def empty(self, *schemas: str) -> None:
        """Takes all rows from the tables of those schemas, but for the locks and the record of migrations."""
        listed = "', '".join(schemas)
        for schema, table in self.rows(
            "select table_schema, table_name from information_schema.tables "
            f"where table_schema in ('{listed}') and table_type = 'BASE TABLE'"
        ):
            if not table.endswith("lock") and table != "migrations":
                self.run(f"delete from {schema}.{table}")

    def load(self, table: str, hour: str, lines: Iterable[Record]) -> None:
        """Replaces a partition, given as `2026-11-19 14`, in one transaction with its ledger row, as `backstop load` does."""
        lines = list(lines)
        self._loads += 1
        load_id, status = some_id("load", self._loads), "loaded" if lines else "empty"
        dt, hr = hour.split()
        loaded_at = (datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self._loads)).strftime("%Y-%m-%d %H:%M:%S")
        before = self.value(f"select count(*) from landing.{table} where dt = '{dt}' and hr = {int(hr)}")
        statements = ["begin", f"delete from landing.{table} where dt = '{dt}' and hr = {int(hr)}"]
        for batch in batched(lines, 100):
            documents = (json.dumps(line).replace("\\", "\\\\").replace("'", "''") for line in batch)
            selects = (f"select json_parse('{d}'), '{dt}'::date, {int(hr)}, '{load_id}', '{loaded_at}'::timestamp" for d in documents)
            statements.append(f"insert into landing.{table} (payload, dt, hr, load_id, loaded_at) " + " union all ".join(selects))
        statements.append(
            "insert into landing.loads (load_id, table_name, dt, hr, manifest_digest, manifest_key, files, bytes, rows, rows_before, "
            f"copy_query_id, status, loaded_at) values ('{load_id}', '{table}', '{dt}', {int(hr)}, '{load_id}', '', 1, 1, {len(lines)}, "
            f"{before}, 0, '{status}', '{loaded_at}')"
        )
        for statement in [*statements, "commit"]:
            self.run(statement)

    def purge(self, table: str, hour: str) -> None:
        """Removes a partition for good, as retention does."""
        self.load(table, hour, [])
        dt, hr = hour.split()
        self.run(f"update landing.loads set status = 'purged' where table_name = '{table}' and dt = '{dt}' and hr = {int(hr)} and rows = 0")

    def land(self, table: str, lines: Iterable[Record], arrived: str = "") -> None:
        """Lands lines in the hour of their time (received, attempted, observed), or all in the hour given."""
        hours: dict[str, list[Record]] = {}
        for line in lines:
            moment = str(line.get("received_at") or line.get("attempted_at") or line["observed_at"])
            hours.setdefault(arrived or moment[:13].replace("T", " "), []).append(line)
        for hour, of_hour in sorted(hours.items()):
            self.load(table, hour, of_hour)

    def fetch(self, observed: str, window: tuple[str, str], conversions: Iterable[Record], declared: int | None = None) -> None:
        """Lands a fetch of TUNE's conversions: its rows and the line that ends it."""
        moment, lines = at(observed), list(conversions)
        stamp = {"fetch_id": some_id("fetch", observed, declared), "observed_at": rfc3339(moment)}
        self.land("tune_conversions", [line | stamp for line in lines])
        self._end("conversions", stamp, window, len(lines) if declared is None else declared)

    def fetch_clicks(self, observed: str, day: str, clicks: Iterable[Record]) -> None:
        """Lands a fetch of a day's click log: its rows and the line that ends it."""
        moment, lines = at(observed), list(clicks)
        stamp = {"fetch_id": some_id("clicks", observed, day), "observed_at": rfc3339(moment)}
        self.land("tune_clicks", [line | stamp for line in lines])
        self._end("clicks", stamp, (day, day), len(lines))

    def _end(self, target: str, stamp: Record, window: tuple[str, str], rows: int) -> None:
        line = {"v": 1, "target": target, "window_from": window[0], "window_to": window[1], "rows": rows, "pages": 1}
        self.land("tune_fetches", [line | stamp])

    def report(
        self, observed: str, window: tuple[str, str], rows: Iterable[Record], declared: int | None = None, kind: str = "installs_report"
    ) -> None:
        """Lands an MMP's own report: its rows and the line that ends it."""
        lines = list(rows)
        stamp = {"report_id": some_id("report", observed, window), "observed_at": rfc3339(at(observed)), "report": kind}
        self.land("mmp_reports", [line | stamp for line in lines])
        ending = golden("mmp_report_files")[0]
        self.land(
            "mmp_report_files",
            [ending | stamp | {"window_from": window[0], "window_to": window[1], "rows": len(lines) if declared is None else declared}],
        )
