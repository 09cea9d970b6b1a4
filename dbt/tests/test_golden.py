"""The golden records, which ingest writes and the loader lands, read by the project as they are."""

from conftest import Build
from records import RECORDS, golden
from warehouse import Warehouse

INSTALLS = (None, "(event_name)", "INSTALL", "_install")


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
        assert event_kind == ("install" if line["params"].get("event_name") in INSTALLS else "event")
        assert outcome == outcomes.get(postback_id)

    unverified = empty.rows("select postback_id, verdict from marts.fct_unverified_postbacks")
    assert dict(unverified) == {line["postback_id"]: line["verdict"] for line in lines if not line["verified"]}
    assert empty.value("select count(*) from marts.fct_tune_reconciliation where class = 'matched'") == 1


def test_the_parameter_map_and_the_route_file_call_the_same_postbacks_rejected(empty: Warehouse, build: Build) -> None:
    empty.land("postbacks", golden("postbacks"))
    build("golden", "2026-11-19")
    verified = "from intermediate.int_postbacks_landed where is_verified"
    assert empty.rows(f"select postback_id {verified} and is_mmp_rejected <> is_rejected_by_map") == []
    both = empty.rows(f"select source, bool_or(is_mmp_rejected), bool_and(is_mmp_rejected) {verified} group by 1 order by 1")
    sources = [row[0] for row in empty.rows("select distinct source from seeds.parameter_map order by 1")]
    assert both == [(source, True, False) for source in sources], "of every source there is one that it rejects and one that it does not"
