"""The two passes as a module of Python: what is imported, the forward pass, the backward pass, and what joins them."""

from __future__ import annotations

import ast
import json
from collections.abc import Container, Iterable, Sequence
from importlib import resources
from textwrap import fill
from typing import Final, NamedTuple

from pathdiff.code.joining import joining
from pathdiff.code.naming import Names
from pathdiff.code.writing import INDENT, WIDTH, Library, Writer, bracketed, used_often
from pathdiff.diagnostics import cell_width, printable
from pathdiff.expression import ONE, Tree, add, fold, mul, neg, postorder, rebuilt, slot
from pathdiff.program import Program

_RESERVED: Final = (
    "np", "numpy", "torch", "jax", "jnp", "math", "Any", "Array", "ArrayLike", "Mapping", "NDArray", "Tensor",
    "annotations", "inputs", "values", "adjoints", "evaluate", "forward_pass", "backward_pass", "INPUTS", "OUTPUTS",
    "Graph", "ctx",
)  # fmt: skip
_TYPES: Final = {"np": "Array", "torch": "Tensor", "jnp": "Array"}
_TAKEN: Final = {"np": "numbers or arrays", "torch": "tensors of floats", "jnp": "numbers or arrays"}
"""What the inputs of the forward pass may be."""
_FEW: Final = 12
"""So many names are listed in a docstring."""


class _Kept(NamedTuple):
    """A part of a node that the backward pass uses again: kept beside the values."""

    tree: Tree
    node: str
    key: str
    variable: str


def code(program: Program, title: str, library: Library) -> str:
    """The text of a module with `forward_pass` and `backward_pass`, for torch and JAX also `evaluate`.

    Arrays broadcast, number by number; every label is computed once and multiplied once. Cost O(size of the program).
    """
    return _Module(program, title, library).text()


