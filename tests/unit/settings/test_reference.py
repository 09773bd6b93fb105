"""docs/settings.md against the model: every key, its variable, its option and its default."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from nsd.settings import DeclaredSecondary, Plan, Settings, load
from nsd.settings.source import OPTIONS, keys, variable

REFERENCE = Path(__file__).parents[3] / "docs" / "settings.md"


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    variable: str
    option: str
    default: str
    meaning: str


def rows() -> dict[str, Row]:
    found = re.findall(
        r"^\| `([a-zN_.AME]+)` \| `(NSD_\w+)` \|(.*)\| `(.*?)` \| (.+) \|$", TEXT, re.MULTILINE
    )
    return {key: Row(key, *rest) for key, *rest in found}


TEXT = REFERENCE.read_text()
ROWS = rows()


def test_every_key_of_the_model_is_in_the_reference_and_no_other() -> None:
    assert sorted(ROWS) == sorted(keys())


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_variable_and_the_option_are_the_real_ones(row: Row) -> None:
    assert row.variable == variable(row.key)
    assert row.option.strip().split(" ")[0].strip("`") == OPTIONS.get(row.key, "")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_default_in_the_reference_is_the_model_s(row: Row) -> None:
    *section, key = row.key.split(".")
    value = tomllib.loads(f"{key} = {row.default}")
    if section[:1] == ["plans"]:
        assert Plan(**value) == Plan()
        return
    if section[:1] == ["secondaries"]:
        example = {"address": "192.0.2.1:53", **value}
        assert DeclaredSecondary(**example) == DeclaredSecondary(address=example["address"])
        return
    tree: dict[str, Any] = {section[0]: value} if section else value
    default: object = Settings()
    assert reached(Settings(**tree), row.key) == reached(default, row.key)


def reached(settings: object, key: str) -> object:
    for name in key.split("."):
        settings = getattr(settings, name)
    return settings


def test_the_given_plans_in_the_reference_are_the_real_ones() -> None:
    found = re.findall(
        r"^\| `(\w+)` \| `(\[.*\])` \| `(\d+)` \| `(\d+)` \| `(\d+)` \|$", TEXT, re.MULTILINE
    )
    fields = list(Plan.model_fields)
    plans = {
        name: Plan(**tomllib.loads("\n".join(map("{} = {}".format, fields, values))))
        for name, *values in found
    }
    assert plans == Settings().plans


def test_the_example_in_the_reference_is_a_file_that_loads(tmp_path: Path) -> None:
    example = re.search(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert example
    config = tmp_path / "nsd.toml"
    config.write_text(example[1])
    assert load(config).zone.nameservers[0] == "ns1.example.com."


@pytest.mark.parametrize("section", Settings().__dict__.values(), ids=Settings.model_fields)
def test_settings_are_frozen(section: object) -> None:
    if isinstance(section, BaseModel):
        with pytest.raises(ValueError, match="frozen"):
            setattr(section, next(iter(type(section).model_fields)), "changed")
