"""Products, sums and powers that stay in the order in which a person writes them.

SymPy reorders factors, multiplies 2(z - y) out and computes 9**9**9; a label must do none of that. Here equal
factors and equal terms are collected, numbers are folded while they are short, and all else keeps its place.
The rules hold wherever both sides are defined: x/x is 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

from pathdiff import expression as ex
from pathdiff.expression import ONE, OWN, ZERO, Tree

MAX_BITS: Final = 2048
"""Numbers are folded while the result stays shorter than this."""
MAX_FACTORS: Final = 64
"""A product of more factors or a sum of more terms is nested instead of collected: long ones stay linear."""
MAX_DEPTH: Final = 8
"""Operations that lie deeper than this below the one at hand are left as they are."""
MAX_STEPS: Final = 256
"""How many operations one product or quotient takes apart, where it shares no effort; the others stay as they are."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A rational number that remembers whether it was typed as a decimal."""

    value: Fraction
    decimal: bool = False

    def times(self, other: Exact) -> Exact:
        return Exact(self.value * other.value, self.decimal or other.decimal)

    def plus(self, other: Exact) -> Exact:
        return Exact(self.value + other.value, self.decimal or other.decimal)

    @property
    def bits(self) -> int:
        return self.value.numerator.bit_length() + self.value.denominator.bit_length()


_MINUS_ONE: Final = ex.neg(ONE)
_UNIT: Final = Exact(Fraction(1))
_HALF: Final = Exact(Fraction(1, 2))


@dataclass(slots=True)
class Effort:
    """How many operations may still be taken apart: a bound for the time that results take, never for their values."""

    steps: int = MAX_STEPS


@dataclass(slots=True)
class _Product:
    """A product taken apart: a number times powers, each base once, in reading order."""

    coefficient: Exact = _UNIT
    powers: dict[Tree, Tree] = field(default_factory=dict)
    effort: Effort = field(default_factory=Effort)
    depth: int = 0

    def multiply(self, base: Tree, exponent: Tree) -> None:
        known = self.powers.get(base)
        total = exponent if known is None else _sum_of_exponents(known, exponent, self)
        if total is ZERO:
            self.powers.pop(base, None)
        else:
            self.powers[base] = total

    def scale(self, by: Exact) -> None:
        if self.coefficient.bits + by.bits <= MAX_BITS or not by.value:
            self.coefficient = self.coefficient.times(by)
        else:
            sign = Exact(Fraction(1 if by.value > 0 else -1))
            self.coefficient = self.coefficient.times(sign)
            if abs(by.value.numerator) != 1:
                self.multiply(ex.number(abs(by.value.numerator), _integer_text(abs(by.value.numerator))), ONE)
            if by.value.denominator != 1:
                self.multiply(ex.number(by.value.denominator, _integer_text(by.value.denominator)), ex.neg(ONE))


_CHUNK: Final = 10**4000


def _integer_text(value: int) -> str:
    """The digits of an integer of any length (Python refuses to write more than 4,300 at once)."""
    digits: list[str] = []
    while value >= _CHUNK:
        value, low = divmod(value, _CHUNK)
        digits.append(f"{low:04000d}")
    return "".join([str(value), *reversed(digits)])


def times(*factors: Tree, effort: Effort | None = None) -> Tree:
    """The product, numbers folded and equal bases collected; the order is that of first occurrence."""
    told = [factor for factor in factors if factor is not ONE]
    if not told:
        return ONE
    if len(told) == 1 and (told[0].kind == "slot" or _is_spent(effort)):
        return told[0]
    if _is_spent(effort):
        return _opposite(told[0]) if len(told) == 2 and told[1] is _MINUS_ONE else ex.mul(*told)
    product = _Product(effort=effort or Effort())
    for factor in told:
        _take(product, factor, invert=False)
    if len(product.powers) > MAX_FACTORS and len(told) > 1:
        return ex.mul(*told)
    return _built(product)


def _opposite(tree: Tree) -> Tree:
    return tree.args[0] if tree.kind == "neg" else ex.neg(tree)


def over(numerator: Tree, denominator: Tree, *, effort: Effort | None = None) -> Tree:
    """The quotient, collected in the same way."""
    if _is_spent(effort):
        return ex.div(numerator, denominator)
    product = _Product(effort=effort or Effort())
    _take(product, numerator, invert=False)
    _take(product, denominator, invert=True)
    return _built(product)


