"""From text to verdict: the whole of pathdiff in one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import networkx as nx

from pathdiff.derivation import Derivation, Sweep
from pathdiff.derive import DIGITS, derive
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.expression import Tree
from pathdiff.graph import Graph, between, computation_graph, derivative_graph
from pathdiff.numeric import NotReal, described, forward_pass, kinks, value
from pathdiff.reader import read_spec
from pathdiff.spec import Spec
from pathdiff.sweeps import reverse_sweep
from pathdiff.verify import Verdict, verify, verify_gradient


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is shown of a spec."""

    spec: Spec
    computation: Graph
    derivative: Graph
    derivations: tuple[Derivation, ...]
    sweeps: Mapping[str, Sweep]
    """For each `of` one reverse sweep for all of its `wrt` together."""
    verdicts: tuple[Verdict, ...]
    """One for each derivation."""
    notes: tuple[str, ...] = ()
    """What a reader must know of the point: kinks, and which derivative was taken there."""

    @property
    def verdict(self) -> str:
        """The worst of the verdicts: "refuted" if one derivation is, else "undecided" if one is, else "agree"."""
        found = {verdict.verdict for verdict in self.verdicts}
        return next((word for word in ("refuted", "undecided") if word in found), "agree")


def explain(text: str, name: str = "<spec>", *, inline: bool = False, **asked: Any) -> Explanation:
    """Reads a spec, derives, verifies; `explained` says what may be asked. Raises InputError for wrong input."""
    return explained(read_spec(text, name, inline=inline), **asked)


def explained(
    spec: Spec, of: Sequence[str] = (), wrt: Sequence[str] = (), at: Mapping[str, Tree] | None = None
) -> Explanation:
    """The way from a spec to a verdict. `at` goes before the spec's own point. Real scalars throughout."""
    computation = computation_graph(spec)
    derivative = derivative_graph(computation)
    pairs = questions(spec, computation, of, wrt)
    values = point_values(spec, computation, at or {})
    derivations = tuple(derive(derivative, p, x, values) for p, xs in pairs.items() for x in xs)
    sweeps = {p: reverse_sweep(between(derivative, p, xs)) for p, xs in pairs.items()}
    together = {p: verify_gradient(spec, between(derivative, p, xs), sweeps[p]) for p, xs in pairs.items() if xs[1:]}
    verdicts = tuple(worse(verify(spec, each), together.get(each.of)) for each in derivations)
    met = kinks(spec.nodes, values, mpmath.mp) if values else []
    notes = tuple(f"{where}: the mean of the two one-sided derivatives is taken" for where in met)
    return Explanation(spec, computation, derivative, derivations, sweeps, verdicts, notes)


def worse(verdict: Verdict, together: Verdict | None) -> Verdict:
    """The verdict on a derivation that is shown by a sweep for several names together, which must be right as well."""
    return together if together is not None and verdict.verdict == "agree" != together.verdict else verdict


def questions(spec: Spec, graph: Graph, of: Sequence[str] = (), wrt: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Which derivatives are asked for: for each node the names with respect to which, in order.

    `of` defaults to the spec's `derive`, else to the dependent nodes; `wrt` to `derive`, else to the inputs, else
    to all independent names; `all` means these. Raises InputError for a name that is not in the spec.
    """
    unknown = [
        (option, name) for option, names in (("--of", of), ("--wrt", wrt)) for name in names if name not in graph
    ]
    unknown = [(option, name) for option, name in unknown if (option, name) != ("--wrt", "all")]
    if unknown:
        raise InputError(
            Diagnostic("unknown-name", f"`{name}` is not a node of the spec", option, hint=nearest(name, graph.nodes))
            for option, name in unknown
        )
    dependents = [name for name, known in graph.nodes(data=True) if known["role"] == "dependent"]
    default = spec.inputs or spec.independents

    def names(told: Sequence[str]) -> tuple[str, ...]:
        spread = [
            other for name in told for other in (spec.independents if name == "all" and name not in graph else (name,))
        ]
        return tuple(dict.fromkeys(spread)) or default

    return {p: names(wrt or spec.derive.get(p, ())) for p in of or spec.derive or dependents}


def point_values(spec: Spec, graph: Graph, at: Mapping[str, Tree]) -> dict[str, Any]:
    """The value of each name of the point and of each node that follows from it, to `DIGITS` digits.

    The point is the spec's own, `at` before it. Raises InputError for a name that is not independent, and where an
    expression has no real value, naming the node.
    """
    wrong = [name for name in at if name not in spec.independents]
    if wrong:
        raise InputError(_not_independent(spec, name) for name in wrong)
    context = mpmath.mp.clone()
    context.dps = DIGITS
    point: dict[str, Any] = {}
    for name, tree in {**spec.at, **at}.items():
        try:
            point[name] = value(tree, (), context)
        except NotReal as error:
            message = f"the value of `{name}` is {error.reason}"
            raise InputError([Diagnostic("outside-domain", message, spec.source.name)]) from None
    try:
        return forward_pass(spec.nodes, nx.topological_sort(graph), point, context)
    except NotReal as error:
        node = spec.nodes[error.__notes__[0]]
        message = f"`{node.name}` has no value at this point: {error.reason}"
        note = f"the operation is `{described(error, node.arguments, node.name)}`"
        raise InputError([node.text.problem("outside-domain", message, note=note)]) from None


def _not_independent(spec: Spec, name: str) -> Diagnostic:
    note = "a node has the value that its expression gives it" if name in spec.nodes else ""
    hint = "" if note else nearest(name, spec.independents)
    return Diagnostic("unknown-name", f"`{name}` is not an independent name", "--at", note=note, hint=hint)
