"""Write the tables of trained networks, in README.md and weights/README.md, from the cards.

Run by hand when a card is new or has changed: ``python -m tools.list_weights``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.services.catalogue import load_catalogue

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "weights"
README = ROOT / "README.md"
LIST = WEIGHTS / "README.md"
TABLE = re.compile(r"\| network \|.*\n(?:\|.*\n)+")
"""The one table of each text that is written here."""

HEADS_OF_README = ("network", "learnt from", "right on held-out pictures")
HEADS_OF_LIST = ("network", "data", "licence of the data", "accuracy", "trained by", "file", "SHA-256")


def short_table() -> str:
    """For README.md: name, data, accuracy."""
    rows = [
        (f"{each['title']} (`{each['name']}`)", _before_colon(each["card"]["data"]["name"]), _accuracy(each))
        for each in _trained()
    ]
    return _table(HEADS_OF_README, rows)


def long_table() -> str:
    """For weights/README.md: what a reader of a licence asks, and the digests."""
    return _table(HEADS_OF_LIST, [_row(each) for each in _trained()])


def _trained() -> list[dict[str, Any]]:
    return [each for each in load_catalogue(WEIGHTS).describe() if each["trained"]]


def _row(model: dict[str, Any]) -> tuple[str, ...]:
    card, data = model["card"], model["card"]["data"]
    package = card.get("package")
    if package is None:
        maker = f"`{card['trained_by']}`, seed {card['seed']}, {card['date']}"
        file, digest = f"`{model['name']}.safetensors`", card["sha256"]
    else:
        maker = f"{package['author']} ({package['licence']})"
        file, digest = f"in the package `{package['name']}` {package['version']}", package["sha256"]
    named = f"{model['title']}, {model['parameters']:,} parameters"
    return (
        named,
        f"{data['name']}. {data['source']}",
        data["licence"],
        _accuracy(model),
        maker,
        file,
        f"`{digest}`",
    )


def _accuracy(model: dict[str, Any]) -> str:
    accuracy = model["card"]["accuracy"]
    if accuracy is None:
        return "learnt without labels"
    if "published" in accuracy:
        return f"{100 * accuracy['published']['top1']:.1f} % (as published)"
    return f"{100 * accuracy['held_out']:.1f} % of {accuracy['pictures']:,}"


def _before_colon(text: str) -> str:
    return text.partition(":")[0]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> None:
    """Put both tables where they stand."""
    for path, table in ((README, short_table()), (LIST, long_table())):
        text, count = TABLE.subn(lambda _, new=table: new, path.read_text(encoding="utf-8"))
        if count != 1:
            raise SystemExit(f"{path} has {count} tables that begin with «| network |»; it should have one")
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