def negative(tree: Tree, *, effort: Effort | None = None) -> Tree:
    """The tree with its sign changed."""
    return times(ex.neg(ONE), tree, effort=effort)


def raised(base: Tree, exponent: Tree, *, effort: Effort | None = None) -> Tree:
    """The power, with numbers folded while short."""
    if _is_spent(effort):
        return ex.power(base, exponent)
    product = _Product(effort=effort or Effort())
    _take_power(product, base, exponent, invert=False)
    return _built(product)


def plus(terms: Iterable[Tree], *, effort: Effort | None = None) -> Tree:
    """The sum, equal terms collected; the order is that of first occurrence, but a minus does not come first."""
    return _sum(terms, effort, 0)


def _is_spent(effort: Effort | None) -> bool:
    return effort is not None and effort.steps <= 0


def _sum_of_exponents(first: Tree, second: Tree, product: _Product) -> Tree:
    one, other = exact(first), exact(second)
    if one is not None and other is not None and one.bits + other.bits <= MAX_BITS:
        return _rational(one.plus(other))
    return _sum([first, second], product.effort, product.depth + 1)


def _sum(terms: Iterable[Tree], effort: Effort | None, depth: int) -> Tree:
    """The sum; within an exponent it shares the effort of the product that it belongs to."""
    counts = Counter(terms)  # keeps the order of first occurrence
    if counts.total() == 1 and not depth:
        return times(*counts, effort=effort)
    if depth > MAX_DEPTH or _is_spent(effort):
        return ex.add(*counts.elements())
    found: dict[tuple[frozenset[tuple[Tree, Tree]], int], Exact] = {}
    parts: dict[frozenset[tuple[Tree, Tree]], dict[Tree, Tree]] = {}
    waiting = [(tree, count, 0) for tree, count in reversed(counts.items())]
    nested = False
    while waiting:
        tree, count, level = waiting.pop()
        negated = tree.kind == "neg"
        inner = tree.args[0] if negated else tree
        if inner.kind == "+" and level < MAX_DEPTH:
            nested = True
            args = map(ex.neg, reversed(inner.args)) if negated else reversed(inner.args)
            waiting.extend((arg, count, level + 1) for arg in args)
            continue
        product = _Product(Exact(Fraction(count)), {}, effort or Effort(), depth)
        _take(product, tree, invert=False)
        key = frozenset(product.powers.items())
        parts.setdefault(key, product.powers)
        _collect(found, key, product.coefficient)
    kept = [(value, parts[key]) for (key, _), value in found.items() if value.value]
    if not kept:
        return ZERO
    if nested and len(kept) > MAX_FACTORS and len(counts) > 1:
        return ex.add(*counts.elements())
    first = next((i for i, (value, _) in enumerate(kept) if value.value > 0), 0)
    kept.insert(0, kept.pop(first))
    trees = [_built(_Product(value, powers)) for value, powers in kept]
    return trees[0] if len(trees) == 1 else ex.add(*trees)


def _collect(
    found: dict[tuple[frozenset[tuple[Tree, Tree]], int], Exact], key: frozenset[tuple[Tree, Tree]], value: Exact
) -> None:
    """Adds a multiple of a term to those found; one whose number would get too long stays a term of its own."""
    index = 0
    while known := found.get((key, index)):
        total = known.plus(value)
        if total.bits <= MAX_BITS:
            found[key, index] = total
            return
        index += 1
    found[key, index] = value


def exact(tree: Tree, depth: int = 0) -> Exact | None:
    """The rational number that the tree is, when it is one written out: 2, -3, 1/2, 0.25."""
    if depth > MAX_DEPTH:
        return None
    match tree.kind:
        case "number":
            assert isinstance(tree.value, Fraction)
            return Exact(tree.value, not tree.text.isdecimal())
        case "neg":
            inner = exact(tree.args[0], depth + 1)
            return None if inner is None else Exact(-inner.value, inner.decimal)
        case "/":
            above, below = exact(tree.args[0], depth + 1), exact(tree.args[1], depth + 1)
            if above is None or below is None or not below.value or above.bits + below.bits > MAX_BITS:
                return None
            return Exact(above.value / below.value, above.decimal or below.decimal)
        case _:
            return None


