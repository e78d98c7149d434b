"""Rebuilds the contract data from the vendors' documents: `make contract SEEDS=<their folder>`.

The documents themselves are never checked in; the data is, and so are the types that are made of it. Two runs give the
same bytes, so a diff shows what changed.
"""

from __future__ import annotations

import pathlib
import sys

from dashboard.vendors.contract import catalogue
from dashboard.vendors.contract.extract import emit, metastudio, metastudio_appendix, reader, softsugar, typed


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python -m dashboard.vendors.contract.extract <folder of the vendors' documents>")
    for path in (*build(pathlib.Path(arguments[0]), catalogue.DATA), *build_types(catalogue.GENERATED)):
        print(f"{path.name}: {path.stat().st_size:,} bytes")


def build(seeds: pathlib.Path, target: pathlib.Path) -> list[pathlib.Path]:
    """Write all data files into `target`."""
    reference = reader.read(seeds, "002")
    written = {
        "softsugar.json": emit.contract(softsugar.extract(reader.read(seeds, "004"))),
        "metastudio.json": emit.contract(metastudio.extract(reference)),
        "metastudio_errors.json": {"errors": metastudio_appendix.errors(reference)},
    }
    for name, data in written.items():
        emit.write(target / name, data)
    return [target / name for name in written]


def build_types(target: pathlib.Path) -> list[pathlib.Path]:
    """Write the typed side of the data that is now there."""
    catalogue.contract.cache_clear()
    for vendor in catalogue.FILES:
        (target / f"{vendor}.py").write_text(typed.module(catalogue.contract(vendor)), encoding="utf-8")
    return [target / f"{vendor}.py" for vendor in catalogue.FILES]


if __name__ == "__main__":
    main(sys.argv[1:])
