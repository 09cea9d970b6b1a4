"""The unit tests that stand beside the models. Their fixtures take the columns' types from tables that a run has made."""

from conftest import Build, Dbt, failures
from warehouse import Warehouse


def test_every_unit_test_passes(empty: Warehouse, dbt: Dbt, build: Build) -> None:
    build("tables", "2026-11-19")
    result = dbt("test", "--select", "test_type:unit")
    assert result.success, failures(result)
    assert len(result.result) >= 19
