"""The README can't go stale: what it shows is run, and what the command line offers is in it."""

from __future__ import annotations

import difflib
import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
END_OF_COMMAND = "-- end of command, status"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the line in the README of its first line of text, counted from 1, and that text."""

    language: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}"


@dataclass(frozen=True)
class Example:
    """A command, as typed at the prompt, and the output shown under it."""

    command: str
    output: str


def fenced_blocks(text: str) -> Iterator[Block]:
    """Every block between ``` fences, in order."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if line.startswith("```"):
            inside = []
            for _, line_inside in lines:
                if line_inside.startswith("```"):
                    break
                inside.append(line_inside)
            yield Block(line.removeprefix("```").strip(), number + 1, "".join(f"{line}\n" for line in inside))


def examples(text: str) -> list[Example]:
    """The commands of a console block. A command goes on after a backslash, and where the shell prompts with `> `."""
    commands: list[str] = []
    outputs: list[list[str]] = []
    for line in text.splitlines():
        if commands and not outputs[-1] and (line.startswith("> ") or commands[-1].endswith("\\")):
            commands[-1] += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            commands.append(line.removeprefix("$ "))
            outputs.append([])
        else:
            assert commands, f"a console block begins with a command, not with {line!r}"
            outputs[-1].append(line)
    return [Example(command, tidy("\n".join(lines))) for command, lines in zip(commands, outputs, strict=True)]


def tidy(text: str) -> str:
    """The text without what nobody sees: spaces at the ends of lines, empty lines at the end."""
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip("\n")


