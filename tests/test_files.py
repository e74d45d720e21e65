"""Files: whatever they hold they are text or an error, and what is written is there whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathdiff.diagnostics import InputError
from pathdiff.files import read_text, refuse_output, write_text
from pathdiff.reader import read_spec

NOBODY = 65534


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(do: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(InputError) as error:
        do(*args)
    return str(error.value)


def names() -> list[str]:
    """What is in the folder."""
    return sorted(path.name for path in Path().iterdir())


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder where even root has no more rights than anybody else, and the way in is open to all."""
    here, root = Path.cwd(), os.geteuid() == 0
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        os.chdir(folder)
        if root:
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o777)
            os.chdir(here)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"nodes:\n  p: x\n", "nodes:\n  p: x\n"),
        (b"\xef\xbb\xbfp: x", "p: x"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        ("α: 变量 𝛼".encode(), "α: 变量 𝛼"),
        (b"a\x00b", "a\x00b"),
    ],
)
def test_text_as_it_is_read(data: bytes, text: str) -> None:
    Path("spec.yaml").write_bytes(data)
    assert read_text("spec.yaml") == text


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfp: \xce\xb1\r\n")))
    assert read_text("-") == "p: α\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff")))
    assert answer(read_text, "-").startswith("error[not-utf8]: this is not UTF-8 text: byte 0xff\n  <stdin>:1:1\n")
    monkeypatch.setattr(sys, "stdin", None)
    assert answer(read_text, "-") == "error[unreadable]: this file cannot be read: it is closed\n  <stdin>"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            "nodes:\n  p: é + ".encode() + b"\xff x\n  q: y",
            [
                "error[not-utf8]: this is not UTF-8 text: byte 0xff",
                "  spec.yaml:2:10",
                "   2 |   p: é + � x",
                "     |          ^",
                "  hint: save it as UTF-8",
            ],
        ),
        (
            b"\xef\xbb\xbfp: \xe4\r\n",
            [
                "error[not-utf8]: this is not UTF-8 text: byte 0xe4",
                "  spec.yaml:1:4",
                "   1 | p: �",
                "     |    ^",
                "  hint: save it as UTF-8",
            ],
        ),
        (
            "p: x".encode("utf-16"),
            [
                "error[not-utf8]: this is not UTF-8 text: byte 0xff",
                "  spec.yaml:1:1",
                "   1 | ��p\\x00:\\x00 \\x00x\\x00",
                "     | ^",
                "  hint: save it as UTF-8",
            ],
        ),
        (
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            [
                "error[not-utf8]: this is not UTF-8 text: byte 0x89",
                "  spec.yaml:1:1",
                "   1 | �PNG",
                "     | ^",
                "  hint: save it as UTF-8",
            ],
        ),
    ],
    ids=["one byte", "Latin-1", "UTF-16", "binary"],
)
def test_what_is_not_utf8_is_shown_at_its_place(data: bytes, expected: list[str]) -> None:
    Path("spec.yaml").write_bytes(data)
    assert answer(read_text, "spec.yaml").split("\n") == expected


