"""House rules, read from what dbt compiled: they hold for models that nobody has written yet."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlfluff.core import FluffConfig, Linter

from conftest import PROJECT, Dbt, run_arguments
from warehouse import Warehouse

Node = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(dbt: Dbt) -> dict[str, Any]:
    """The project compiled for a run whose arrivals are literals; that reads the tables of a run."""
    dbt.passes(*run_arguments("policy", "2026-11-19"))
    dbt.passes("compile", "--vars", '{"run_id": "policy", "days": ["2026-11-19"]}')
    return json.loads((dbt.target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


@pytest.fixture(scope="module")
def described(manifest: dict[str, Any], models: list[Node]) -> list[Node]:
    """All that has rows: models, seeds and tables of sources."""
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    return [*models, *seeds, *manifest["sources"].values()]


def in_layer(models: list[Node], layer: str) -> list[Node]:
    return [model for model in models if model["fqn"][1] == layer]


def test_every_description_begins_with_the_grain(described: list[Node]) -> None:
    for node in described:
        assert re.match(r"One row an? ", node["description"]), f'{node["name"]}: its description does not begin with "One row a …"'


def test_every_model_and_seed_has_a_yaml_of_its_own_beside_it(described: list[Node]) -> None:
    for node in described:
        path = node["original_file_path"]
        beside = f"models/sources/{node['source_name']}.yml" if node["resource_type"] == "source" else str(Path(path).with_suffix(".yml"))
        assert (node["patch_path"] or path).removeprefix("backstop://") == beside, f"{node['name']} is not described in {beside}"


def test_every_column_there_is_is_described_and_no_other(described: list[Node], warehouse: Warehouse) -> None:
    faults = []
    for node in described:
        relation = node["relation_name"] or f"({node['compiled_code']})"  # an ephemeral model has none
        there = warehouse.columns_of(f"select * from {relation} as relation where false")
        named = {column["name"]: column["description"].strip() for column in node["columns"].values()}
        faults += [f"{node['name']}.{column} is not in its YAML" for column in there if column not in named]
        faults += [f"{node['name']}.{column} is only in its YAML" for column in named if column not in there]
        faults += [f"{node['name']}.{column} has no description" for column, description in named.items() if not description]
    assert not faults, "\n".join(faults)


def test_every_doc_block_is_used(described: list[Node], manifest: dict[str, Any]) -> None:
    used = {block for node in described for column in node["columns"].values() for block in column["doc_blocks"]}
    assert {block for block in manifest["docs"] if block.startswith("doc.backstop.")} - used == {"doc.backstop.__overview__"}


def test_every_table_that_migrations_made_is_a_source(described: list[Node], warehouse: Warehouse) -> None:
    made = warehouse.rows(
        "select table_schema, table_name from information_schema.tables where table_schema in ('landing', 'ops', 'billing')"
    )
    assert set(made) == {(node["schema"], node["identifier"]) for node in described if node["resource_type"] == "source"}


def test_every_mart_has_a_contract_and_knows_what_is_never_null(models: list[Node]) -> None:
    marts = in_layer(models, "marts")
    assert len(marts) >= 5
    for mart in marts:
        assert mart["config"]["contract"]["enforced"], mart["name"]
        assert any(c["type"] == "not_null" for column in mart["columns"].values() for c in column["constraints"]), mart["name"]


def test_every_mart_is_public_in_a_group_and_nothing_else_is(models: list[Node]) -> None:
    for model in models:
        public = model["config"]["access"] == "public"
        assert public == (model["fqn"][1] == "marts"), model["name"]
        assert model["config"]["group"] or not public, model["name"]


def test_exposures_name_their_owner_and_stand_on_public_marts(manifest: dict[str, Any]) -> None:
    assert len(manifest["exposures"]) >= 4
    for exposure in manifest["exposures"].values():
        assert exposure["owner"]["name"] and exposure["description"], exposure["name"]
        for parent in exposure["depends_on"]["nodes"]:
            assert manifest["nodes"][parent]["config"]["access"] == "public", f"{exposure['name']} reads {parent}"


def test_layers_go_one_way(models: list[Node], manifest: dict[str, Any]) -> None:
    nodes = manifest["nodes"]
    for model in models:
        layer, parents = model["fqn"][1], model["depends_on"]["nodes"]
        sources = [parent for parent in parents if parent.startswith("source.")]
        landing = [parent for parent in sources if ".landing." in parent]
        above = {nodes[parent]["fqn"][1] for parent in parents if nodes.get(parent, {}).get("resource_type") == "model"}
        if layer == "staging":
            assert len(sources) == 1 and not above, model["name"]
        else:
            assert not landing, f"{model['name']} reads landing past staging"
        if layer == "marts":
            assert not sources and "staging" not in above, f"{model['name']} reads {above} and {sources}"


def test_every_mart_stands_before_the_model_that_closes_the_run(models: list[Node], manifest: dict[str, Any]) -> None:
    closing = next(model for model in models if model["name"] == "rpt_runs")
    before, todo = set(), [closing["unique_id"]]
    while todo:
        parents = manifest["parent_map"][todo.pop()]
        todo += [parent for parent in parents if parent not in before]
        before.update(parents)
    of_a_run = {model["unique_id"] for model in models if "run" in model["tags"]}
    assert of_a_run - before == {closing["unique_id"]}


def test_models_of_a_run_replace_rows_behind_the_lock(models: list[Node]) -> None:
    for model in [*in_layer(models, "intermediate"), *in_layer(models, "marts")]:
        config = model["config"]
        if config["materialized"] == "view":
            assert not config["bind"], f"{model['name']}: what stands on a bound view is dropped with it at each run"
            continue
        assert config["incremental_strategy"] in {"replace_days", "replace_loads", "replace_run", "replace_all"}, model["name"]
        assert (config["on_schema_change"], config["full_refresh"]) == ("append_new_columns", False), model["name"]
        first = config["pre-hook"][0]
        assert (first["sql"], first["transaction"]) == ("lock ops.days_lock", True), model["name"]


def test_what_replaced_loads_left_is_forgotten_everywhere(models: list[Node]) -> None:
    text = (PROJECT / "macros" / "run.sql").read_text(encoding="utf-8")
    forget = text[text.index("macro forget_replaced_loads()") :]
    forgotten = set(re.findall(r"'(int_\w+)'", forget[: forget.index("endmacro")]))
    assert {model["name"] for model in models if model["config"].get("incremental_strategy") == "replace_loads"} == forgotten - {
        "int_run_loads"
    }


def readers_of_landing(manifest: dict[str, Any]) -> Iterator[Node]:
    staging = {
        f"model.backstop.{name}"
        for name in (
            "stg_mmp__postbacks",
            "stg_mmp__parameters",
            "stg_forward__attempts",
            "stg_tune__conversions",
            "stg_tune__fetches",
            "stg_tune__offers",
            "stg_tune__goals",
            "stg_tune__clicks",
            "stg_mmp__reports",
            "stg_mmp__report_files",
        )
    }
    for node in manifest["nodes"].values():
        if staging & set(node.get("depends_on", {}).get("nodes", [])):
            yield node


def test_every_read_of_landing_is_bounded_in_dt(manifest: dict[str, Any]) -> None:
    readers = list(readers_of_landing(manifest))
    assert len(readers) >= 7
    for reader in readers:
        reads = len(re.findall(r"\"stg_(?!ledger|billing)\w+\"", reader["compiled_code"]))
        bounds = len(re.findall(r"\bdt (?:in \('|in \(null|between '|between null)", reader["compiled_code"]))
        assert reads and bounds >= reads, f"{reader['name']}: {reads} reads of landing, {bounds} bounds"


def test_compiled_sql_is_redshift(models: list[Node]) -> None:
    linter = Linter(config=FluffConfig.from_path(str(PROJECT)))
    for model in models:
        assert "qualify" not in model["compiled_code"].lower(), model["name"]
        found = linter.parse_string(model["compiled_code"]).violations
        assert not found, f"{model['name']}: {[violation.desc() for violation in found]}"


def test_nothing_can_switch_transactions_off() -> None:
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    assert "redshift_skip_autocommit_transaction_statements: false" in text
    assert "packages" not in {path.stem for path in Path(PROJECT).glob("*.yml")}, "no packages: they need the network"
