"""The project around the package: its name, its version, what an import costs."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import Need

import pathdiff

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Installs another project's package, the one that PyPI knows by this package's name.
WRONG_INSTALL = re.compile(r"\bpip3?\s+install\b[^\n`&;|]*?(?<![\w./-])pathdiff(?![\w-])")
# An installer is told the name of a package; where it looks for it is the reader's affair.
INDEX_HOSTS = tuple(
    ".".join(labels)
    for labels in [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("debian", "org")]
)
HEAVY = {"lark", "mpmath", "networkx", "numpy", "rich", "sympy", "yaml"}


def files_of_the_project() -> list[Path]:
    """What git tracks or would track; without git, every file but those in hidden folders."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not any(part[0] == "." for part in path.relative_to(ROOT).parts)]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("pip install NAME", True),
        ("python -m pip install -U 'NAME[test]'", True),
        ("pip install rich NAME>=1", True),
        ("pip install NAME-chainrule", False),
        ("pip install -e . && .venv/bin/NAME explain", False),
        ("pip install -q -e . && NAME explain", False),
    ],
)
def test_the_name_of_another_project_is_recognised(text: str, wrong: bool) -> None:
    assert bool(WRONG_INSTALL.search(text.replace("NAME", "pathdiff"))) is wrong


def test_no_file_installs_another_project_or_names_an_index() -> None:
    found = []
    for path in files_of_the_project():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in WRONG_INSTALL.finditer(text)]
        found += [f"{path.relative_to(ROOT)}: {host}" for host in INDEX_HOSTS if host in text]
    assert found == []


def test_the_package_knows_its_version() -> None:
    assert pathdiff.__version__ == PROJECT["version"]


def test_the_distribution_has_a_name_of_its_own() -> None:
    assert PROJECT["name"] != "pathdiff"
    assert PROJECT["scripts"] == {"pathdiff": "pathdiff.__main__:main"}


def test_every_dependency_has_a_lower_bound() -> None:
    """The tests run at these bounds in CI, which takes them from here."""
    extras = [requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra]
    requirements = [name for name in PROJECT["dependencies"] + extras if not name.startswith(PROJECT["name"])]
    assert [name for name in requirements if not re.match(r"[\w.-]+>=\d", name)] == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["explain", "--help"], ["paths", "--help"], ["eval", "--help"], ["new", "chain"]],
    ids=" ".join,
)
def test_help_and_version_load_no_library_that_they_do_not_use(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from pathdiff.cli import main\n"
        f"main({arguments!r}, prog_name='pathdiff', standalone_mode=False)\n"
        f"print('loaded:', *sorted({HEAVY!r} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_a_missing_program_skips_a_test_but_fails_it_in_ci(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        need("no-such-program")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is not installed"):
        need("no-such-program")
    assert need("sh") == shutil.which("sh")
