"""The way in from Python, for notebooks and programs. The command line shows the same objects.

>>> model = parse("s = alpha*x; z = sigmoid(s)")
>>> dz = model.derivative("z", "alpha")
>>> dz.paths
(('z', 's', 'alpha'),)
>>> dz.expression, dz.verdict
('z*x*(1 - z)', 'agree')
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pathdiff.answers import Derivative, Explained
from pathdiff.cost import Costs, Told, costs, with_orders
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.elementary import elementary
from pathdiff.explain import explained, point_of, questions
from pathdiff.expression import Tree
from pathdiff.files import read_text
from pathdiff.graph import Graph, between, computation_graph, derivative_graph
from pathdiff.listing import check_names, narrowed
from pathdiff.program import program
from pathdiff.reader import build_spec, read_constant, read_spec
from pathdiff.spec import Spec
from pathdiff.weighing import WeighedPaths

if TYPE_CHECKING:
    from pathdiff.evaluation import Evaluation
    from pathdiff.grading.graded import Graded, Grader

_Told = TypeVar("_Told")
Point = Mapping[str, str | int | float]
"""A value for each name; text such as "1/3" is read exactly."""


def load(path: str | os.PathLike[str]) -> Composite:
    """The composite function of a spec file. Raises InputError with every error in it."""
    return loads(read_text(os.fspath(path)), os.fspath(path))


def loads(text: str, name: str = "<spec>") -> Composite:
    """The composite function of a spec as YAML text. Raises InputError; `name` stands for the text in messages.

    >>> loads("nodes: {z: x*y, p: sin(z)}")
    <composite function: 2 independent, 2 computed nodes>
    """
    return Composite(read_spec(text, name))


def parse(text: str) -> Composite:
    """The composite function of inline text, a definition a line or with semicolons between. Raises InputError.

    >>> parse("z = x*y; p = sin(z) + x").derivative("p", "x").paths
    (('p', 'x'), ('p', 'z', 'x'))
    """
    return Composite(read_spec(text, "<text>", inline=True))


def build(
    nodes: Mapping[str, str],
    *,
    inputs: Sequence[str] | None = None,
    parameters: Sequence[str] | None = None,
    functions: Mapping[str, str] | None = None,
    derive: Mapping[str, Sequence[str]] | None = None,
    at: Point | None = None,
    title: str = "",
) -> Composite:
    """The composite function of nodes given as texts, with what else a spec may say. Raises InputError.

    >>> build({"z": "x*y", "p": "sin(z) + x"}, inputs=["x", "y"]).derivative("p", "y").expression
    'x*cos(z)'
    """
    point = {name: str(value) for name, value in (at or {}).items()}
    return Composite(build_spec(title, inputs, parameters, functions or {}, nodes, derive or {}, point))


def trace(function: Callable[..., Any], *, at: Point | None = None, title: str = "") -> Composite:
    """The composite function that a Python function of real numbers computes; its parameters are the inputs.

    It is run once, on values that remember what is done with them by operators, `math`, numpy's functions, abs, min,
    max and sum. Local variables give their names to nodes. Raises InputError where control flow depends on a value.

    >>> import math
    >>> def p(x, y):
    ...     z = x*y
    ...     return math.sin(z) + x
    >>> print(trace(p).yaml(), end="")
    inputs: [x, y]
    nodes:
      z: x*y
      p: sin(z) + x
    """
    from pathdiff.tracing import traced

    inputs, nodes = traced(function)
    return build(nodes, inputs=inputs, at=at, title=title)


def from_sympy(expression: Any, *, cse: bool = True, at: Point | None = None, title: str = "") -> Composite:
    """The composite function of a SymPy expression, of a list of some, or of a mapping of names to them.

    With `cse` what they have in common becomes nodes v1, v2, ... Raises InputError for functions that pathdiff lacks.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> print(from_sympy(sympy.sin(x*y) + sympy.exp(x*y)).yaml(), end="")
    inputs: [x, y]
    nodes:
      v1: x*y
      p: exp(v1) + sin(v1)
    """
    from pathdiff.sympy_reading import nodes_of

    inputs, nodes = nodes_of(expression, cse=cse)
    return build(nodes, inputs=inputs, at=at, title=title)


class Composite:
    """A composite function: its spec, its two graphs, and the derivative of any node with respect to any other."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @cached_property
    def computation_graph(self) -> Graph:
        """`networkx.DiGraph`, an edge u -> v where v's expression uses u; nodes carry `role` and `node`."""
        return computation_graph(self.spec)

    @cached_property
    def derivative_graph(self) -> Graph:
        """`networkx.DiGraph`, an edge v -> u with its `label`, the local partial ∂v/∂u (`label.sympy` in SymPy)."""
        return derivative_graph(self.computation_graph)

    def derivative(self, of: str, wrt: str, at: Point | None = None) -> Derivative:
        """The verified derivative of any node with respect to any other; real scalars, angles in radians.

        A node by itself gives 1, a node that does not depend on the other 0. Raises InputError for unknown names and
        for a point where a node has no value. Cost O(V + E) of what lies between, and of the paths listed.

        >>> parse("s = a*x; z = tanh(s)").derivative("z", "a", at={"a": 0, "x": 2}).value
        2.0
        """
        if wrt == "all" and wrt not in self.computation_graph:
            message, hint = "`all` is not one node", "explain(wrt=['all']) gives all derivatives"
            raise InputError([Diagnostic("unknown-name", message, "wrt", hint=hint)])
        return self.explain([of], [wrt], at)[0]

    def explain(
        self,
        of: str | Iterable[str] = (),
        wrt: str | Iterable[str] = (),
        at: Point | None = None,
        *,
        orders: str | Iterable[Told] = (),
        seed: int = 0,
        budget: float | None = None,
        workers: int = 1,
        dask: str | None = None,
    ) -> Explained:
        """The derivatives asked for, in the order asked for: of each `of` with respect to each `wrt`.

        By default those of the spec's `derive`, else of the dependent nodes with respect to the inputs; `wrt=["all"]`
        is every independent node. `orders` adds eliminations, verified, of the Jacobian of all of them: "forward",
        "reverse", "markowitz", "search", or all intermediate nodes, "v3,v1,v2"; the rest is for "search", as in `cost`.
        Raises InputError.

        >>> [(d.derivation.wrt, d.expression) for d in parse("p = x*y").explain()]
        [('x', 'y'), ('y', 'x')]
        >>> found = parse("z = x*y; w = sin(z); p = w*z").explain(orders=["reverse", "z,w"])
        >>> [(each.name, each.elimination.order, each.verdict.verdict) for each in found.eliminations]
        [('reverse', ('w', 'z'), 'agree'), ('', ('z', 'w'), 'agree')]
        """
        with _processes(workers, dask) as run:
            told = explained(self.spec, _several(of), _several(wrt), _constants(at))
            return Explained(with_orders(told, _several(orders), seed=seed, budget=budget, **run))

    def paths(
        self,
        of: str,
        wrt: str,
        through: str | Iterable[str] = (),
        avoid: str | Iterable[str] = (),
        at: Point | None = None,
    ) -> WeighedPaths:
        """The paths from one node to another, none made before it is asked for: their number may have a hundred digits.

        Iterating gives each as a tuple of node names from `of` to `wrt`, by the last node before `wrt`, then by the one
        before that, and so on; besides `count`, `nth(rank)`, `rank(path)`, `sample(n, seed)`, and at a point, `at` or
        the spec's own, `top(n)` and `by_node()`. Only paths through all nodes of `through` and none of `avoid` are
        counted. Raises InputError for unknown names. Cost O(V + E) of what lies between.

        >>> found = parse("z = x*y; p = sin(z) + x").paths("p", "x", at={"x": 0, "y": 3})
        >>> found.count, list(found), found.nth(2), found.rank(["p", "x"]), list(found.sample(1, seed=1))
        (2, [('p', 'x'), ('p', 'z', 'x')], ('p', 'z', 'x'), 1, [('p', 'x')])
        >>> [(each.rank, float(each.value), float(each.share)) for each in found.top(2)]
        [(2, 3.0, 0.75), (1, 1.0, 0.25)]
        >>> [(each.node, each.count, float(each.share)) for each in found.by_node()]
        [('z', 1, 0.75)]
        """
        through, avoid = _several(through), _several(avoid)
        check_names(self.computation_graph, {"of": [of], "wrt": [wrt], "through": through, "avoid": avoid})
        told = _constants(at)
        point = point_of(self.spec, self.computation_graph, told, [of]) if told or self.spec.at else None
        return WeighedPaths(narrowed(between(self.derivative_graph, of, [wrt]), through, avoid), wrt, point)

    def check(self, claim: str) -> Graded:
        """Whether somebody's claim, `dp/dx = ...`, is right, and what is wrong with it; plain text or LaTeX.

        The answer has a `verdict`, "agree", "refuted" or "undecided", a `message`, and the `diagnosis`, each part with
        a `code`, a `message` and `paths`. The same verdict every time. Raises InputError where it cannot be read.

        >>> found = parse("z = x*y; p = sin(z) + x").check("dp/dx = cos(z) + 1")
        >>> found.verdict, [(each.code, each.paths) for each in found.diagnosis]
        ('refuted', [('missing-inner', (('p', 'z', 'x'),))])
        >>> found.message
        'The inner derivative ∂z/∂x = y is left out on p → z → x: multiply by it.'
        """
        return self._grader.grade(claim, "<claim>")

    @cached_property
    def _grader(self) -> Grader:
        from pathdiff.grading.graded import Grader

        return Grader(self.spec)

    def evaluate(self, at: Point | None = None, of: str | Iterable[str] = (), **asked: Any) -> Evaluation:
        """The value of every node at a point, and for each `of` the adjoints; `digits`, `exact`, `gradcheck` as told.

        Raises InputError.

        >>> found = parse("z = x*y; p = z^2").evaluate({"x": "1/2", "y": 3}, exact=True)
        >>> print(found.values["p"], found.adjoints[0].values["x"])
        9/4 9
        """
        from pathdiff.evaluation import evaluated

        return evaluated(self.spec, _several(of), (), _constants(at), **asked)

    def code(self, to: str = "numpy", of: str | Iterable[str] = (), wrt: str | Iterable[str] = ("all",)) -> str:
        """Forward and backward pass as the text of a module for "numpy", "torch" or "jax". Raises InputError."""
        from pathdiff.code import LIBRARIES, code

        pairs = questions(self.spec, self.computation_graph, _several(of), _several(wrt))
        names = dict.fromkeys(name for each in pairs.values() for name in each)
        made = program(self.spec, tuple(pairs), names, self.computation_graph)
        return code(made, self.spec.title, LIBRARIES[to])

    def yaml(self) -> str:
        """The spec as YAML, which reads as the same spec again."""
        from pathdiff.writing import spec_yaml

        return spec_yaml(self.spec)

    def elementary(self) -> Composite:
        """The same function with every node split into elementary operations, one node each.

        >>> parse("s = a*x + b*y").elementary()
        <composite function: 4 independent, 3 computed nodes>
        """
        return Composite(elementary(self.spec))

    def cost(
        self,
        of: str | Iterable[str] = (),
        wrt: str | Iterable[str] = (),
        orders: str | Iterable[Told] = (),
        *,
        seed: int = 0,
        budget: float | None = None,
        workers: int = 1,
        dask: str | None = None,
    ) -> Costs:
        """What it costs to accumulate the Jacobian of all `of` with respect to all `wrt`, which default as above.

        By path sum, forward, reverse, Markowitz and the cheapest order of elimination found, and by the `orders` given,
        each all intermediate nodes: "v3,v1,v2", or their names in a list. `budget` is in seconds; `workers` are
        processes, and a program that asks for more than one must be importable (`if __name__ == "__main__":`). `dask`
        is the address of the scheduler of a Dask cluster to search on instead. Raises InputError.

        >>> costs = parse("z = x*y; w = sin(z); p = w*z; q = w + z").cost()
        >>> {name: strategy.spent.multiplications for name, strategy in costs.strategies.items()}
        {'path_sum': 12, 'forward': 10, 'reverse': 6, 'markowitz': 6, 'search': 6}
        >>> costs.strategies["search"].order, costs.found.optimal
        (('w', 'z'), True)
        """
        with _processes(workers, dask) as run:
            return costs(self.spec, _several(of), _several(wrt), _several(orders), seed=seed, budget=budget, **run)

    def svg(
        self,
        of: str | Iterable[str] = (),
        wrt: str | Iterable[str] = (),
        at: Point | None = None,
        *,
        paths: Iterable[int] = (),
        graph: Literal["computation", "derivative", "both"] = "both",
    ) -> str:
        """Both graphs as SVG, or one of them: `of` and `wrt` highlight all paths between, `paths` those of these ranks.

        Values and adjoints are shown at `at`, where it is given. Raises InputError, also for a graph too large to draw.

        >>> parse("p = x*y").svg(graph="derivative").startswith("<svg ")
        True
        """
        from pathdiff.drawing import drawn
        from pathdiff.render.picture.svg import svg

        drawing = drawn(self.spec, _several(of), _several(wrt), _constants(at), ranks=tuple(paths))
        return svg(drawing, ("computation", "derivative") if graph == "both" else (graph,))

    def _repr_html_(self) -> str | None:
        """Both graphs, for a notebook; None, for which it shows the text, where they are too large or have nothing."""
        try:
            return self.svg()
        except InputError:
            return None

    def __repr__(self) -> str:
        title = self.spec.title or "composite function"
        return f"<{title}: {len(self.spec.independents)} independent, {len(self.spec.nodes)} computed nodes>"


def _several(told: str | Iterable[_Told]) -> tuple[str | _Told, ...]:
    return (told,) if isinstance(told, str) else tuple(told)


@contextmanager
def _processes(workers: int, dask: str | None) -> Iterator[dict[str, Any]]:
    """Where a search runs: in so many processes here, or on a Dask cluster. Raises InputError."""
    if dask is None:
        yield {"workers": workers}
        return
    from pathdiff.elimination.cluster import cluster

    with cluster(dask) as found:
        yield {"workers": found.workers, "pool": found.pool}


def _constants(at: Point | None) -> dict[str, Tree]:
    """The values of a point as a spec has them. Raises InputError."""
    return {name: read_constant(str(value), name) for name, value in (at or {}).items()}
