"""Derivatives of quotients without what cancels: of x²/(1 + x²) it is 2x/(1 + x²)², not 2x/(1 + x²) - 2x³/(1 + x²)².

For a large x the difference of the two terms is a millionth of each, and floating point keeps ten digits of it. Over
one denominator the terms that cancel do so as they stand, and are gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from operator import is_
from typing import Final

from pathdiff import expression as ex
from pathdiff.algebra import exact, over, plus, raised, times
from pathdiff.expression import ZERO, Tree, postorder

MOST_PRODUCTS: Final = 200
"""A denominator is multiplied into what stands above it while that gives no more terms than these."""
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


def _sum(terms: Sequence[Tree]) -> Tree:
    powers = [_sums(term) for term in terms]
    below = dict.fromkeys(base for each in powers for base, power in each.items() if power < 0)
    for base in below:
        places = [place for place, each in enumerate(powers) if each.get(base, 0) < 0]
        if len(places) < 2 or _grows(base):
            continue
        together = _together([terms[place] for place in places], [powers[place][base] for place in places], base)
        if together is not None:
            rest = [term for place, term in enumerate(terms) if place not in places]
            return _sum([*rest[: places[0]], together, *rest[places[0] :]]) if rest else together
    return ex.add(*terms)


def _sums(term: Tree) -> dict[Tree, Fraction]:
    """The sums among the factors of a term, and their powers."""
    found: dict[Tree, Fraction] = {}
    waiting = [(term, Fraction(1))]
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
            case "+":
                found[tree] = found.get(tree, Fraction(0)) + power
    return found


def _grows(tree: Tree) -> bool:
    return any((part.kind == "call" and part.text in _GROWS) or _is_exponential(part) for part in postorder(tree))


def _is_exponential(part: Tree) -> bool:
    return part.kind == "^" and exact(part.args[1]) is None


def _together(terms: Sequence[Tree], powers: Sequence[Fraction], base: Tree) -> Tree | None:
    """Terms over their lowest power of a sum, if some of what is then above it cancels."""
    lowest = min(powers)
    missing = [power - lowest for power in powers]
    if any(power.denominator != 1 or power > _MOST_POWER for power in missing) or not any(missing):
        return None
    above = [times(term, _power(base, -power)) for term, power in zip(terms, powers, strict=True)]
    sums = [{each for each, power in _sums(term).items() if power == 1} for term in above]
    shared = set.intersection(*sums)
    products: list[Tree] = []
    for term, own, power in zip(above, sums, missing, strict=True):
        apart = [each for each in own if each not in shared]
        factors = [base.args] * int(power) + [each.args for each in apart]
        if sum(map(len, factors)) > MOST_PRODUCTS or len(products) > MOST_PRODUCTS:
            return None
        rest = times(term, *(_power(each, Fraction(-1)) for each in apart))
        products += [_absolute(times(rest, *chosen)) for chosen in _choices(factors)]
    whole = plus(products)
    sizes = plus(each.args[0] if each.kind == "neg" else each for each in products)
    if _length(whole) >= _length(sizes):
        return None
    whole = _sum(whole.args) if whole.kind == "+" else whole  # over another sum
    return over(whole, _power(base, -lowest))


def _choices(factors: Sequence[Sequence[Tree]]) -> Iterable[tuple[Tree, ...]]:
    """One term of each sum, in each way, while there are not too many."""
    count = 1
    for each in factors:
        count *= len(each)
    return product(*factors) if count <= MOST_PRODUCTS else ()


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