def _take(product: _Product, root: Tree, *, invert: bool) -> None:
    """Multiplies the product by a tree, or divides it."""
    waiting = [(root, invert, product.depth)]
    while waiting:
        tree, inverted, depth = waiting.pop()
        product.effort.steps -= 1
        match tree.kind:
            case "number":
                assert isinstance(tree.value, Fraction)
                value = Exact(tree.value, not tree.text.isdecimal())
                if not inverted:
                    product.scale(value)
                elif tree.value:
                    product.scale(Exact(1 / value.value, value.decimal))
                else:
                    product.multiply(tree, ex.neg(ONE))
            case _ if depth > MAX_DEPTH or product.effort.steps < 0:
                product.multiply(tree, ex.neg(ONE) if inverted else ONE)
            case "neg":
                product.coefficient = product.coefficient.times(Exact(Fraction(-1)))
                waiting.append((tree.args[0], inverted, depth + 1))
            case "*" if not any(arg.kind == "*" for arg in tree.args):
                waiting.extend((arg, inverted, depth + 1) for arg in reversed(tree.args))
            case "/":
                waiting.extend([(tree.args[1], not inverted, depth + 1), (tree.args[0], inverted, depth + 1)])
            case "^":
                _take_power(product, *tree.args, invert=inverted, depth=depth + 1)
            case "call" if tree.text == "sqrt":
                _take_power(product, tree.args[0], _rational(_HALF), invert=inverted, depth=depth + 1)
            case _:
                product.multiply(tree, ex.neg(ONE) if inverted else ONE)


def _take_power(product: _Product, base: Tree, exponent: Tree, *, invert: bool, depth: int = 0) -> None:
    wanted, known = exact(exponent), exact(base)
    if wanted is None:
        if invert:
            exponent = _multiple(exponent, Fraction(-1), product, depth)
        product.multiply(base, exponent)
        return
    value = -wanted.value if invert else wanted.value
    if value.denominator == 1 and (known is None or known.value or value > 0):
        if not value:
            return
        if known is not None and known.bits * abs(value.numerator) <= MAX_BITS:
            product.scale(Exact(known.value**value.numerator, known.decimal))
            return
        if base.kind in ("*", "/", "neg", "^") or (base.kind == "call" and base.text == "sqrt"):
            inside = _Product(effort=product.effort, depth=depth)
            _take(inside, base, invert=False)
            short = inside.coefficient.bits * abs(value.numerator) <= MAX_BITS
            if short and (inside.coefficient.value or value > 0) and _whole(inside.powers, value):
                product.scale(Exact(inside.coefficient.value**value.numerator, inside.coefficient.decimal))
                for part, inner in inside.powers.items():
                    _take_whole(product, part, _multiple(inner, value, product, depth), depth + 1)
                return
    product.multiply(base, _rational(Exact(value, wanted.decimal)))


def _multiple(exponent: Tree, by: Fraction, product: _Product, depth: int) -> Tree:
    """An exponent times a number; it shares the effort of the product that it belongs to, and goes no deeper."""
    known = exact(exponent)
    if known is not None:
        return _rational(known.times(Exact(by)))
    scaled = _Product(Exact(by), effort=product.effort, depth=depth + 1)
    _take(scaled, exponent, invert=False)
    return _built(scaled)


def _take_whole(product: _Product, base: Tree, exponent: Tree, depth: int) -> None:
    """Multiplies by a power; the square of √(2π) is 2π, whose factors are taken one by one."""
    value = exact(exponent)
    if base.kind == "*" and depth <= MAX_DEPTH and value is not None and abs(value.value) == 1:
        _take(product, base, invert=value.value < 0)
    else:
        product.multiply(base, exponent)


def _whole(powers: dict[Tree, Tree], by: Fraction) -> bool:
    """Whether a power of a product is the product of the powers: exponents that are no sums, nor long numbers."""
    found = {exponent: exact(exponent) for exponent in powers.values() if exponent.kind != "+"}
    short = all(value is None or value.bits < 64 for value in found.values())
    return by.numerator.bit_length() < 64 and short and all(exponent in found for exponent in powers.values())


