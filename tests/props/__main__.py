"""Plays courses: `python -m tests.props 17` one, told whole; `--n 10000` many, shrunk where one fails.

python -m tests.props SEED            play one seed and print all that happened
python -m tests.props --n 10000       that many seeds in two processes (--from, --workers)
python -m tests.props --file course   play a kept course again
python -m tests.props --plant NAME    with a planted bug, until it is caught
python -m tests.props --heard-in 20   how right "heard in" is, over that many seeds (--from, --workers, --plant)
"""

from __future__ import annotations

from tests.props.house import same_hashes

if __name__ == "__main__":
    same_hashes()
    from tests.props.runner import main

    main()
