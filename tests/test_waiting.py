"""What is said on a terminal while something takes long."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="a terminal to look at is made on POSIX systems only")
SLOW = (
    "import sys, time\n"
    "from pathdiff import explain\n"
    "from pathdiff.render.terminal import progress\n"
    "progress.SOON = 0.5\n"
    "from pathdiff.__main__ import main\n"
    "verify = explain.verify_gradient\n"
    "def slowly(*asked):\n"
    "    time.sleep(2.5)\n"
    "    return verify(*asked)\n"
    "explain.verify_gradient = slowly\n"
    "sys.argv[1:] = ['explain', '-e', 'p = x*y', '--format', 'json']\n"
    "main()\n"
)


def on_a_terminal(program: str, columns: int = 80) -> bytes:
    """What is written to standard error, where that is a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "NO_COLOR": "1"}
    done = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    out, _ = done.communicate()
    assert (done.returncode, out[:2]) == (0, b"{\n")
    return said


def test_what_is_done_is_told_after_a_second_and_taken_away() -> None:
    said = on_a_terminal(SLOW)
    assert b"verifying the derivatives of p (1 of 1)" in said
    assert said.endswith(b"\x1b[2K") or b"\x1b[2K" in said.rpartition(b"verifying")[2]


def test_of_many_specs_it_is_told_which_one_is_looked_at(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("nodes:\n  p: x*y\n", encoding="utf-8")
    asked = ["check", "--format", "json", str(tmp_path / "one.yaml"), str(tmp_path / "two.yaml")]
    said = on_a_terminal(SLOW.replace("['explain', '-e', 'p = x*y', '--format', 'json']", repr(asked)), 1000)
    first, second = (
        f"{name}.yaml ({number} of 2): verifying the derivatives of p (1 of 1)".encode()
        for number, name in enumerate(("one", "two"), 1)
    )
    assert 0 <= said.find(first) < said.find(second)


def test_nothing_is_told_of_what_is_done_before() -> None:
    assert on_a_terminal(SLOW.replace("2.5", "0").replace("SOON = 0.5", "SOON = 500")) == b""


def test_nothing_is_told_where_no_terminal_is(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
