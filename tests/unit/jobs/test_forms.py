"""What a form of the desk lets through to a vendor."""

from __future__ import annotations

import pytest

from dashboard.jobs.forms import LayerForm, PreloadForm


@pytest.mark.parametrize("ids", [",", " ;; ", ",,,"])
def test_material_without_a_name_is_no_material(ids: str) -> None:
    assert not PreloadForm({"ids": ids}).is_valid()


def test_material_is_named_once() -> None:
    form = PreloadForm({"ids": ",file-1, file-2;file-1"})
    assert form.is_valid()
    assert form.cleaned_data["ids"] == ["file-1", "file-2"]


@pytest.mark.parametrize(
    "layer", ['{"a": NaN}', '{"a": Infinity}', '{"a": 1e999}', "[1]", "{}", "{", r'{"a": "\u0000"}', r'{"a": "\ud800"}']
)
def test_what_no_database_keeps_as_json_is_no_layer(layer: str) -> None:
    assert not LayerForm({"layer": layer}).is_valid()
