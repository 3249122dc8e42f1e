"""The tables of trained networks agree with the cards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import list_weights
from tools.list_weights import LIST, README, TABLE, WEIGHTS, long_table, short_table

CARDS = [path for path in WEIGHTS.glob("*.json") if isinstance(json.loads(path.read_text("utf-8")), dict)]


@pytest.mark.parametrize(("path", "table"), [(README, short_table), (LIST, long_table)])
def test_a_text_has_the_table_that_the_cards_give(path: Path, table) -> None:
    found = TABLE.findall(path.read_text(encoding="utf-8"))
    assert found == [table()], "python -m tools.list_weights"


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_every_card_is_listed_with_its_digest_and_licence(path: Path) -> None:
    card = json.loads(path.read_text(encoding="utf-8"))
    (row,) = [line for line in long_table().splitlines() if card.get("package", card)["sha256"] in line]
    assert card["data"]["licence"] in row
    assert f"(`{path.stem}`)" in short_table()


def test_writing_is_repeatable_and_an_old_table_would_be_noticed(tmp_path: Path, monkeypatch) -> None:
    for name, path in (("README", README), ("LIST", LIST)):
        copy = tmp_path / name
        text = path.read_text(encoding="utf-8")
        copy.write_text(TABLE.sub("| network |\n|---|\n| old |\n", text), encoding="utf-8")
        monkeypatch.setattr(list_weights, name, copy)
    monkeypatch.setattr(list_weights, "ROOT", tmp_path)
    assert TABLE.findall((tmp_path / "README").read_text(encoding="utf-8")) != [short_table()]
    list_weights.main()
    assert (tmp_path / "README").read_text(encoding="utf-8") == README.read_text(encoding="utf-8")
    assert (tmp_path / "LIST").read_text(encoding="utf-8") == LIST.read_text(encoding="utf-8")
