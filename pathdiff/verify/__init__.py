"""The verifier: whether a derivation is right, by means that share nothing with how it was made.

Three parts, each of which says what it did: all forms are the same polynomial in the labels, and it is the sum over
the paths that the spec itself has (`forms`); every label is the derivative of its node (`labels`); the value is the
derivative of the composed function (`whole`). The derivation is taken as data that make claims. Edges, paths, values
and derivatives are worked out again from the spec's nodes; neither the path nor the sweep code is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from pathdiff.derivation import Derivation, Sweep
from pathdiff.graph import Between, Label
from pathdiff.spec import Spec
from pathdiff.verify.composition import Composition, Ring, composition
from pathdiff.verify.forms import LISTED, check_forms, check_sweep
from pathdiff.verify.formulas import swept_to
from pathdiff.verify.labels import NoLabel, check_labels, claims_of
from pathdiff.verify.numbers import check_numbers
from pathdiff.verify.samples import Samples
from pathdiff.verify.sampling import ROUGHLY, Real, context
from pathdiff.verify.search import POINTS
from pathdiff.verify.verdict import Check, Counterexample, Edge, Verdict, verdict
from pathdiff.verify.whole import Question, check_whole

__all__ = ["Check", "Counterexample", "Verdict", "verify", "verify_gradient"]


def verify(spec: Spec, derivation: Derivation, listed: int = LISTED) -> Verdict:
    """Whether a derivation is right; any two nodes, real scalars.

    `listed` is how many paths the derivation was asked to list: so many of them, or all, have to be there.
    Cost O(V + E) of what `of` depends on, and of what the derivation lists. The same verdict every time.
    """
    of, wrt = derivation.of, derivation.wrt

    def claimed(ring: Ring[Real], label: Callable[[Edge], Real]) -> Real:
        return swept_to(derivation.reverse, of, [wrt], ring, label)[0]

    function = composition(spec, of, [wrt])
    forms = check_forms(function, derivation, listed)
    near = derivation.numbers.values if derivation.numbers else {}
    question = Question({wrt: 1}, claimed, derivation.expression, near)
    found = _verdict(spec, function, derivation.part.labels, forms, question)
    return verdict(*found.checks, check_numbers(function, derivation))


def verify_gradient(spec: Spec, part: Between, sweep: Sweep) -> Verdict:
    """The same for one reverse sweep with respect to several names, all at once: O(V + E), however many there are."""
    function = composition(spec, part.of, part.wrt)
    seeds = {name: 1 + (7 * place) % 11 for place, name in enumerate(part.wrt)}

    def claimed(ring: Ring[Real], label: Callable[[Edge], Real]) -> Real:
        found = swept_to(sweep, part.of, seeds, ring, label)
        return ring.add([ring.multiply([seed, value]) for seed, value in zip(seeds.values(), found, strict=True)])

    return _verdict(spec, function, part.labels, check_sweep(function, sweep), Question(seeds, claimed))


def _verdict(
    spec: Spec, function: Composition, labels: Mapping[Edge, Label], forms: Check, question: Question
) -> Verdict:
    """The labels and the whole, after the forms."""
    try:
        claims = claims_of(function, labels)
    except NoLabel as wrong:
        text = str(wrong)
        refuted = Check("labels", "refuted", text, text, counterexample=wrong.found)
        why = "the composed function could not be compared, since not every edge has a label"
        return verdict(forms, refuted, Check("whole", "undecided", why))
    samples = Samples(spec, function, claims, question.near)

    def points_for(name: str) -> Iterator[Sequence[Fraction]]:
        """The arguments of a node at the points of the composed function, cut to short decimals."""
        m = context(ROUGHLY)
        for point in samples.points(POINTS):
            values = samples.values(point, m)
            yield [Fraction(str(m.nstr(values[u], 15))) for u in function.nodes[name].arguments]

    found = check_labels(function, claims, points_for)
    earlier = (found and found.counterexample) or forms.counterexample
    return verdict(forms, found, check_whole(samples, question, earlier))
