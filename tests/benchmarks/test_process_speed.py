"""Whole processes: a command beside the imports that it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GRAPHS = Path(__file__).parents[2] / "graphs"
LIBRARIES = "import sympy, networkx, click, rich, yaml, lark"


def process(*arguments: str) -> Callable[[], None]:
    def run() -> None:
        # the .pyc files of an installed package are there from the second run on, whatever the environment says
        subprocess.run([sys.executable, "-X", "utf8", *arguments], env={}, capture_output=True, check=True)

    return run


@pytest.mark.parametrize("graph", ["mlp2", "neuron", "softmax-cross-entropy"])
def test_explaining_a_lecture_graph(against: Any, graph: str) -> None:
    """In 1.5 times at most of what it takes to import the libraries, better 1.2."""
    ours = process("-m", "pathdiff", "explain", str(GRAPHS / f"{graph}.yaml"))
    against(f"`explain graphs/{graph}.yaml`", ours, f"`{LIBRARIES}`", process("-c", LIBRARIES))


def test_help(against: Any) -> None:
    """In 6 times at most of what Python itself takes, better 4."""
    against("`pathdiff --help`", process("-m", "pathdiff", "--help"), "`python -c pass`", process("-c", "pass"))
