"""`python -m pathdiff`."""

from pathdiff.cli import main

if __name__ == "__main__":
    main(prog_name="pathdiff")