def is_as_shown(output: str, shown: str) -> bool:
    """Whether the output is what is shown, where a line `...` stands for any number of lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in shown.splitlines())
    return re.fullmatch(pattern, output + "\n" if output else "") is not None


@pytest.fixture
def readers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a copy of graphs/, where `pathdiff` is a command and output is plain and 80 columns wide."""
    folder, programs = tmp_path / "here", tmp_path / "programs"
    shutil.copytree(ROOT / "graphs", folder / "graphs")
    programs.mkdir()
    command = programs / "pathdiff"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pathdiff "$@"\n')
    command.chmod(0o755)
    for name in ("FORCE_COLOR", "COLORTERM", "LINES", "PYTHONWARNINGS"):
        monkeypatch.delenv(name, raising=False)
    variables = {"NO_COLOR": "1", "COLUMNS": "80", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1", "HOME": str(tmp_path)}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.chdir(folder)


def results(commands: list[str]) -> list[tuple[str, int]]:
    """The output and the exit status of each of these commands, run one after another in one shell."""
    script = "".join(
        f"{command}\nstatus=$?; printf '\\n%s %s\\n' '{END_OF_COMMAND}' $status; (exit $status)\n"
        for command in commands
    )
    shell = subprocess.run(
        ["bash", "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    parts = re.split(rf"\n{END_OF_COMMAND} (\d+)\n", shell.stdout)
    assert len(parts) == 2 * len(commands) + 1, f"not every command came to its end:\n{shell.stdout}"
    return [(tidy(output), int(status)) for output, status in zip(parts[:-1:2], parts[1::2], strict=True)]


def the_command(name: str) -> str:
    """The text of the block right after the line <!-- command: NAME -->."""
    mark = f"<!-- command: {name} -->"
    assert mark in TEXT.splitlines(), f"README.md has no line {mark}"
    after = TEXT.split(f"{mark}\n", 1)[1]
    assert after.startswith("```"), f"README.md: the block comes right after {mark}"
    return next(fenced_blocks(after)).text


CONSOLE = [block for block in fenced_blocks(TEXT) if block.language == "console"]
PYTHON = [block for block in fenced_blocks(TEXT) if block.language == "python"]


def test_there_is_a_readme() -> None:
    assert README.exists(), "README.md is missing"
    assert CONSOLE, "README.md shows no command: it has no console block"


@pytest.mark.parametrize("name", ["explain", "test"])
def test_the_two_commands_do_their_own_setup_in_one_line(name: str) -> None:
    command = the_command(name)
    assert command.count("\n") == 1, f"one line, not:\n{command}"
    assert "-m venv .venv" in command, "it makes a virtual environment inside the checkout"
    assert ".venv/bin/pip install" in command, "it installs into that environment, not into the system"


@pytest.mark.usefixtures("readers_folder")
def test_the_first_command_explains_a_graph() -> None:
    last = the_command("explain").split("&&")[-1].strip()
    assert last.startswith(".venv/bin/pathdiff explain graphs/")
    [(output, status)] = results([last.removeprefix(".venv/bin/")])
    assert status == 0, output


@pytest.mark.usefixtures("readers_folder")
@pytest.mark.parametrize("block", CONSOLE, ids=str)
def test_a_command_prints_what_the_readme_shows(block: Block) -> None:
    shown = examples(block.text)
    commands = [example.command for example in shown]
    for position, (example, (output, status)) in enumerate(zip(shown, results(commands), strict=True)):
        if not is_as_shown(output, example.output):
            difference = difflib.unified_diff(
                example.output.splitlines(), output.splitlines(), "README.md", "real output", lineterm=""
            )
            pytest.fail("\n".join([f"$ {example.command}", *difference]), pytrace=False)
        told = example.output.startswith("error[") or commands[position + 1 : position + 2] == ["echo $?"]
        assert status == 0 or told, f"{example.command} ends with {status}: show it with `$ echo $?`"


@pytest.mark.usefixtures("readers_folder")
def test_the_python_of_the_readme_runs() -> None:
    """All blocks in order, as in one notebook; those with >>> print what they show."""
    names: dict[str, object] = {"__name__": "readme"}
    report: list[str] = []
    for block in PYTHON:
        if ">>>" in block.text:
            dialogue = doctest.DocTestParser().get_doctest(block.text, names, f"README.md, {block}", "README.md", 0)
            dialogue.lineno = block.line - 1
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            runner.run(dialogue, out=report.append, clear_globs=False)
            names = dialogue.globs
        else:
            exec(compile("\n" * (block.line - 1) + block.text, README, "exec"), names)
    assert not report, "".join(report)


def commands_of(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Every command that `--help` lists, also where the group loads them late."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if not command.hidden:
            yield name, command


def command_line() -> list[tuple[str, click.Command]]:
    from pathdiff.cli import main

    return list(commands_of(main, click.Context(main, info_name="pathdiff")))


def test_the_readme_names_every_command() -> None:
    missing = [name for name, _ in command_line() if not re.search(rf"\bpathdiff {name}\b", TEXT)]
    assert missing == [], "README.md doesn't say `pathdiff NAME` of these"


def test_every_command_and_option_has_help() -> None:
    from pathdiff.cli import main

    bare = [
        f"{name} {parameter.opts[0]}"
        for name, command in [("pathdiff", main), *command_line()]
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden and not parameter.help
    ]
    bare += [name for name, command in command_line() if not command.help]
    assert bare == [], "no help text"


def test_three_dots_stand_for_any_number_of_lines() -> None:
    assert is_as_shown("a\nb\nc", "a\n...\nc")
    assert is_as_shown("a\nc", "a\n...\nc")
    assert is_as_shown("", "")
    assert not is_as_shown("a\nb\nd", "a\n...\nc")
    assert not is_as_shown("a", "")


def test_a_console_block_is_commands_and_their_output() -> None:
    text = "$ one \\\n    two\nout\n\n$ cat <<END\n> three\n> END\nthree\n$ four\n"
    assert examples(text) == [
        Example("one \\\n    two", "out"),
        Example("cat <<END\nthree\nEND", "three"),
        Example("four", ""),
    ]


def test_commands_of_a_block_share_a_shell() -> None:
    assert results(["a=5; printf $a", "echo $a >&2; (exit 3)", "echo $?"]) == [("5", 0), ("5", 3), ("3", 0)]
