"""Lines of the archive for tests, made from records/*.ndjson: each builder takes the golden line and changes what it is told to."""

import copy
import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

Record = dict[str, object]

RECORDS = Path(__file__).resolve().parents[2] / "records"
TIME_ZONE = "America/New_York"
CLICK = "102d365610c5506165491ff839583c"
OFFER = "1001"
GOAL = "31"
# What the golden install says of its own moment, and other times of its device would contradict.
OF_THE_MOMENT: Record = {"gp_click_time": None, "gp_install_begin": None}


def golden(stream: str) -> list[Record]:
    return [json.loads(line) for line in (RECORDS / f"{stream}.ndjson").read_text(encoding="utf-8").splitlines()]


def at(text: str) -> datetime:
    """A time in UTC from `2026-11-19 14:03` or with seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def some_id(*seed: object) -> str:
    """The same UUID for the same seed."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(map(str, seed))))


def click(number: int) -> str:
    return f"102{number:027x}"


def postback(name: str, received: str, *, source: str = "appsflyer", params: Record | None = None, **fields: object) -> Record:
    """An AppsFlyer install of the golden click, received then; `params` replace and, with None, remove parameters."""
    first, received_at = golden("postbacks")[0 if source == "appsflyer" else 3], at(received)
    line = copy.deepcopy(first) | {
        "postback_id": some_id("postback", name),
        "received_at": rfc3339(received_at),
        "source": source,
    }
    changed = line["params"] | (params or {})
    line["params"] = {key: value for key, value in changed.items() if value is not None}
    line["mmp_rejected"] = "is_rejected" in line["params"] or "rejection_reason" in line["params"]
    line["delivery"] = {
        "message_id": some_id("message", name),
        "receive_count": 1,
        "archived_at": rfc3339(received_at + timedelta(seconds=20)),
    }
    told = json.dumps([source, sorted(line["params"].items()), line.get("body", "")])
    line["fingerprint"] = hashlib.sha256(told.encode()).hexdigest()
    return line | fields


def told_by(source: str, name: str, received: str, params: Record, **fields: object) -> Record:
    """A postback of that source with those parameters and no others."""
    nothing = dict.fromkeys(golden("postbacks")[3]["params"])
    return postback(name, received, source=source, params=nothing | params, **fields)


def install(name: str, received: str, click_id: str, *, ctit: int = 600, **changes: object) -> Record:
    """An install of that click, on a device of its own, that happened five seconds before its receipt."""
    installed = at(received).replace(microsecond=0) - timedelta(seconds=5)
    times = OF_THE_MOMENT | {
        "clickid": click_id,
        "advertising_id": some_id("device", click_id),
        "install_time": installed.strftime("%Y-%m-%d %H:%M:%S"),
        "click_time": (installed - timedelta(seconds=ctit)).strftime("%Y-%m-%d %H:%M:%S"),
        "gp_click_time": None,
        "gp_install_begin": None,
    }
    return postback(name, received, params=times | changes.pop("params", {}), **changes)


def purchase(name: str, received: str, click_id: str, *, order: str | None, sale: str = "4.99", happened: str | None = None) -> Record:
    """A purchase of that click, an hour after the install; without an order it is known by its time and amount."""
    moment = at(happened) if happened else at(received) - timedelta(seconds=5)
    installed = moment - timedelta(hours=1)
    return postback(
        name,
        received,
        params=OF_THE_MOMENT
        | {
            "clickid": click_id,
            "goal_id": GOAL,
            "event_name": "af_purchase",
            "install_time": installed.strftime("%Y-%m-%d %H:%M:%S"),
            "click_time": (installed - timedelta(minutes=10)).strftime("%Y-%m-%d %H:%M:%S"),
            "event_time": moment.strftime("%Y-%m-%d %H:%M:%S"),
            "event_revenue": sale,
            "event_revenue_currency": "USD",
            "partner_event_id": order,
        },
    )


def same_text(name: str, received: str, first: Record) -> Record:
    """The same request once more."""
    return first | {
        "postback_id": some_id("postback", name),
        "received_at": rfc3339(at(received)),
        "delivery": {
            "message_id": some_id("message", name),
            "receive_count": 1,
            "archived_at": rfc3339(at(received) + timedelta(seconds=20)),
        },
    }


def attempt(of: Record, outcome: str = "accepted", *, number: int = 1, final: bool = True, reason: str = "") -> Record:
    """What became of sending that postback."""
    line = copy.deepcopy(golden("forwards")[0])
    moment = datetime.fromisoformat(of["received_at"]) + timedelta(seconds=20 * number)
    return line | {
        "attempt_id": some_id("attempt", of["postback_id"], number),
        "postback_id": of["postback_id"],
        "attempt": number,
        "attempted_at": rfc3339(moment),
        "outcome": outcome,
        "reason": reason,
        "final": final,
    }


def tune_conversion(
    number: int,
    converted: str,
    *,
    of: Record | None = None,
    click_id: str = CLICK,
    status: str = "approved",
    **fields: str,
) -> Record:
    """A row of TUNE's; `of` is the postback whose id it carries."""
    line = copy.deepcopy(golden("tune_conversions")[0])
    local = at(converted).astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%d %H:%M:%S")
    transaction = of["params"]["clickid"] if of else click_id
    return (
        line
        | {
            "id": str(number),
            "tune_event_id": str(number),
            "ad_id": transaction,
            "datetime": local,
            "advertiser_info": of["postback_id"] if of else "",
            "status": status,
            "status_code": {"approved": "43", "pending": "31", "rejected": "12"}.get(status, ""),
        }
        | fields
    )


def tune_click(click_id: str, clicked: str, **fields: str) -> Record:
    """A row of TUNE's click log, by the device of that click's install."""
    local = at(clicked).astimezone(ZoneInfo(TIME_ZONE)).strftime("%Y-%m-%d %H:%M:%S")
    row = {"transaction_id": click_id, "datetime": local, "advertising_id": some_id("device", click_id)}
    return copy.deepcopy(golden("tune_clicks")[0]) | row | fields


def observation(entity: str, observed: str, *, modified: str, **fields: str) -> Record:
    """What a listing showed of the golden offer or goal."""
    line = copy.deepcopy(golden(f"tune_{entity}s")[0])
    return line | {"observed_at": rfc3339(at(observed)), "modified": str(int(at(modified).timestamp()))} | fields


def report_row(number: int, happened: str, click_id: str, *, event: str = "install", **fields: object) -> Record:
    """A line of AppsFlyer's own report about the golden app."""
    line = copy.deepcopy(golden("mmp_reports")[0])
    moment = rfc3339(at(happened))
    return line | {"row_number": number, "click_id": click_id, "event_name": event, "event_at": moment, "installed_at": moment} | fields
