"""The truth that claims are compared with: derivatives of a spec's own nodes, measured at random points.

Points are consistent: every node has the value that its expression gives it, also one that a derivative is taken with
respect to, whose users then see it move alone. A derivative is a central difference with so many digits that neither
its step nor rounding touches those compared. What is measured once serves every claim about the same derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property

from pathdiff.claim.statement import Side
from pathdiff.expression import Tree
from pathdiff.numeric import NotReal, kinks
from pathdiff.spec import Spec
from pathdiff.verify.composition import Composition, composition, in_order
from pathdiff.verify.effort import Effort
from pathdiff.verify.letters import Way, is_label
from pathdiff.verify.samples import NoValue, Point, Samples
from pathdiff.verify.sampling import ROUGHLY, Context, Real, context
from pathdiff.verify.search import parts_within_limits
from pathdiff.verify.verdict import Edge


class Ground:
    """One derivative of a spec at random points, and whatever else of the spec claims about it may name.

    `names` are those that the derivative itself does not need; what stands in for abstract nodes may be `like` that of
    another ground. Cost O(V + E) of what all of them depend on, a point.
    """

    def __init__(self, spec: Spec, of: str, wrt: str, names: Iterable[str] = (), like: Ground | None = None) -> None:
        self.spec, self.of, self.wrt = spec, of, wrt
        order = in_order(spec.nodes, [of, wrt, *sorted(names)])
        nodes = {name: spec.nodes[name] for name in order if name in spec.nodes}
        cut = composition(spec, of, [wrt])
        self.function = Composition(of, cut.wrt, nodes, tuple(order), cut.inside, cut.arguments)
        self.samples = Samples(spec, self.function, {}, {})
        if like is not None:
            self.samples.adopt(like.samples)
        self._insides: dict[Edge, tuple[str, ...]] = {}

    @property
    def effort(self) -> Effort:
        """How thoroughly is compared."""
        return self.samples.effort

    @property
    def free(self) -> tuple[str, ...]:
        """The independent names that have a part in it."""
        return tuple(name for name in self.function.order if name not in self.function.nodes)

    @cached_property
    def places(self) -> list[Here]:
        """The points at which claims are compared, the most telling ones first; none where no node has a value."""
        found: list[Here] = []
        for count in range(1, self.effort.looked + 1):
            if len(found) >= max(self.effort.points, self.samples.needed):
                break
            points = self.samples.points(count)
            if len(points) < count:
                break
            here = self.at(points[-1])
            if here is not None:
                found.append(here)
        return found

    def at(self, point: Point) -> Here | None:
        """The truth at a point; None where it cannot be measured there, or at a kink."""
        here = Here(self, point)
        try:
            m = context(max(ROUGHLY, self.effort.digits))
            here.total(self.of, self.wrt, context(ROUGHLY))
            return None if kinks(self.function.nodes, here.values(m), m) else here
        except (NoValue, NotReal):
            return None

    def inside(self, of: str, wrt: str) -> tuple[str, ...]:
        """The nodes on paths from `of` to `wrt`, arguments before what uses them."""
        if (of, wrt) not in self._insides:
            self._insides[of, wrt] = composition(self.spec, of, [wrt]).inside
        return self._insides[of, wrt]


class Here:
    """The values and derivatives of a spec's nodes at one point, kept for each precision."""

    def __init__(self, ground: Ground, point: Point) -> None:
        self.ground, self.point = ground, dict(point)
        self._values: dict[int, dict[str, Real]] = {}
        self._derivatives: dict[tuple[str, str, bool, int], Real] = {}
        self._claimed: tuple[Side, Way, int, dict[Tree, Real]] | None = None
        """The last right side that was looked at: it is, several times."""

    def values(self, m: Context) -> dict[str, Real]:
        """The value of every node. Raises NoValue."""
        if m.dps not in self._values:
            self._values[m.dps] = self.ground.samples.values(self.point, m)
        return self._values[m.dps]

    def claimed(self, side: Side, way: Way, m: Context) -> dict[Tree, Real]:
        """The value of each part of a right side. Raises NotReal, NoValue."""
        if self._claimed is None or self._claimed[0] is not side or self._claimed[1:3] != (way, m.dps):
            parts = parts_within_limits(side.tree, self._leaves(side, way, m), m)
            self._claimed = side, way, m.dps, parts
        return self._claimed[3]

    def _leaves(self, side: Side, way: Way, m: Context) -> list[Real]:
        values = self.values(m)
        found: list[Real] = []
        for leaf in side.leaves:
            if isinstance(leaf, str):
                found.append(values[leaf])
            elif is_label(leaf, way, self.ground.spec):
                found.append(self.partial(leaf.of, leaf.wrt, m))
            else:
                found.append(self.total(leaf.of, leaf.wrt, m))
        return found

    def total(self, of: str, wrt: str, m: Context, h: Real = None) -> Real:
        """The derivative over all paths. Raises NoValue."""
        return self._measured(of, wrt, m, h, edge=False)

    def partial(self, of: str, wrt: str, m: Context) -> Real:
        """The local partial ∂of/∂wrt of an edge. Raises NoValue."""
        return self._measured(of, wrt, m, None, edge=True)

    def _measured(self, of: str, wrt: str, m: Context, h: Real, *, edge: bool) -> Real:
        if of == wrt:
            return m.mpf(1)
        key = of, wrt, edge, m.dps
        if key not in self._derivatives:
            step = m.mpf(10) ** (-3 * m.dps // 10) if h is None else h
            inside = (wrt, of) if edge else self.ground.inside(of, wrt)
            up, down = (self._moved(of, wrt, s, inside, m) for s in (step, -step))
            self._derivatives[key] = (up - down) / (2 * step)
        return self._derivatives[key]

    def _moved(self, of: str, wrt: str, step: Real, inside: tuple[str, ...], m: Context) -> Real:
        """The value of a node when another one grows by so much, and what lies between follows."""
        values: Mapping[str, Real] = self.values(m)
        moved = {wrt: values[wrt] + step}
        for name in inside:
            if name != wrt:
                moved[name] = self.ground.samples.value_of(
                    name, [moved[u] if u in moved else values[u] for u in self.ground.function.nodes[name].arguments], m
                )
        return moved[of] if of in moved else values[of]

    def magnitude(self) -> int:
        """About how large the values are that the derivative is measured from: 2 to this power."""
        m = context(ROUGHLY)
        values = self.values(m)
        return max(0, *(int(m.mag(values[name])) for name in self.ground.function.inside if values[name]), 0)

    def moved_to(self, changes: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Another point: this one with other values for some names."""
        return {**self.point, **changes}
