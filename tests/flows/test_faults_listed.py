"""Each fault of the sandbox is met by the console in a flow test: the list that the product promises, kept whole.

promised                        kind of fault                       met in
latency                         latency                             test_faults_calls
5xx, documented 503 and 429     error                               test_faults_calls
timeouts before an effect        timeout_before                      test_faults_calls
timeouts after an effect         timeout_after                       test_faults_calls, test_relay_dies
hung up, no connection          refuse                              test_faults_calls, test_unknown
dropped sockets                 drop_socket                         test_faults_links, test_unknown
half-open sockets               half_open                           test_faults_links
a vendor that stands still      freeze                              test_faults_links
lost frames and notices         swallow_frame, swallow_notices      test_unknown
duplicated callbacks            duplicate_callback                  test_faults_callbacks
late callbacks                  delay_callback                      test_faults_callbacks
reordered callbacks             reorder_callback                    test_faults_callbacks
forged callbacks                forge_callback                      test_faults_callbacks
lost callbacks                  drop_callback                       test_faults_callbacks
expired tokens                  expire_tokens                       test_faults_accounts, test_faults_links
clock skew                      skew                                test_faults_accounts
quota exhaustion                quota                               test_faults_accounts
a vendor outage                 outage                              test_faults_accounts
ended by the vendor             session_end                         test_faults_callbacks, test_faults_accounts
a takeover that breaks off      takeover_fails                      test_faults_callbacks
an audience that comes at once  flood                               test_faults_accounts
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from dashboard.sandbox.faults import KINDS

HERE = Path(__file__).parent
WORD = re.compile(r"\b[a-z_]+\b")


def used() -> dict[str, set[str]]:
    """Kind of fault → the modules whose tests put it into the sandbox: where it stands as a text of its own."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in HERE.glob("test_*.py"):
        if path.name == Path(__file__).name:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in KINDS:
                found[str(node.value)].add(path.stem)
    return found


def table() -> dict[str, set[str]]:
    rows: dict[str, set[str]] = {}
    for line in (__doc__ or "").splitlines()[3:]:
        words = WORD.findall(line)
        kinds, modules = set(words) & set(KINDS), {word for word in words if word.startswith("test_")}
        rows |= dict.fromkeys(kinds, modules)
    return rows


def test_every_fault_of_the_sandbox_is_met_in_a_flow() -> None:
    assert set(KINDS) - set(used()) == set()


def test_the_table_says_where() -> None:
    assert set(table()) == set(KINDS)
    wrong = {kind: sorted(modules - used()[kind]) for kind, modules in table().items() if modules - used()[kind]}
    assert wrong == {}
