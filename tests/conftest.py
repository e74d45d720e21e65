"""What every test may rely on: the programs that it names, and a hypothesis profile that fits where it runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

# Example times vary with the machine, so there is no deadline. CI runs the same examples every time; to look for new
# ones, HYPOTHESIS_PROFILE=long.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "here"))

Need = Callable[[str], str]
"""Takes a program's name and gives its path; without the program the test is skipped, in CI it fails."""


@pytest.fixture
def need() -> Need:
    """The way for a test to call another program: `need("pdflatex")`."""
    return path_of


def path_of(program: str) -> str:
    path = shutil.which(program)
    if path:
        return path
    if "CI" in os.environ:
        pytest.fail(f"{program} is not installed, and in CI no test may be skipped for that", pytrace=False)
    pytest.skip(f"{program} is not installed")
