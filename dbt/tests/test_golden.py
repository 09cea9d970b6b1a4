"""The golden records, which ingest writes and the loader lands, read by the project as they are."""

from conftest import Build
from records import RECORDS, golden
from warehouse import Warehouse


def test_every_golden_line_finds_its_place(empty: Warehouse, build: Build) -> None:
    for path in sorted(RECORDS.glob("*.ndjson")):
        empty.land(path.stem, golden(path.stem))
    build("golden", "2026-11-19")

    lines = golden("postbacks")
    verified = {line["postback_id"]: line for line in lines if line["verified"]}
    kept = empty.rows("select postback_id, verdict, event_kind, forward_outcome from marts.fct_postbacks")
    outcomes = {line["postback_id"]: line["outcome"] for line in golden("forwards")}
    assert {row[0] for row in kept} == set(verified)
    for postback_id, verdict, event_kind, outcome in kept:
        line = verified[postback_id]
        assert (verdict == "rejected") == line["mmp_rejected"]
        assert event_kind == ("event" if line["params"].get("event_name") else "install")
        assert outcome == outcomes.get(postback_id)

    unverified = empty.rows("select postback_id, verdict from marts.fct_unverified_postbacks")
    assert dict(unverified) == {line["postback_id"]: line["verdict"] for line in lines if not line["verified"]}
    assert empty.value("select count(*) from marts.fct_tune_reconciliation where class = 'matched'") == 1


def test_the_parameter_map_and_the_route_file_call_the_same_postbacks_rejected(empty: Warehouse, build: Build) -> None:
    empty.land("postbacks", golden("postbacks"))
    build("golden", "2026-11-19")
    verified = "from intermediate.int_postbacks_landed where is_verified"
    assert empty.rows(f"select postback_id {verified} and is_mmp_rejected <> is_rejected_by_map") == []
    assert empty.value(f"select count(*) {verified} and is_mmp_rejected") >= 2
