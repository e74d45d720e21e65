"""The explorer: a page that shows both graphs and every derivative between two nodes, and can be played with.

One file without any request: its policy forbids them, and lets only its own style and script in, by their hashes.
Everything of a spec is escaped text or JSON; the formulas are MathML, from the same derivations as all else.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Final

from pathdiff.derivation import labels_beside_totals
from pathdiff.exploration import Exploration
from pathdiff.render.html.elimination import elimination_record, eliminations
from pathdiff.render.html.pictures import pictures
from pathdiff.render.html.record import Writer, embedded, writer
from pathdiff.render.latex.math import Differential, Hand
from pathdiff.render.picture.svg import escaped

SCRIPT: Final = (
    "elements", "operations", "numbers", "state", "stepping", "picture", "derivative", "values", "inputs",
    "elimination", "begin",
)  # fmt: skip
"""The parts of the script, in their order."""


def page(exploration: Exploration, style: Differential = "partial") -> str:
    """The page, whole, to be opened by a browser; derivatives are written with the sign told."""
    explanation = exploration.explanation
    sweeps = [*explanation.all_sweeps, *(each.reverse for each in exploration.derivations)]
    told = writer(exploration, Hand(style, labels_beside_totals(sweeps)))
    title = escaped(explanation.spec.title.strip() or "A composite function")
    drawn, least = pictures(exploration.drawing, told.tape, told.hand) if exploration.drawing else ("", 0)
    sections, rules = eliminations(told)
    record = told.record() | {"eliminations": [elimination_record(each, told) for each in exploration.eliminations]}
    record["fractions"] = list(told.fractions)
    look = _part("page.css") + f"@media screen {{ .graphs svg {{ min-width: {least}px; }} }}\n" + rules
    script = "\n".join(_part(f"script/{name}.js") for name in SCRIPT)
    return Template(_part("page.html")).substitute(
        title=title,
        policy=f"default-src 'none'; style-src {_hash(look)}; script-src {_hash(script)}; base-uri 'none'; "
        "form-action 'none'",
        style=look,
        script=script,
        definitions="".join(_definitions(told)),
        notes="".join(f'<p class="note">{escaped(note)}</p>' for note in (*exploration.notes, *explanation.notes)),
        pictures=drawn,
        eliminations=sections,
        data=embedded(record),
    )


def _definitions(told: Writer) -> list[str]:
    return [f"<li><math>{math}</math></li>" for math in told.definitions()] if told.exploration.drawing else []


def _part(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
