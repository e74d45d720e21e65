"""`python -m pathdiff`, and what the command `pathdiff` runs: nothing is imported before an interrupt is answered."""

from __future__ import annotations

import sys


def main() -> None:
    """The command line. Ctrl-C ends it at once with 130, even while Python still imports."""
    try:
        from pathdiff.cli import main as command_line

        command_line(prog_name="pathdiff")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
