"""Whatever it is given, the command line answers: exit code 0, 1, 2 or 3, no traceback, errors in the one form.

A few hundred examples each; HYPOTHESIS_PROFILE=long runs 10,000.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import Drawn, any_texts, specs

from pathdiff.cli import main

GRAPHS = sorted((Path(__file__).parent.parent / "graphs").glob("*.yaml"))
SMALL = [path.read_text(encoding="utf-8") for path in GRAPHS if path.stat().st_size < 600]
EXAMPLES = settings(
    max_examples=10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
PIECES = [
    "nodes:", "inputs: [x]", "at: {x: 1}", "derive: p", "functions:", "  f(t): t", "\n", "\t", ": ", "- ", "#", "|",
    ">", "'", '"', "*a", "&a", "!t", "---", "...", "{", "}", "[", "]", "(", ")", "=", ";", ",", "**", "^", "1e9", "0",
    "x", "y", "pi", "e\u0301", "ｗ", "²", "\\x", "\x00", "\x1b[31m", "\u202e", "\ud800", "\ufeff", "%", "sin(",
    "log(0)", "9**9**9", "max(", "z: z(", "known_", "\r\n", "\u2028",
]  # fmt: skip

points = (
    st.none()
    | st.sampled_from(["x=1", "x=0,y=-2", "x=3,y=1/2,z=1"])
    | st.lists(
        st.tuples(
            st.sampled_from(["x", "y", "z", "p", "", "α"]), st.sampled_from(["0", "1", "-2", "1/0", "1e9", "2x", ""])
        ),
        max_size=3,
    ).map(lambda pairs: ",".join(f"{name}={value}" for name, value in pairs))
)
asked = st.lists(
    st.sampled_from([["--of", "p"], ["--wrt", "x"], ["--wrt", "all"], ["--of", "nn"], ["--trace"]]), max_size=2
)


def answered(arguments: list[str], data: bytes = b"") -> None:
    """Runs the command line in this process, and looks at what it wrote and how it ended."""
    out, err = io.StringIO(), io.StringIO()
    left: object = None
    standard_input = io.TextIOWrapper(io.BytesIO(data))
    with patch.object(sys, "stdin", standard_input), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments, prog_name="pathdiff")
        except SystemExit as exit_:
            left = exit_.code
    told = err.getvalue()
    assert left in (0, 1, 2, 3), told
    assert "Traceback" not in told
    assert bool(told) is (left == 2)
    if "json" in arguments:
        if out.getvalue():
            json.loads(out.getvalue())
        if told:
            assert json.loads(told)["errors"]
    elif told:
        assert told.startswith("error[")
    assert not any(char < " " and char != "\n" for char in told)


def everywhere(data: bytes, at: str | None, more: list[list[str]]) -> None:
    """Both commands, both forms."""
    point = [] if at is None else ["--at", at]
    options = [word for words in more for word in words]
    plain = [word for word in options if word != "--trace"]
    answered(["explain", "-", *options, *point], data)
    answered(["check", "-", "--format", "json", *plain, *point], data)


@given(st.binary(max_size=200), points)
@EXAMPLES
def test_bytes(data: bytes, at: str | None) -> None:
    everywhere(data, at, [])


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=25).map("".join), points, asked)
@EXAMPLES
def test_pieces_of_specs(text: str, at: str | None, more: list[list[str]]) -> None:
    everywhere(text.encode("utf-8", "surrogatepass"), at, more)
    everywhere(f"nodes:\n  p: x*y\n  q: {text}".encode("utf-8", "surrogatepass"), at, more)


@given(st.sampled_from(SMALL), st.data(), points, asked)
@EXAMPLES
def test_damaged_specs(text: str, data: st.DataObject, at: str | None, more: list[list[str]]) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        end = place + data.draw(st.integers(0, 3))
        text = text[:place] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    everywhere(text.encode("utf-8", "surrogatepass"), at, more)


@given(any_texts(("x", "y", "z"), 6), points, asked)
@EXAMPLES
def test_expressions(text: str, at: str | None, more: list[list[str]]) -> None:
    everywhere(f"nodes:\n  p: {text}\n".encode(), at, more)


@given(specs(5, tame=False), points)
@EXAMPLES
def test_specs(drawn: Drawn, at: str | None) -> None:
    everywhere(drawn.yaml().encode(), at, [])


@given(
    st.lists(st.sampled_from(PIECES) | st.sampled_from(["p = ", "q = x", "; "]), max_size=12).map(
        lambda pieces: "p = x*y; q = " + "".join(pieces)
    ),
    points,
)
@EXAMPLES
def test_inline_text(text: str, at: str | None) -> None:
    point = [] if at is None else ["--at", at]
    answered(["explain", "-e", text.replace("\0", ""), "--format", "latex-fragment", *point])
    answered(["check", "-e", text, *point])


WORDS = [
    "explain", "check", "-", "-e", "p = x*y", "--of", "--wrt", "--at", "x=1", "--format", "json", "text", "--trace",
    "-o", "out.json", "out.foo", ".", "--notation", "d", "--nonsense", "missing.yaml", "all", "", "-x", "p", "--",
    "\x1b",
]  # fmt: skip


@given(
    st.sampled_from([[], ["explain", "-e", "p = x*y"], ["check"]]).flatmap(
        lambda begun: st.lists(st.sampled_from(WORDS), max_size=5).map(lambda words: begun + words)
    )
)
@EXAMPLES
def test_command_lines(words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    left: object = None
    with (
        TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO())),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main(words, prog_name="pathdiff")
        except SystemExit as exit_:
            left = exit_.code
    assert left in (0, 1, 2, 3), err.getvalue()