@lru_cache(maxsize=1024)
def _rational(value: Exact) -> Tree:
    """The number as a tree: an integer, a fraction, or a decimal where a decimal was typed and stays short."""
    size, decimal = abs(value.value), value.decimal
    tree = _decimal(size) if decimal else None
    if tree is None:
        tree = _integer(size.numerator)
        if size.denominator != 1:
            tree = ex.div(tree, _integer(size.denominator))
    return ex.neg(tree) if value.value < 0 else tree


def _integer(value: int) -> Tree:
    """An integer; a large round one with a power of ten, 1e24."""
    is_round = value >= 10**15 and value % 10**12 == 0
    return (_decimal(Fraction(value)) if is_round else None) or ex.number(value, _integer_text(value))


_DIGITS: Final = 24
"""How many digits a decimal may have."""


def _decimal(size: Fraction) -> Tree | None:
    """The decimal with few digits that the number is, if it is one; 6.674e-11 where it is large or small."""
    exponent = _decimal_places(size)
    if exponent is None or (size.denominator == 1 and size < 10**15):
        return None
    digits = str(int(size * Fraction(10) ** exponent)) if exponent < 5000 else ""
    short = digits.rstrip("0")
    if not short or len(short) > _DIGITS:
        return None
    point = len(digits) - exponent
    if -4 < point <= 15 and exponent <= 12:
        text = f"{digits[:point]}.{digits[point:]}" if point > 0 else "0." + "0" * -point + digits
    else:
        text = f"{short[0]}.{short[1:]}".rstrip(".") + f"e{point - 1}"
    return ex.number(size, text)


def _decimal_places(size: Fraction) -> int | None:
    """How many places a number has behind its point, None for one that is no decimal."""
    rest, twos, fives = size.denominator, 0, 0
    if rest.bit_length() > MAX_BITS:
        return None
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None


def _rank(base: Tree) -> int:
    """Numbers, names, functions, sums: the order in which the factors of a product are written."""
    while base.kind == "^":
        base = base.args[0]
    match base.kind:
        case "number":
            return 0
        case "slot" if base.value == OWN:
            return 3
        case "slot" | "pi" | "*":  # a product inside a product is one that was long enough
            return 1
        case "call":
            return 2
        case _:
            return 3


def _built(product: _Product) -> Tree:
    """The product as a tree: a sign, the number, then the factors; negative powers below the line."""
    coefficient = product.coefficient
    if not coefficient.value:
        return ZERO
    above: list[tuple[Tree, Tree]] = []
    below: list[tuple[Tree, Tree]] = []
    for base, exponent in product.powers.items():
        value = None if exponent is ONE else exact(exponent)  # most are 1
        if value is not None and value.value < 0:
            below.append((base, _rational(Exact(-value.value, value.decimal))))
        else:
            above.append((base, exponent))
    number = ONE if abs(coefficient.value) == 1 else _rational(Exact(abs(coefficient.value), coefficient.decimal))
    if number.kind == "/":
        tops, bottoms = number.args[:1], number.args[1:]
    else:
        tops, bottoms = (number,), ()
    top = _joined(tops, above)
    tree = ex.div(top, _joined(bottoms, below)) if bottoms or below else top
    return ex.neg(tree) if coefficient.value < 0 else tree


def _joined(numbers: tuple[Tree, ...], powers: list[tuple[Tree, Tree]]) -> Tree:
    factors = [tree for tree in numbers if tree is not ONE]
    roots = [base for base, exponent in powers if _is_half(exponent) and base.kind in ("number", "pi")]
    if len(roots) > 1:  # of positive numbers the product of the roots is the root of the product
        powers = [(base, exponent) for base, exponent in powers if base not in roots]
        powers.insert(0, (ex.mul(*sorted(roots, key=lambda base: base.kind == "pi")), _rational(_HALF)))
    factors += [_power(base, exponent) for base, exponent in sorted(powers, key=lambda pair: _rank(pair[0]))]
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else ex.mul(*factors)


def _is_half(exponent: Tree) -> bool:
    value = None if exponent is ONE else exact(exponent)
    return value is not None and value.value == _HALF.value


def _power(base: Tree, exponent: Tree) -> Tree:
    if exponent is ONE:
        return base
    value = exact(exponent)
    if value is not None and value.value == 1:
        return base
    if _is_half(exponent):
        return ex.call("sqrt", base)
    return ex.power(base, exponent)
