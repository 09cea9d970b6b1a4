"""Stands for both programs, `backstop` and `dbt`: notes how it was called and ends as it is told.

Its first argument is the path under which it was called. The folder there holds `calls.ndjson`, which it appends to,
and per subcommand a file `<subcommand>.json` = {"exit", "stderr", "stdout", "results", "sleep"}, all optional.
`results` is what dbt writes of its nodes.
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> int:
    called, *arguments = sys.argv[1:]
    home = Path(called).parent
    call = {"argv": [Path(called).name, *arguments], "environment": sorted(os.environ), "pid": os.getpid()}
    with (home / "calls.ndjson").open("a", encoding="utf-8") as calls:
        calls.write(json.dumps(call) + "\n")
    told = _told(home, arguments[0])
    for line in told.get("stderr", ["working"]):
        print(line, file=sys.stderr, flush=True)
    time.sleep(told.get("sleep", 0))
    if "--target-path" in arguments and "results" in told:
        target = Path(arguments[arguments.index("--target-path") + 1])
        (target / "run_results.json").write_text(json.dumps({"results": told["results"]}), encoding="utf-8")
    for line in told.get("stdout", ["{}"]):
        print(line, flush=True)
    return told.get("exit", 0)


def _told(home: Path, subcommand: str) -> dict:
    path = home / f"{subcommand}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


if __name__ == "__main__":
    sys.exit(main())
