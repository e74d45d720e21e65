"""Files and standard input as text, and text written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from pathdiff.diagnostics import Diagnostic, InputError, Place

MAX_BYTES = 64 * 2**20
"""How large a spec may be."""
LONGEST_REST = 1000
"""How much is decoded to show the line behind a byte that is not UTF-8."""


def read_text(path: str) -> str:
    """The text of a spec, UTF-8 with or without a byte order mark; `-` is standard input. Raises InputError."""
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            if sys.stdin is None:  # a closed one, as after `<&-`
                raise OSError(errno.EBADF, "it is closed")
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        raise InputError([_unreadable(name, error)]) from None
    if len(data) > MAX_BYTES:
        raise InputError([Diagnostic("too-large", f"a spec has at most {MAX_BYTES // 2**20} MB", name)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError([_not_utf8(name, data, error.start)]) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _not_utf8(name: str, data: bytes, at: int) -> Diagnostic:
    first = data.rfind(b"\n", 0, at) + 1
    before = data[first:at].decode("utf-8").removeprefix("\ufeff")
    line = before + data[at : at + LONGEST_REST].decode("utf-8", "replace")
    place = Place(data.count(b"\n", 0, at) + 1, len(before) + 1, len(before) + 2)
    message = f"this is not UTF-8 text: byte 0x{data[at]:02x}"
    return Diagnostic("not-utf8", message, name, place, line.split("\n")[0].rstrip("\r"), hint="save it as UTF-8")


def _unreadable(name: str, error: OSError | ValueError) -> Diagnostic:
    messages: dict[type[Exception], str] = {
        FileNotFoundError: "there is no such file",
        IsADirectoryError: "this is a directory, not a file",
        PermissionError: "this file may not be read",
    }
    message = messages.get(type(error)) or f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    if isinstance(error, PermissionError) and Path(name).is_dir():  # as Windows says it
        message = messages[IsADirectoryError]
    return Diagnostic("unreadable", message, name)


def write_text(path: Path, text: Iterable[str]) -> None:
    """Writes a file whole or not at all: a temporary file beside it, then a rename. Raises InputError.

    The text may come in pieces, each written when it comes. A symbolic link stays one. A device or a pipe, as
    /dev/null, is written to and stays, too.
    """
    try:
        target = path.resolve()
        if target.is_file():
            target.open("ab").close()  # a file that may not be written to is not replaced either
        elif target.exists() and not target.is_dir():
            with target.open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(text)
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", text=True)
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise InputError([_unwritable(path, error)]) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(text)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode)
        Path(temporary).replace(target)
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


def _unwritable(path: Path, error: Exception) -> Diagnostic:
    reason = getattr(error, "strerror", None) or error
    missing = not path.parent.exists()
    message = f"there is no directory `{path.parent}`" if missing else f"it cannot be written: {reason}"
    return Diagnostic("unwritable", message, str(path))
