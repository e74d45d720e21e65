"""PNG and PDF, from the SVG by CairoSVG where that is installed, else from the same layout by Graphviz."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import Final, Literal

from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import Kind
from pathdiff.render.picture.geometry import Engine
from pathdiff.render.picture.placed import placed
from pathdiff.render.picture.svg import svg

SCALE: Final = 2
"""How many pixels of a PNG a unit of the picture has."""
LONGEST: Final = 60.0
"""After so many seconds Graphviz is given up."""


def raster(drawing: Drawing, form: Literal["png", "pdf"], kinds: Sequence[Kind], engine: Engine | None = None) -> bytes:
    """The picture as PNG or PDF. Raises InputError where nothing is installed that makes one."""
    try:
        import cairosvg
    except (ImportError, OSError):  # the latter where the library that it calls is missing
        return _by_graphviz(placed(drawing, kinds, engine), form)
    text = svg(drawing, kinds, engine).encode()
    if form == "png":
        return bytes(cairosvg.svg2png(bytestring=text, scale=SCALE))
    return bytes(cairosvg.svg2pdf(bytestring=text))


def _by_graphviz(told: str, form: Literal["png", "pdf"]) -> bytes:
    program = shutil.which("neato")
    reason = "neither CairoSVG nor Graphviz is installed"
    if program is not None:
        command = [program, "-n2", f"-T{form}", f"-Gdpi={72 * SCALE if form == 'png' else 72}"]
        try:
            return subprocess.run(command, input=told.encode(), capture_output=True, timeout=LONGEST, check=True).stdout
        except (OSError, subprocess.SubprocessError) as error:
            reason = f"Graphviz failed: {error}"
    message = f"a {form.upper()} cannot be made here: {reason}"
    hint = "install Graphviz, or `pip install 'pathdiff-chainrule[pictures]'`; --format svg needs neither"
    raise InputError([Diagnostic("no-picture", message, f"--format {form}", hint=hint)])