class _Module:
    def __init__(self, program: Program, title: str, library: Library) -> None:
        self.program = program
        self.title = title
        self.library: Library = library
        self.type = _TYPES[library]
        self.fresh = Names((*_RESERVED, *_own_functions()))
        used = {*program.inputs, *(line.name for line in program.forward)}
        self.variables = {name: self.fresh.of(name) for name in program.names if name in used}
        self.slots = [self.variables.get(name, "") for name in program.names]
        self.kept = self._kept()
        self.functions: set[str] = set()
        self.parts = 0

    def text(self) -> str:
        """The whole module."""
        forward, backward = self._forward(), self._backward()
        own = [text for name, text in _own_functions().items() if name in self.functions]
        functions = [_in_library(text, self.library) for text in own]
        constants, joined = joining(self.program, self.library)
        head = "\n".join([*self._head(own), *constants])
        return "\n\n\n".join([head, *functions, forward, backward, *joined]) + "\n"

    def _head(self, own: Iterable[str]) -> list[str]:
        title = _docstring_text(self.title) or "A composite function"
        lines = [
            f'"""{title}: forward and backward pass, by pathdiff."""',
            "",
            "from __future__ import annotations",
            "",
        ]
        if any("math." in text for text in own):
            lines.append("import math")
        lines.append("from collections.abc import Mapping")
        match self.library:
            case "np":
                lines += ["", "import numpy as np", "from numpy.typing import ArrayLike, NDArray", ""]
                return [*lines, "Array = NDArray[np.float64]"]
            case "torch":
                return [*lines, "from typing import Any", "", "import torch", "from torch import Tensor", ""]
            case _:
                return [*lines, "", "import jax", "import jax.numpy as jnp", "from jax import Array", ""]

    def _kept(self) -> list[_Kept]:
        """What both passes compute and what takes more than a sum or a product to compute."""
        nodes = {line.tree for line in self.program.forward}
        first: dict[Tree, str] = {}
        for line in self.program.forward:
            for tree in postorder(line.tree):
                first.setdefault(tree, line.name)
        work: dict[Tree, int] = {}
        found: dict[Tree, None] = {}
        seen: set[Tree] = set()
        waiting = [label for each in self.program.backward for _, label in each.terms]
        for label in waiting:
            for tree in postorder(label):
                if tree not in work:
                    own = 3 if tree.kind in ("call", "^", "/") else 1 if tree.args and tree.kind != "neg" else 0
                    work[tree] = min(3, own + sum(work[arg] for arg in tree.args))
        while waiting:
            tree = waiting.pop()
            if tree in seen or tree in nodes:
                continue
            seen.add(tree)
            if tree in first and work[tree] >= 3 and _varies(tree):
                found[tree] = None
            else:
                waiting += tree.args
        order = [tree for tree in first if tree in found]
        counts: dict[str, int] = {}
        kept = []
        for tree in order:
            node = first[tree]
            counts[node] = counts.get(node, 0) + 1
            variable = self.fresh.fresh(f"{self.variables[node]}_{counts[node]}")
            kept.append(_Kept(tree, node, f"{node}:{counts[node]}", variable))
        return kept

    def _forward(self) -> str:
        program, kind = self.program, "ArrayLike" if self.library == "np" else self.type
        trees = [line.tree for line in program.forward]
        writer = Writer(self.library, self.slots, self._part, used_often(trees))
        inner: dict[str, list[_Kept]] = {}
        for part in self.kept:
            inner.setdefault(part.node, []).append(part)
        for line in program.forward:
            for part in inner.get(line.name, []):
                writer.assign(part.variable, part.tree)
            writer.assign(self.variables[line.name], line.tree, array=True)
        self.functions |= writer.functions
        lines = [f"def forward_pass(inputs: Mapping[str, {kind}]) -> dict[str, {self.type}]:"]
        lines += _docstring(
            f"The values of {_listed([line.name for line in program.forward], 'node')}.",
            f"`inputs` has {_listed(program.inputs, 'input')}: real scalars, angles in radians, "
            f"as {_TAKEN[self.library]}. Their shapes broadcast; the shape of a value is that of what it depends on."
            + (" The result has the inputs too." if program.inputs else "")
            + (" Its keys with a colon are parts of nodes that the backward pass uses again." if self.kept else ""),
        )
        for name in program.inputs:
            lines += _statement(self.variables[name], self._taken(name))
        lines += writer.lines
        result = [(name, self.variables[name]) for name in program.inputs]
        result += [(each.key, each.variable) for each in self.kept]
        result += [(line.name, self.variables[line.name]) for line in program.forward]
        lines += bracketed("return {", [f"{_key(name)}: {variable}" for name, variable in result], "}", INDENT)
        return "\n".join(lines)

    def _part(self) -> str:
        """A name for a part of an expression."""
        self.parts += 1
        return self.fresh.fresh(f"t{self.parts}")

    def _taken(self, name: str) -> list[str]:
        """What an input is, in pieces between which a line may end."""
        match self.library:
            case "np":
                return ["np.asarray(", f"inputs[{_key(name)}], dtype=float", ")"]
            case "torch":
                return [f"inputs[{_key(name)}]"]
            case _:
                # whole numbers of 32 bits overflow in silence; 1.0 leaves a float its type
                return ["1.0 * jnp.asarray(", f"inputs[{_key(name)}]", ")"]

    def _backward(self) -> str:
        program = self.program
        where = {name: place for place, name in enumerate(program.names)}
        known: dict[Tree, Tree] = {}
        for line in program.forward:
            if line.tree.args:
                known.setdefault(line.tree, slot(where[line.name]))
        names = list(self.slots)
        for part in self.kept:
            names.append(part.variable)
            known[part.tree] = slot(len(names) - 1)
        labels = {
            (user, each.name): fold(label, lambda tree, args: rebuilt(tree, args) if args else tree, known)
            for each in program.backward
            for user, label in each.terms
        }
        writer = Writer(self.library, names, self._part, used_often(labels.values()))
        bars: dict[str, Tree] = {}
        variables: dict[str, str] = {}
        seeds = {name: self.fresh.fresh(f"{self.variables[name]}_bar") for name in program.of}
        given = set(seeds.values())
        for each in program.backward:
            variable = seeds.get(each.name, "")
            terms = [writer.variable(variable)] if each.seeded else []
            if each.terms:
                variable = self.fresh.fresh(f"{self.variables[each.name]}_bar")
            for user, _ in each.terms:
                terms.append(_times(bars[user], self._label(user, each.name, labels[user, each.name], writer)))
            variables[each.name] = variable
            if each.terms:
                writer.assign(variable, add(*terms) if len(terms) > 1 else terms[0])
                bars[each.name] = writer.variable(variable)
                if len(terms) == 1 and any(
                    terms[0] == bars[user] for user, _ in each.terms if variables[user] in given
                ):
                    given.add(variable)  # another name for what was given
            else:
                bars[each.name] = terms[0]
        self.functions |= writer.functions
        return "\n".join(self._backward_text(writer, list(seeds.values()), variables, given))

    def _label(self, user: str, name: str, label: Tree, writer: Writer) -> Tree:
        """A label as a factor: a variable of its own, unless it is a number or a name."""
        bare = label.args[0] if label.kind == "neg" else label
        if not bare.args:
            return label
        variable = self.fresh.fresh(f"d{self.variables[user]}_d{self.variables[name]}")
        writer.assign(variable, label)
        return writer.variable(variable)

    def _backward_text(
        self, writer: Writer, seeds: Sequence[str], variables: dict[str, str], given: Container[str]
    ) -> list[str]:
        program = self.program
        default = "1.0" if len(seeds) == 1 else "0.0"
        asked = [f"{seed}: {self.type} | float = {default}" for seed in seeds]
        values = f"values: Mapping[str, {self.type}]"
        lines = bracketed("def backward_pass(", [values, *asked], f") -> dict[str, {self.type}]:")
        told = f"`{seeds[0]}` is the adjoint of {program.of[0]} that the sweep begins with"
        if len(seeds) > 1:
            told = f"The sweep begins with the adjoints {_listed(seeds, 'of these nodes')}: 1 for the one to derive"
        lines += _docstring(
            f"The derivatives of {_listed(program.of, 'node')} with respect to {_listed(program.wrt, 'name')}.",
            f"`values` is what `forward_pass` returns. {told}. Each label dv_du is computed once, and multiplied "
            "once by an adjoint. The derivatives are those at each number of an array, none summed.",
        )
        loads = [(name, self.variables[name], name) for name in self.variables]
        loads += [("", each.variable, each.key) for each in self.kept]
        for _, variable, key in loads:
            if variable in writer.used:
                lines += _statement(variable, [f"values[{_key(key)}]"])
        lines += [line for of, seed in zip(program.of, seeds, strict=True) for line in self._seeded(of, seed)]
        lines += writer.lines
        result = [f"{_key(name)}: {self._result(variables[name], given)}" for name in program.wrt]
        return lines + bracketed("return {", result, "}", INDENT)

    def _seeded(self, of: str, seed: str) -> list[str]:
        """An adjoint in the shape of its node, so that those of what the node depends on have it too."""
        value = f"values[{_key(of)}]"
        if self.library == "torch":
            return _statement(seed, [f"{seed} * torch.ones_like(", value, ")"])
        return _statement(seed, [f"{self.library}.broadcast_to(", f"{seed}, {value}.shape", ")"])

    def _result(self, variable: str, given: Container[str]) -> str:
        if variable not in given or self.library != "np":
            return variable
        return f"np.array({variable}, dtype=float)"  # one of its own, which can be written to


