"""Rebuilds the contract data from the vendors' documents: `make contract SEEDS=<their folder>`.

The documents themselves are never checked in; the data is. Two runs give the same bytes, so a diff shows what changed.
"""

from __future__ import annotations

import pathlib
import sys

from dashboard.vendors.contract import catalogue
from dashboard.vendors.contract.extract import emit, metastudio, metastudio_appendix, reader, softsugar


def main(arguments: list[str]) -> None:
    if len(arguments) != 1:
        sys.exit("usage: python -m dashboard.vendors.contract.extract <folder of the vendors' documents>")
    for path in build(pathlib.Path(arguments[0]), catalogue.DATA):
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


if __name__ == "__main__":
    main(sys.argv[1:])
