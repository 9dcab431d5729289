"""Every column that a list of any register is filtered or sorted by, and every word in it, has an index."""

from __future__ import annotations

import importlib

import pytest

from services.chassis import words
from services.contracts import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_every_filter_and_order_begins_an_index(service: str) -> None:
    declared = importlib.import_module(f"services.{service}.service").SERVICE
    for process in declared.processes:
        table, fields = process.record.__table__, process.record.__fields__
        leading = {next(iter(index.columns)).name for index in table.indexes}
        sorted_by = {name for name in process.listed if name not in fields or fields[name].sortable}
        filtered = {name for name in process.filters if name not in fields or not fields[name].many}
        assert sorted_by | filtered | {"created_at", "company_id", "project_id"} <= leading, process.name


@pytest.mark.parametrize("service", SERVICES)
def test_every_searched_column_has_its_index(service: str) -> None:
    declared = importlib.import_module(f"services.{service}.service").SERVICE
    for process in declared.processes:
        table, fields = process.record.__table__, process.record.__fields__
        masked = {name for name in process.search if fields[name].mask}
        assert set(words.searched_columns(table)) == set(process.search) - masked, process.name
        assert masked <= {next(iter(index.columns)).name for index in table.indexes}, process.name