NO_FILE = """\
error[unreadable]: there is no such file
  {}
  hint: give the path of a spec, or the spec itself with -e"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing.yaml", NO_FILE.format("missing.yaml")),
        ("missing/spec.yaml", NO_FILE.format("missing/spec.yaml")),
        (".", "error[unreadable]: this is a directory, not a file\n  .\n  hint: give a file in it"),
        ("a\0b", "error[unreadable]: this file cannot be read: embedded null byte\n  a\\x00b"),
        ("\x1b[31m", NO_FILE.format("\\x1b[31m")),
        ("loop", "error[unreadable]: this file cannot be read: Too many levels of symbolic links\n  loop"),
    ],
)
def test_what_cannot_be_read(name: str, expected: str) -> None:
    Path("loop").symlink_to("loop")
    assert answer(read_text, name) == expected


@pytest.mark.usefixtures("as_nobody")
def test_a_file_that_may_not_be_read() -> None:
    Path("spec.yaml").write_text("p: x")
    Path("spec.yaml").chmod(0)
    assert answer(read_text, "spec.yaml") == (
        "error[unreadable]: this file may not be read\n  spec.yaml\n  hint: look at its permissions"
    )


TOO_LARGE = """\
error[too-large]: a spec has at most 8,000,000 bytes
  {}
  hint: PATHDIFF_LIMITS=spec=80000000 in the environment allows ten times as much"""


def test_a_large_file(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("large.yaml").open("wb") as file:
        file.truncate(8_000_001)
    assert answer(read_text, "large.yaml") == TOO_LARGE.format("large.yaml")
    monkeypatch.setenv("PATHDIFF_LIMITS", "spec=8000001")
    assert len(read_text("large.yaml")) == 8_000_001
    monkeypatch.setenv("PATHDIFF_LIMITS", "spec=4")
    Path("small.yaml").write_text("p: x")
    assert read_text("small.yaml") == "p: x"


def test_an_endless_file() -> None:
    assert answer(read_text, "/dev/zero") == TOO_LARGE.format("/dev/zero")


@given(st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_spec_or_errors(data: bytes) -> None:
    Path("spec.yaml").write_bytes(data)
    with suppress(InputError):
        assert read_spec(read_text("spec.yaml"), "spec.yaml").nodes


def test_a_file_is_written() -> None:
    write_text(Path("out.txt"), "α\nβ\r\n")
    assert Path("out.txt").read_bytes() == b"\xce\xb1\n\xce\xb2\r\n"
    assert names() == ["out.txt"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(Path("out.txt").stat().st_mode) == 0o666 & ~mask


def test_a_file_is_replaced_and_keeps_its_mode() -> None:
    Path("out.txt").write_text("before")
    Path("out.txt").chmod(0o640)
    write_text(Path("out.txt"), "after")
    assert Path("out.txt").read_text() == "after"
    assert stat.S_IMODE(Path("out.txt").stat().st_mode) == 0o640
    assert names() == ["out.txt"]


def test_a_file_that_is_replaced_keeps_its_owner() -> None:
    Path("out.txt").write_text("before")
    if os.geteuid() == 0:
        os.chown("out.txt", NOBODY, NOBODY)
    before = Path("out.txt").stat()
    write_text(Path("out.txt"), "after")
    after = Path("out.txt").stat()
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


def test_the_longest_name_of_a_file_is_a_name() -> None:
    write_text(Path("o" * 251 + ".txt"), "text")
    assert names() == ["o" * 251 + ".txt"]


@pytest.mark.usefixtures("as_nobody")
def test_a_folder_that_may_not_be_looked_into() -> None:
    Path("folder").mkdir()
    Path("folder").chmod(0)
    expected = "  folder/in.txt\n  hint: look at its permissions"
    assert answer(read_text, "folder/in.txt") == f"error[unreadable]: this file may not be read\n{expected}"
    for refuse in (refuse_output, write_text):
        assert answer(refuse, Path("folder/in.txt"), "") == (
            "error[unwritable]: it cannot be written: Permission denied\n  folder/in.txt"
        )


def test_an_output_that_can_be_written_is_not_refused_nor_made() -> None:
    Path("spec.yaml").write_text("p: x")
    for name in ("new.txt", "/dev/null", "/dev/stderr"):
        refuse_output(Path(name), ["spec.yaml", "-", "missing.yaml"])
    assert names() == ["spec.yaml"]
    Path("link").symlink_to("spec.yaml")
    assert answer(refuse_output, Path("link"), ["spec.yaml"]) == (
        "error[unwritable]: this is the spec itself\n  link\n  hint: write the result to another file"
    )


def test_a_link_stays_one() -> None:
    Path("target.txt").write_text("before")
    Path("out.txt").symlink_to("target.txt")
    write_text(Path("out.txt"), "after")
    assert Path("out.txt").is_symlink()
    assert Path("target.txt").read_text() == "after"


def test_a_device_stays_one() -> None:
    write_text(Path("/dev/null"), "text")
    assert Path("/dev/null").is_char_device()


def test_a_pipe_gets_the_text() -> None:
    os.mkfifo("pipe")
    reading = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(Path("pipe"), "text")
    assert os.read(reading, 100) == b"text"
    assert names() == ["pipe"]
    os.close(reading)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "missing/out.txt",
            "error[unwritable]: there is no directory `missing`\n  missing/out.txt\n  hint: create it first",
        ),
        ("folder", "error[unwritable]: this is a directory, not a file\n  folder\n  hint: give a file in it"),
        ("file/out.txt", "error[unwritable]: it cannot be written: Not a directory\n  file/out.txt"),
        ("a\0b", "error[unwritable]: it cannot be written: embedded null byte\n  a\\x00b"),
        ("/dev/full", "error[unwritable]: it cannot be written: No space left on device\n  /dev/full"),
    ],
)
def test_what_cannot_be_written(name: str, expected: str) -> None:
    Path("folder").mkdir()
    Path("file").touch()
    assert answer(write_text, Path(name), "text") == expected
    assert names() == ["file", "folder"]


@pytest.mark.usefixtures("as_nobody")
def test_a_file_that_may_not_be_replaced() -> None:
    Path("kept.txt").write_text("before")
    Path("kept.txt").chmod(0o444)
    assert answer(write_text, Path("kept.txt"), "text") == (
        "error[unwritable]: it cannot be written: Permission denied\n  kept.txt"
    )
    assert names() == ["kept.txt"]
    assert Path("kept.txt").read_text() == "before"


def test_a_loop_of_links_is_not_written_to() -> None:
    Path("loop").symlink_to("loop")
    assert answer(write_text, Path("loop"), "text").startswith("error[unwritable]: it cannot be written: ")
    assert names() == ["loop"]


def test_a_folder_that_may_not_be_written_to(as_nobody: Path) -> None:
    Path("folder").mkdir()
    Path("folder").chmod(0o555)
    assert answer(write_text, Path("folder/new.txt"), "text") == (
        "error[unwritable]: it cannot be written: Permission denied\n  folder/new.txt"
    )
    assert list((as_nobody / "folder").iterdir()) == []


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_an_interrupted_writing_leaves_everything_as_it_was(
    failure: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    Path("out.txt").write_text("before")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KeyboardInterrupt if isinstance(failure, KeyboardInterrupt) else InputError) as raised:
        write_text(Path("out.txt"), "after")
    if isinstance(raised.value, InputError):
        assert str(raised.value) == "error[unwritable]: it cannot be written: No space left on device\n  out.txt"
    assert names() == ["out.txt"]
    assert Path("out.txt").read_text() == "before"
