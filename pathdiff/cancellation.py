"""Derivatives of quotients without what cancels: of x²/(1 + x²) it is 2x/(1 + x²)², not 2x/(1 + x²) - 2x³/(1 + x²)².

For a large x the difference of the two terms is a millionth of each, and floating point keeps ten digits of it. Over
one denominator the terms that cancel do so as they stand, and are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from operator import is_
from typing import Final

from pathdiff import expression as ex
from pathdiff.algebra import exact, over, plus, raised, times
from pathdiff.expression import ZERO, Tree

MOST_FACTORS: Final = 400
"""A denominator is multiplied into what stands above it while that gives no more factors than these."""
_MOST_POWER: Final = 2
_GROWS: Final = frozenset({"exp", "sinh", "cosh"})
"""Functions whose products are soon beyond a double."""


def uncancelled(root: Tree) -> Tree:
    """The same value of real scalars, fractions with a sum below the line put together where terms then cancel.

    Nothing else is multiplied out than the sum itself, and sums above it that some terms have and others have not: the
    zeros that all terms share stay as they are. So no digits are lost that the fractions apart would have kept. What
    cancels only by numbers, at some points, still does: no one form is right to the last digit at all of them.
    Cost O(size).

    >>> from pathdiff.expression import Expression
    >>> from pathdiff.grammar import parse
    >>> print(Expression(uncancelled(parse("1/(1 + x) - x/(1 + x)**2").tree), ["x"]))
    1/(1 + x)**2
    """
    return ex.fold(root, _combined)


def _combined(tree: Tree, args: list[Tree]) -> Tree:
    if tree.kind == "+":
        return _sum(args)
    if all(map(is_, tree.args, args)):
        return tree
    return times(*args) if tree.kind == "*" else over(*args) if tree.kind == "/" else ex.rebuilt(tree, args)


def _sum(told: Sequence[Tree]) -> Tree:
    """A sum, its terms over each denominator put together where something cancels."""
    terms: dict[int, Tree] = dict(enumerate(told))
    sums = [_sums(term) for term in told]
    users: dict[Tree, list[int]] = {}
    for place, found in enumerate(sums):
        for base, power in found.items():
            if power < 0:
                users.setdefault(base, []).append(place)
    for base, places in users.items():
        there = [place for place in places if place in terms and sums[place].get(base, 0) < 0]
        if len(there) < 2 or any(map(_grows, base.args)):
            continue
        together = _together([terms[place] for place in there], [sums[place][base] for place in there], base)
        if together is not None:
            terms[there[0]], sums[there[0]] = together, _sums(together)
            for place in there[1:]:
                del terms[place]
    return ex.add(*terms.values()) if len(terms) > 1 else next(iter(terms.values()))


def _factors(term: Tree) -> Iterator[tuple[Tree, Fraction]]:
    """The factors of a term and their powers; none of a term that has too many."""
    waiting = [(term, Fraction(1))]
    found = []
    while waiting:
        tree, power = waiting.pop()
        match tree.kind:
            case "neg" | "*":
                waiting += [(arg, power) for arg in tree.args]
            case "/":
                waiting += [(tree.args[0], power), (tree.args[1], -power)]
            case "^" if (known := exact(tree.args[1])) is not None:
                waiting.append((tree.args[0], power * known.value))
            case "call" if tree.text == "sqrt":
                waiting.append((tree.args[0], power / 2))
            case _:
                found.append((tree, power))
        if len(waiting) + len(found) > MOST_FACTORS:
            return
    yield from found


def _sums(term: Tree) -> dict[Tree, Fraction]:
    """The sums among the factors of a term, and their powers."""
    found: dict[Tree, Fraction] = {}
    for factor, power in _factors(term):
        if factor.kind == "+":
            found[factor] = found.get(factor, Fraction(0)) + power
    return found


def _grows(term: Tree) -> bool:
    """Whether a term of a denominator is soon so large that the square of it is beyond a double."""
    return any(factor.kind == "^" or (factor.kind == "call" and factor.text in _GROWS) for factor, _ in _factors(term))


def _together(terms: Sequence[Tree], powers: Sequence[Fraction], base: Tree) -> Tree | None:
    """Terms over their lowest power of a sum, if some of what is then above it cancels."""
    lowest = min(powers)
    missing = [power - lowest for power in powers]
    if any(power.denominator != 1 or power > _MOST_POWER for power in missing) or not any(missing):
        return None
    if sum(len(list(_factors(term))) for term in terms) > MOST_FACTORS:
        return None
    above = [times(term, _power(base, -power)) for term, power in zip(terms, powers, strict=True)]
    sums = [{each for each, power in _sums(term).items() if power == 1} for term in above]
    shared = set.intersection(*sums)
    products: list[Tree] = []
    work = 0
    for term, own, power in zip(above, sums, missing, strict=True):
        apart = [each for each in own if each not in shared]
        multiplied = [base.args] * int(power) + [each.args for each in apart]
        work += prod(map(len, multiplied)) * len(list(_factors(term)))
        if work > MOST_FACTORS:
            return None
        rest = times(term, *(_power(each, Fraction(-1)) for each in apart))
        products += [_absolute(times(rest, *chosen)) for chosen in product(*multiplied)]
    whole = plus(products)
    sizes = plus(each.args[0] if each.kind == "neg" else each for each in products)
    if _length(whole) >= _length(sizes):
        return None
    whole = _sum(whole.args) if whole.kind == "+" else whole  # over another sum
    return over(whole, _power(base, -lowest))


def _power(base: Tree, power: Fraction) -> Tree:
    size = ex.number(abs(power.numerator))
    tree = size if power.denominator == 1 else ex.div(size, ex.number(power.denominator))
    return raised(base, ex.neg(tree) if power < 0 else tree)


def _length(tree: Tree) -> int:
    return len(tree.args) if tree.kind == "+" else 0 if tree == ZERO else 1


_MADE: Final[Mapping[str, str]] = {"sign": "abs", "heaviside": "relu"}
"""What x sign(x) is, and x heaviside(x)."""


def _absolute(term: Tree) -> Tree:
    """A product in which x sign(x) is |x|."""
    inner = term.args[0] if term.kind == "neg" else term
    inner = inner.args[0] if inner.kind == "/" else inner
    factors = inner.args if inner.kind == "*" else ()
    bases = {factor.args[0] if factor.kind == "^" else factor for factor in factors}
    for factor in factors:
        if factor.kind == "call" and factor.text in _MADE and factor.args[0] in bases:
            return times(term, over(ex.call(_MADE[factor.text], factor.args[0]), times(factor, factor.args[0])))
    return term
