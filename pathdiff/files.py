"""Files and standard input as text, and text written whole or not at all."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from pathdiff.diagnostics import Diagnostic, InputError

MAX_BYTES = 64 * 2**20
"""How large a spec may be."""


def read_text(path: str) -> str:
    """The text of a spec, UTF-8 with or without a byte order mark; `-` is standard input. Raises InputError."""
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError([_unreadable(name, error)]) from None
    if len(data) > MAX_BYTES:
        raise InputError([Diagnostic("too-large", f"a spec has at most {MAX_BYTES // 2**20} MB", name)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"this is not UTF-8 text: byte 0x{data[error.start]:02x} in line {line}"
        raise InputError([Diagnostic("not-utf8", message, name, hint="save it as UTF-8")]) from None
    return text.replace("\r\n", "\n")


def _unreadable(name: str, error: OSError) -> Diagnostic:
    messages = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "this is a directory, not a file",
        PermissionError: "this file may not be read",
    }
    message = messages.get(type(error)) or f"this file cannot be read: {error.strerror}"
    if isinstance(error, PermissionError) and Path(name).is_dir():  # as Windows says it
        message = messages[IsADirectoryError]
    return Diagnostic("unreadable", message, name)


def write_text(path: Path, text: str) -> None:
    """Writes a file whole or not at all: a temporary file beside it, then a rename. Raises InputError."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=True)
    except OSError as error:
        raise InputError([_unwritable(path, error)]) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException as error:
        with suppress(OSError):
            Path(temporary).unlink()
        if isinstance(error, OSError):
            raise InputError([_unwritable(path, error)]) from None
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> Diagnostic:
    missing = not path.parent.exists()
    message = f"there is no directory `{path.parent}`" if missing else f"it cannot be written: {error.strerror}"
    return Diagnostic("unwritable", message, str(path))
