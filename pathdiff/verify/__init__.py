"""The verifier: whether a derivation is right, by means that don't share how it was made.

Four parts, each of which says what it did: all forms are the same polynomial in the labels, and it is the sum over
the paths that the spec itself has, at the cost that is told (`forms`); every label is the derivative of its node
(`labels`); the value is the derivative of the composed function (`whole`); the numbers at a point are those of the
spec there (`numbers`). The derivation is taken as data that make claims. Edges, paths, costs and derivatives are worked
out again from the spec's nodes; neither the path nor the sweep code is imported, nor the code that makes labels. What
is shared is the reading of the spec, and the evaluator of expressions, here with far more digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from pathdiff.derivation import Brief, Derivation, Gradient, Sweep
from pathdiff.expression import Tree
from pathdiff.graph import Label
from pathdiff.limits import limit, to_raise
from pathdiff.spec import Spec
from pathdiff.verify.composition import Composition, Ring, composition
from pathdiff.verify.costs import check_gradient_costs
from pathdiff.verify.forms import LISTED, check_forms, check_sweep
from pathdiff.verify.formulas import swept_to
from pathdiff.verify.labels import NoLabel, check_labels, claims_of, compared_operations
from pathdiff.verify.numbers import check_numbers, check_results
from pathdiff.verify.place import Place
from pathdiff.verify.samples import Samples
from pathdiff.verify.sampling import ROUGHLY, Real, context
from pathdiff.verify.verdict import Check, Counterexample, Edge, Verdict, cut, verdict
from pathdiff.verify.whole import Question, check_whole

__all__ = ["Check", "Counterexample", "Verdict", "verify", "verify_gradient"]


def verify(
    spec: Spec, derivation: Derivation, point: Mapping[str, Tree] | None = None, listed: int = LISTED
) -> Verdict:
    """Whether a derivation is right; any two nodes, real scalars.

    `point` has the numbers that were given, by default the spec's own. `listed` is how many paths the derivation was
    asked to list: so many of them, or all, have to be there. Cost O(V + E) of what `of` depends on, and of what the
    derivation lists. The same verdict every time.
    """
    return _verified(spec, derivation, Place(spec, spec.at if point is None else point), listed)


def _verified(spec: Spec, derivation: Derivation, place: Place, listed: int) -> Verdict:
    function = composition(spec, derivation.of, [derivation.wrt])
    forms = check_forms(function, derivation, listed)
    labels, whole = _measured(
        spec, function, derivation.part.labels, forms, _question([derivation], derivation.reverse)
    )
    return verdict(forms, labels, whole, check_numbers(function, derivation, place))


def verify_gradient(
    spec: Spec,
    gradient: Gradient,
    of: str,
    wrt: Sequence[str],
    point: Mapping[str, Tree] | None = None,
    listed: int = LISTED,
) -> tuple[Verdict, ...]:
    """Whether derivatives by one sweep are right: one verdict for each derivation, or one for all where there is none.

    `of` and `wrt` say what was asked for: what is missing, or an answer to something else, is refuted. `point` has the
    numbers that were given, by default the spec's own.

    The labels are looked at once, and the composed function along random directions of all names together: O(V + E),
    however many names there are, beside what the derivations list. Where that finds a fault, each is verified alone.
    """
    derivations = gradient.derivations
    place = Place(spec, spec.at if point is None else point)
    missing = _not_asked(gradient, of, wrt)
    if missing:
        found = Check("forms", "refuted", missing, missing, counterexample=Counterexample(missing))
        return (verdict(found),) * (len(derivations) or 1)
    function = composition(spec, of, wrt)
    alone = [composition(spec, of, [name]) for name in wrt] if derivations else []
    single = len(derivations) == 1 and not _other_labels(alone[0], derivations[0], gradient)
    if single and not gradient.briefs and gradient.sweep == derivations[0].reverse:  # it is looked at there
        costs = check_gradient_costs(function, gradient, alone)
        return (_worse(_verified(spec, derivations[0], place, listed), verdict(costs)),)
    sweep = check_sweep(function, gradient)
    if sweep.outcome != "refuted":
        sweep = check_gradient_costs(function, gradient, alone) or sweep
    if single:
        return (_worse(_verified(spec, derivations[0], place, listed), verdict(sweep)),)
    question = _question(derivations or gradient.briefs, gradient.sweep, gradient.values or {})
    labels, whole = _measured(spec, function, gradient.part.labels, sweep, question)
    together = verdict(sweep, labels, whole)
    if not derivations:
        return (verdict(*together.checks, check_results(function, gradient, place)),)
    told = list(zip(derivations, alone, strict=True))
    if together.verdict != "agree" or any(_other_labels(own, each, gradient) for each, own in told):
        verdicts = [_worse(_verified(spec, each, place, listed), verdict(sweep)) for each in derivations]
        # What is wrong with none of them is wrong with what they share.
        shared = together.verdict == "refuted" and all(found.verdict != "refuted" for found in verdicts)
        return (together,) * len(derivations) if shared else tuple(verdicts)
    return tuple(
        verdict(check_forms(own, each, listed), labels, whole, check_numbers(own, each, place)) for each, own in told
    )


def _not_asked(gradient: Gradient, of: str, wrt: Sequence[str]) -> str:
    """In which way a gradient is no answer to what was asked, in words; else nothing."""
    told = gradient.derivations or gradient.briefs
    pairs = [(each.result.of, each.wrt, each.result.wrt) for each in told]
    pairs += [(each.of, each.wrt, each.wrt) for each in gradient.derivations]
    pairs += [(gradient.of, name, name) for name in gradient.wrt]
    answered = set(gradient.wrt).intersection(each.wrt for each in told)
    for name in wrt:
        if name not in answered:
            return f"the derivative of {of} with respect to {name} was asked for and is missing"
    orders = (gradient.wrt, tuple(each.wrt for each in told))
    if any(order != tuple(wrt) for order in orders) or any(p != of or x != y for p, x, y in pairs):
        return f"what was asked for are the derivatives of {of} with respect to other names, or in another order"
    return ""


def _other_labels(function: Composition, derivation: Derivation, gradient: Gradient) -> bool:
    """Whether a derivation has other labels than those that were looked at, or lacks one."""
    told, looked_at = derivation.part.labels, gradient.part.labels
    return any(told.get(edge) != looked_at.get(edge) for edge in {**told, **dict.fromkeys(function.edges)})


def _worse(one: Verdict, other: Verdict) -> Verdict:
    """The first, unless the second is worse."""
    rank = ("agree", "undecided", "refuted").index
    return max(one, other, key=lambda found: rank(found.verdict))


def _question(told: Sequence[Derivation | Brief], sweep: Sweep, near: Mapping[str, Real] | None = None) -> Question:
    """What is claimed of the composed function's derivatives: by a sweep, and in node names."""
    wrt = tuple(each.wrt for each in told)
    of = told[0].result.of

    def claimed(ring: Ring[Real], label: Callable[[Edge], Real]) -> list[Real]:
        return swept_to(sweep, of, wrt, ring, label)

    written = {each.wrt: each.expression for each in told if each.expression is not None}
    numbers = [each.numbers for each in told if isinstance(each, Derivation) and each.numbers]
    return Question(wrt, claimed, written, near or (numbers[0].values if numbers else {}))


