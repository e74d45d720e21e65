"""Gradient descent on the parameters of a spec: the rule, the loss falling, what the parameters become."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pathdiff.columns import AT_ONCE, read_points, some
from pathdiff.derivation import Gradient
from pathdiff.derive import derive_gradient
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.evaluation import refuse_missing
from pathdiff.explain import questions
from pathdiff.expression import Tree
from pathdiff.graph import Graph, computation_graph, derivative_graph
from pathdiff.points import Known, with_digits
from pathdiff.program import Program, program
from pathdiff.reader import read_constant
from pathdiff.spec import Spec

MOST_KEPT: Final = 2000
"""Of so many steps the loss is kept, evenly spread."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The loss and the length of its gradient before a step."""

    step: int
    loss: float
    slope: float


@dataclass(frozen=True, slots=True)
class Training:
    """What came of a training."""

    spec: Spec
    """Its point is the one that the training began at."""
    computation: Graph
    gradient: Gradient
    """The derivatives of the loss with respect to the parameters, as formulas."""
    rate: float
    steps: int
    points: int
    """How many points of data there were; 0 for the spec's own point alone."""
    before: Mapping[str, float]
    after: Mapping[str, float]
    history: tuple[Passed, ...]
    """The first and the last step among them."""
    notes: tuple[str, ...] = ()
    """What the data lack, and what is left out of them."""
    stopped: bool = False
    """Whether it was interrupted."""

    @property
    def trained(self) -> Spec:
        """The spec with the trained parameters as its point."""
        told = {name: read_constant(repr(value), name) for name, value in self.after.items()}
        return replace(self.spec, at={**self.spec.at, **told})


def trained(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    at: Mapping[str, Tree] | None = None,
    *,
    data: str | None = None,
    rate: float = 0.1,
    steps: int = 1000,
    tell: Callable[[str], None] = lambda _: None,
) -> Training:
    """Gradient descent (Cauchy 1847) on the mean of a node over the points of a file, from the point on.

    The parameters are those of the spec, or those named by `wrt`; x <- x - rate dL/dx for all of them at once, where
    dL/dx is the mean over all points. Real scalars in double precision. Raises InputError where a name has no value,
    and where the loss grows beyond all bounds. Cost O(V + E) for each point and step.
    """
    computation = computation_graph(spec)
    loss = _loss(spec, computation, of)
    names = tuple(questions(spec, computation, [loss], wrt)[loss]) if wrt else spec.parameters
    passes = program(spec, [loss], names, computation)
    if not passes.wrt or any(name not in spec.independents for name in passes.wrt):
        message = f"`{loss}` depends on no parameter" if not passes.wrt else "only independent names can be trained"
        raise InputError([Diagnostic("usage", message, "--wrt", hint="declare `parameters`, or name them with --wrt")])
    told = {**spec.at, **(at or {})}
    known: dict[str, Any] = {
        name: float(Known(tree, {}, lambda: False).value(with_digits(30))) for name, tree in told.items()
    }
    columns, points, notes = _data(data, spec, passes)
    refuse_missing(spec, computation, [loss], [*known, *columns])
    needed = [name for name in passes.inputs if name not in passes.wrt and name not in spec.parameters]
    if data is not None and (kept := [name for name in needed if name not in columns]):
        notes.append(f"not in the data, at all points what the spec or --at says: {some(kept)}")
    known |= columns
    before = {name: known[name] for name in passes.wrt}
    gradient = derive_gradient(derivative_graph(computation), loss, passes.wrt)
    after, history, stopped = _descended(passes, spec, known, max(points, 1), rate, steps, tell)
    return Training(
        replace(spec, at=told),
        computation,
        gradient,
        rate,
        steps,
        points,
        before,
        after,
        history,
        tuple(notes),
        stopped,
    )


def _loss(spec: Spec, computation: Graph, of: Sequence[str]) -> str:
    """The node to be made small. Raises InputError where that could be several."""
    found = list(questions(spec, computation, of, ["all"]))
    if len(found) != 1:
        message = f"one node is made small, and there are {len(found)}: {', '.join(found[:6])}"
        raise InputError([Diagnostic("usage", message, "--of", hint=f"--of {found[-1]}")])
    return found[0]


def _data(path: str | None, spec: Spec, passes: Program) -> tuple[dict[str, Any], int, list[str]]:
    """The columns of a file that are used, whole; how many points it has, and which columns are left out."""
    if path is None:
        return {}, 0, []
    import numpy as np

    left_out: list[str] = []
    pieces = list(read_points(path, spec, left_out))
    if not pieces:
        raise InputError([Diagnostic("no-point", "this file has no points", path)])
    names = [name for name in pieces[0].columns if name in passes.inputs and name not in passes.wrt]
    left_out += [name for name in pieces[0].columns if name not in names]
    columns = {name: np.concatenate([piece.columns[name] for piece in pieces]) for name in names}
    notes = [f"left out of the data: {some(left_out)}"] if left_out else []
    return columns, sum(len(piece.lines) for piece in pieces), notes


def _descended(
    passes: Program,
    spec: Spec,
    known: Mapping[str, Any],
    points: int,
    rate: float,
    steps: int,
    tell: Callable[[str], None],
) -> tuple[dict[str, float], tuple[Passed, ...], bool]:
    values = {name: known[name] for name in passes.wrt}
    history: list[Passed] = []
    every = max(1, steps // MOST_KEPT)
    stopped = False
    try:
        for step in range(steps + 1):
            loss, slopes = _mean(passes, spec, {**known, **values}, points)
            slope = math.hypot(*slopes.values())
            if not (math.isfinite(loss) and math.isfinite(slope)):
                raise InputError([_without_bound(passes.of[0], step, rate)])
            if step % every == 0 or step == steps:
                history.append(Passed(step, loss, slope))
                tell(f"step {step:,} of {steps:,}: the loss is {loss:.6g}")
            if step < steps:
                values = {name: value - rate * slopes[name] for name, value in values.items()}
    except KeyboardInterrupt:
        if not history:
            raise
        stopped = True
    return values, tuple(history), stopped


def _without_bound(loss: str, step: int, rate: float) -> Diagnostic:
    if not step:
        message, hint = f"`{loss}` or its gradient has no value at the start", "`pathdiff eval --points` says where"
        return Diagnostic("outside-domain", message, "--data", hint=hint)
    message, hint = f"`{loss}` has no value after step {step:,}: it grew beyond bounds", f"--lr {rate / 10:g}"
    return Diagnostic("diverged", message, "--lr", hint=f"take smaller steps: {hint}")


def _mean(passes: Program, spec: Spec, known: Mapping[str, Any], points: int) -> tuple[float, dict[str, float]]:
    """The mean of the loss and of its derivatives over all points, some thousand at a time."""
    import numpy as np

    from pathdiff.arrays import run

    loss, slopes = 0.0, dict.fromkeys(passes.wrt, 0.0)
    for start in range(0, points, AT_ONCE):
        size = min(AT_ONCE, points - start)
        part = {x: value[start : start + size] if np.ndim(value) else value for x, value in known.items()}
        found = run(passes, spec.nodes, part, watch=False)
        loss += float(np.broadcast_to(found.values[passes.of[0]], size).sum())
        for name, slope in found.adjoints(passes).items():
            if name in slopes:
                slopes[name] += float(np.broadcast_to(slope, size).sum())
    return loss / points, {name: slope / points for name, slope in slopes.items()}
