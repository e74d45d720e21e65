"""Files and standard input as text, and text written whole or not at all."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pathdiff.diagnostics import Diagnostic, InputError, Place
from pathdiff.limits import limit, to_raise

LONGEST_REST = 1000
"""How much is decoded to show the line behind a byte that is not UTF-8."""


_UTF16: Final = re.compile(rb"(?:[^\0]\0){4}|(?:\0[^\0]){4}", re.DOTALL)
"""How UTF-16 begins that does not say what it is."""
CLAIMS: Final = "a file of claims"
"""What answers are in, for messages."""


def read_text(path: str, what: str = "a spec") -> str:
    """The text of a spec, UTF-8 with or without a byte order mark; `-` is standard input. Raises InputError.

    `what` is told in errors where it is something else.
    """
    name, data = _data(path, what)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError([_not_utf8(name, data, error.start)]) from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_answers(path: str) -> str:
    """The text of many people's answers, where a byte that is not UTF-8 is told by a sign: it is one answer's fault.

    Raises InputError, also where all of it is UTF-16.
    """
    name, data = _data(path, CLAIMS)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _UTF16.match(data):
        message, hint = "this is UTF-16 text, not UTF-8", "save it as UTF-8: in Excel as `CSV UTF-8`"
        raise InputError([Diagnostic("not-utf8", message, name, hint=hint)])
    return data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _data(path: str, what: str) -> tuple[str, bytes]:
    """The name of an input and its bytes, no more of them than the limit."""
    name, most = "<stdin>" if path == "-" else path, limit("spec")
    try:
        if path == "-":
            if sys.stdin is None:  # a closed one, as after `<&-`
                raise OSError(errno.EBADF, "it is closed")
            data = sys.stdin.buffer.read(most + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(most + 1)
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        raise InputError([unreadable(name, error, what)]) from None
    if len(data) > most:
        message = f"{what} has at most {most:,} bytes"
        raise InputError([Diagnostic("too-large", message, name, hint=to_raise("spec"))])
    return name, data


def _not_utf8(name: str, data: bytes, at: int) -> Diagnostic:
    first = data.rfind(b"\n", 0, at) + 1
    before = data[first:at].decode("utf-8").removeprefix("\ufeff")
    line = before + data[at : at + LONGEST_REST].decode("utf-8", "replace")
    place = Place(data.count(b"\n", 0, at) + 1, len(before) + 1, len(before) + 2)
    message = f"this is not UTF-8 text: byte 0x{data[at]:02x}"
    return Diagnostic("not-utf8", message, name, place, line.split("\n")[0].rstrip("\r"), hint="save it as UTF-8")


_UNREADABLE: Final[dict[type[Exception], tuple[str, str]]] = {
    FileNotFoundError: ("there is no such file", "give the path of {}"),
    IsADirectoryError: ("this is a directory, not a file", "give a file in it"),
    PermissionError: ("this file may not be read", "look at its permissions"),
}
"""What is said of an error, and what helps."""


def unreadable(name: str, error: OSError | ValueError, what: str = "a spec") -> Diagnostic:
    """The error that a file cannot be read."""
    other = f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    message, hint = _UNREADABLE.get(type(error), (other, ""))
    if isinstance(error, PermissionError):
        with suppress(OSError):
            if Path(name).is_dir():  # as Windows says it
                message, hint = _UNREADABLE[IsADirectoryError]
    wanted = f"{what}, or the spec itself with -e" if what == "a spec" else what
    return Diagnostic("unreadable", message, name, hint=hint.format(wanted))


def refuse_output(path: Path, specs: Iterable[str] = (), points: Iterable[str] = ()) -> None:
    """Raises InputError where `write_text` could not write, or would write over a spec or over points that are read.

    Told before a computation rather than after it; nothing is written or made.
    """
    try:
        target = path.resolve()
        read = [(spec, "this is the spec itself") for spec in specs]
        read += [(name, "this is the file that the points are read from") for name in points]
        for name, message in read:
            if name != "-" and target.is_file() and Path(name).exists() and target.samefile(name):
                raise InputError(
                    [Diagnostic("unwritable", message, str(path), hint="write the result to another file")]
                )
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if not target.exists() and not _is_a_stream(path):
            target.parent.stat()
            if not target.parent.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            if not os.access(target.parent, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise InputError([_unwritable(path, error)]) from None


def _is_a_stream(path: Path) -> bool:
    """Whether it is a device or a pipe, perhaps by a link that no file name resolves, as /dev/stderr."""
    with suppress(OSError, ValueError):
        mode = path.stat().st_mode
        return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)
    return False


def write_text(path: Path, text: Iterable[str]) -> None:
    """Writes a file whole or not at all: a temporary file beside it, then a rename. Raises InputError.

    The text may come in pieces, each written when it comes. A symbolic link stays one. A device or a pipe, as
    /dev/null, is written to and stays, too. A file that is replaced keeps its mode and, where that is permitted, its
    owner.
    """
    write_bytes(path, (piece.encode() for piece in text))


def write_bytes(path: Path, data: Iterable[bytes]) -> None:
    """The same for what is no text, as a picture. Raises InputError."""
    try:
        if _is_a_stream(path):
            with path.open("wb") as file:
                file.writelines(data)
            return
        target = path.resolve()
        if target.is_file():
            target.open("ab").close()  # a file that may not be written to is not replaced either
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".pathdiff-")
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL in the name
        raise InputError([_unwritable(path, error)]) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(data)
        _take_after(Path(temporary), target)
        Path(temporary).replace(target)
    except BaseException as error:
        with suppress(OSError):
            Path(temporary).unlink()
        if isinstance(error, OSError):
            raise InputError([_unwritable(path, error)]) from None
        raise


def _take_after(temporary: Path, target: Path) -> None:
    """Gives the new file the owner and the mode of the one that it replaces, or those of any new file."""
    if not target.exists():
        temporary.chmod(0o666 & ~_umask())
        return
    before = target.stat()
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
    temporary.chmod(before.st_mode & 0o777)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: Exception) -> Diagnostic:
    message, hint = f"it cannot be written: {getattr(error, 'strerror', None) or error}", ""
    with suppress(OSError, ValueError):
        if not path.parent.exists():
            message, hint = f"there is no directory `{path.parent}`", "create it first"
        elif path.is_dir():
            message, hint = "this is a directory, not a file", "give a file in it"
    return Diagnostic("unwritable", message, str(path), hint=hint)