def _times(adjoint: Tree, label: Tree) -> Tree:
    if label == ONE:
        return adjoint
    if label.kind == "neg":
        return neg(_times(adjoint, label.args[0]))
    return mul(adjoint, label)


def _varies(tree: Tree) -> bool:
    return any(part.kind == "slot" for part in postorder(tree))


def _key(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _statement(variable: str, pieces: Sequence[str]) -> list[str]:
    whole = f"{INDENT}{variable} = {''.join(pieces)}"
    if cell_width(whole) <= WIDTH or len(pieces) == 1:
        return [whole]
    head, inner, tail = pieces
    return [f"{INDENT}{variable} = {head}", f"{INDENT * 2}{inner}", INDENT + tail]


def _listed(names: Sequence[str], what: str) -> str:
    """Names in a row; of many, how many there are."""
    if not names:
        return f"no {what}"
    if len(names) > _FEW or sum(map(len, names)) > 300:
        return f"{len(names):,} {what}s"
    return ", ".join(names)


def _docstring(first: str, rest: str) -> list[str]:
    lines = fill(first, WIDTH - 8).split("\n")
    body = fill(rest, WIDTH - 4).split("\n")
    lines[0] = '"""' + lines[0]
    return [INDENT + line for line in lines] + [""] + [INDENT + line for line in body] + [f'{INDENT}"""']


def _docstring_text(text: str) -> str:
    """Words of the user's that stand in a docstring, and do not end it."""
    shown = " ".join(printable(text).split())[:200]
    return shown.replace("\\", "\\\\").replace('"', "'")


def _own_functions() -> dict[str, str]:
    """The functions that array libraries lack, by name, as they stand in `array_functions.py`."""
    text = resources.files("pathdiff").joinpath("array_functions.py").read_text(encoding="utf-8")
    found = {}
    for part in ast.parse(text).body:
        if isinstance(part, ast.FunctionDef):
            found[part.name] = ast.get_source_segment(text, part) or ""
    return found


def _in_library(text: str, library: Library) -> str:
    told = text.replace("np.", f"{library}.")
    return told.replace("Array", "Tensor") if library == "torch" else told