def _measured(
    spec: Spec, function: Composition, labels: Mapping[Edge, Label], forms: Check, question: Question
) -> tuple[Check | None, Check]:
    """The labels against the nodes, and the whole against the composed function."""
    try:
        claims = claims_of(function, labels)
    except NoLabel as wrong:
        text = str(wrong)
        refuted = Check("labels", "refuted", text, text, counterexample=wrong.found)
        why = "the composed function could not be compared, since not every edge has a label"
        return refuted, Check("whole", "undecided", why)
    work = compared_operations(function, claims)
    if work > limit("compared"):
        what = "the labels and the derivative" if claims else "the derivative"
        why = f"{work:,} operations are more than the limit of {limit('compared'):,} ({to_raise('compared')})"
        text = f"{what} of {cut(function.of, 24)} could not be compared by numbers: {why}"
        left = [Check(part, "undecided", text, why) for part in ("labels", "whole")]
        return left[0] if claims else None, left[1]
    samples = Samples(spec, function, claims, question.near)

    def points_for(name: str) -> Iterator[Sequence[Fraction]]:
        """The arguments of a node at the points of the composed function, cut to short decimals."""
        m = context(ROUGHLY)
        for point in samples.points(samples.effort.points):
            values, _ = samples.roughly(point)
            yield [Fraction(str(m.nstr(values[u], 15))) for u in function.nodes[name].arguments]

    found = check_labels(function, claims, points_for)
    earlier = (found and found.counterexample) or forms.counterexample
    return found, check_whole(samples, question, earlier)
