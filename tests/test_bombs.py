"""Specs made to be too much: each ends with an answer, in a process of its own with bounded memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows cannot limit the memory of a process by resource.setrlimit", allow_module_level=True)

import resource

SECONDS = 60
MEMORY = 2 * 1024**3
"""Of the addresses of a process; what it uses of them is far less."""


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.fixture
def answer(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    def answered(text: str, *command: str) -> tuple[int, str]:
        spec = tmp_path / "bomb.yaml"
        spec.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pathdiff", *command, str(spec)],
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            preexec_fn=None if sys.platform == "darwin" else _limit,  # which macOS refuses
            env={"PYTHONIOENCODING": "utf-8", "COLUMNS": "400"},
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    return answered


def chained(first: str, then: str, count: int) -> str:
    lines = (f"  n{i}: {then.replace('OWN', f'n{i}').replace('LAST', f'n{i - 1}')}" for i in range(1, count))
    return "\n".join(["nodes:", f"  n0: {first}", *lines, ""])


def test_a_chain_of_twenty_thousand(answer: Callable[..., tuple[int, str]]) -> None:
    code, told = answer(chained("sin(x)", "sin(LAST)/20000 + LAST", 20_000), "check")
    assert code == 0
    assert "equal at 2 random points modulo 2**61 - 1, error probability below 1e-28; 1 path" in told
    assert "every label is its node's derivative: 20,000 of 20,000 proved by SymPy" in told
    assert "derivative, at 1 random point to 15 digits: largest relative difference" in told


def test_a_chain_of_abstract_nodes(answer: Callable[..., tuple[int, str]]) -> None:
    code, told = answer(chained("n0(x)", "OWN(LAST)", 10_000), "check")
    assert code == 0
    assert "at 2 random points to 15 digits, abstract functions drawn at random: largest relative difference" in told


def test_an_abstract_node_of_ten_thousand_arguments(answer: Callable[..., tuple[int, str]]) -> None:
    names = ", ".join(f"x{i}" for i in range(10_000))
    code, told = answer(f"nodes:\n  z: z({names})\n  p: z**2\n", "check")
    assert code == 0
    assert "the reverse sweep is the sum over paths for 10,000 names" in told
    assert "all 10,000 along a random direction" in told


def test_of_long_paths_few_are_listed(answer: Callable[..., tuple[int, str]]) -> None:
    pairs = (f"  a{i}: n{i - 1}*2\n  n{i}: a{i} + n{i - 1}\n" for i in range(1, 10_000))
    code, told = answer("nodes:\n  n0: x\n" + "".join(pairs), "check")
    assert code == 0
    assert ", 25 of them listed" in " ".join(told.split())


def test_a_parameter_at_each_node_of_a_chain(answer: Callable[..., tuple[int, str]]) -> None:
    """The derivatives are of hundreds of sizes: no path is listed of each, and not all are measured."""
    text = "nodes:\n  n0: sin(x)\n" + "".join(f"  n{i}: sin(n{i - 1}) + w{i}\n" for i in range(1, 5_000))
    code, told = answer(text, "check")
    assert code == 3
    assert "the derivatives are of too many sizes to be measured beside each other" in " ".join(told.split())


def test_a_kink_at_each_node_of_a_chain(answer: Callable[..., tuple[int, str]]) -> None:
    code, told = answer(chained("abs(x)", "abs(LAST)", 2_000) + "at: {x: 0}\n", "check")
    assert code == 0
    told = " ".join(told.split())
    mean = "the mean of the two one-sided derivatives is taken"
    assert f"abs(n18) at its kink in n19: {mean} and 1,980 more of these" in told
    assert "and so it is at those in 1,996 more nodes" in told


def test_a_stand_in_of_a_number_without_end(answer: Callable[..., tuple[int, str]]) -> None:
    """It goes around so fast that no step is short: points where it does are left out, not taken for a fault."""
    code, told = answer("nodes:\n  a: 2**(2**x*1000)\n  z: z(a)\nat: {x: 30}\n", "check")
    assert code == 0
    assert "at 5 random points to 50 digits, abstract functions drawn at random" in " ".join(told.split())


def test_of_very_many_dependents_the_first_are_derived(answer: Callable[..., tuple[int, str]]) -> None:
    text = "nodes:\n" + "".join(f"  n{i}: x + {i}\n" for i in range(5_000))
    left = "5,000 nodes are used by no other: the derivatives of the first"
    code, told = answer(text, "explain", "--format", "json")
    assert code == 0
    assert left in told
    code, told = answer(text, "check")
    assert code == 3  # not all of it was verified
    assert left in told


@pytest.mark.parametrize(
    ("expression", "how"),
    [
        ("-" * 20_000 + "x", "at 1 random point to 15 digits"),
        ("(x + " * 6_000 + "x" + ")" * 6_000, "at 2 random points to 15 digits"),
        ("sin(" * 3_000 + "x" + ")" * 3_000, "at 2 random points to 15 digits"),
        (" + ".join(f"x{i}" for i in range(5_000)), "all 5,000 along a random direction"),
        ("*".join(f"x{i % 100}" for i in range(6_000)), "all 100 along random directions"),
        ("*".join(f"sin(x + {i})" for i in range(1_000)), "the composed function's own derivative"),
        ("max(" + ", ".join(f"x{i}" for i in range(300)) + ")", "all 300 along random directions"),
    ],
    ids=["signs", "brackets", "sines", "sum", "product", "product of sines", "maximum"],
)
def test_an_expression_without_end(answer: Callable[..., tuple[int, str]], expression: str, how: str) -> None:
    code, told = answer(f"nodes:\n  p: {expression}\n", "check")
    assert code == 0
    assert how in told


def test_paths_without_number_at_a_point(answer: Callable[..., tuple[int, str]]) -> None:
    layers = ((f"  a{i}: sin(a{i - 1}*b{i - 1})", f"  b{i}: cos(a{i - 1} + b{i - 1})") for i in range(1, 200))
    lines = ["nodes:", "  a0: sin(x)", "  b0: cos(x)", *chain.from_iterable(layers), "  p: a199*b199", "at: {x: 1}", ""]
    code, told = answer("\n".join(lines), "explain")
    assert code == 0
    assert "about 1.61×10⁶⁰ paths from p to x" in told
