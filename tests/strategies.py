"""Expressions and specs for property tests: any that can be written, and tame ones, smooth and small everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import strategies as st

from pathdiff import expression as ex
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN
from pathdiff.source import normal_form

# Words that mean something to Python, SymPy or YAML, and letters from elsewhere: to a spec, all are names.
PLAIN_NAMES = (
    "x", "y", "z", "e", "E", "I", "S", "N", "Q", "O", "lambda", "class", "def", "beta", "gamma", "zeta", "on", "off",
    "no", "yes", "true", "null", "x1", "x_1", "x₁", "h12", "w_ij", "_", "__import__", "α", "λ", "θ₂",
    "ñandú", "é", "e\u0301", "变量", "x′", "exp", "sin", "max", "d",
)  # fmt: skip


def names() -> st.SearchStrategy[str]:
    """Names of nodes and independents."""
    first, later = st.sampled_from("aZ_éλ变𝛼"), st.text(st.sampled_from("bQ_1₂9σ′\u0301ж"), max_size=4)
    return (st.sampled_from(PLAIN_NAMES) | st.builds(str.__add__, first, later)).map(normal_form)


def numbers() -> st.SearchStrategy[Tree]:
    """Numbers as typed: integers and decimals in each form."""
    whole = st.integers(0, 10**12).map(str)
    short = st.integers(0, 9999).map(str)
    decimal = st.one_of(
        whole,
        st.builds("{}.{}".format, short, short),
        st.builds("{}.".format, short),
        st.builds(".{}".format, short),
        st.builds("{}e{}".format, short, st.integers(-40, 40)),
        st.builds("{}.{}E{:+}".format, short, short, st.integers(-40, 40)),
    )
    return decimal.map(lambda text: ex.number(Fraction(text if text[-1] != "." else text + "0"), text))


@st.composite
def any_trees(draw: st.DrawFn, count: int = 3, most: int = 12) -> Tree:
    """Trees as the grammar makes them: every operation, every name of a function, no domain respected; parts shared."""
    leaves = numbers() | st.integers(0, count - 1).map(ex.slot) | st.just(ex.PI)
    made = [draw(leaves)]

    def part() -> Tree:
        return draw(leaves) if draw(st.booleans()) else draw(st.sampled_from(made[::-1]))

    def parts(least: int, largest: int) -> list[Tree]:
        return [part() for _ in range(draw(st.integers(least, largest)))]

    for _ in range(draw(st.integers(0, most))):
        match draw(st.sampled_from(["neg", "+", "*", "/", "^", "call"])):
            case "neg":
                made.append(ex.neg(part()))
            case "+":
                made.append(ex.add(*parts(2, 4)))
            case "*":
                made.append(ex.mul(*parts(2, 4)))
            case "/":
                made.append(ex.div(part(), part()))
            case "^":
                made.append(ex.power(part(), part()))
            case _:
                name = draw(st.sampled_from(sorted(KNOWN)))
                wanted = len(KNOWN[name].parameters)
                made.append(ex.call(name, *(parts(wanted, wanted) if wanted else parts(2, 4))))
    return made[-1]


def in_order_of_first_use(tree: Tree) -> Tree:
    """The same tree with its slots numbered as reading its text numbers them."""
    return ex.substitute(tree, {old: ex.slot(new) for new, old in enumerate(ex.slots_of(tree))})


def any_texts(arguments: tuple[str, ...], most: int = 12) -> st.SearchStrategy[str]:
    """Expressions in these names, or in some of them, as text."""
    trees = any_trees(len(arguments), most).map(in_order_of_first_use)
    return trees.map(lambda tree: str(Expression(tree, arguments)))


# Patterns that are smooth for all real arguments, and small where their arguments are.
TAME_PATTERNS = (
    "{0} + {1}", "{0} - {1}", "-{0}", "{0}*{1}", "{0}*{1}*{0}", "{0}**2", "{0}^3", "2*{0}", "{0}/3", "0.5*{0} - {1}/7",
    "{0}/(1 + {1}**2)", "sin({0})", "cos({0})", "tanh({0})", "atan({0})", "sigmoid({0})", "erf({0})",
    "exp(-{0}**2)", "exp(sin({0}))", "log(2 + {0}**2)", "log10(1 + {0}^2)", "sqrt(1 + {0}**2)", "hypot(1, {0})",
    "softplus({0})", "silu({0})", "gelu({0})", "asinh({0})", "1/cosh({0})", "sech({0})", "(2 + sin({0}))**{1}",
    "2**sin({0})", "(2 + cos({0}))**-2", "(1 + {0}**2)**0.5", "1/(2 + {0}**2)**(3/2)", "atan2({0}, 2 + {1}**2)",
    "cbrt(2 + {0}**2)", "tanh({0})**2*tanh({0})", "sin({0} + pi)", "log2(3 + cos({0}))*{1}", "({0} + {1})*({0} - {1})",
)  # fmt: skip


@st.composite
def tame_texts(draw: st.DrawFn, arguments: tuple[str, ...], most: int = 6) -> str:
    """Expressions in these names that are smooth wherever the names have real values, as text."""
    made = list(arguments)
    for _ in range(draw(st.integers(1, most))):
        pattern, first, second = draw(st.sampled_from(TAME_PATTERNS)), *(draw(st.sampled_from(made)) for _ in range(2))
        made.append(pattern.format(*(part if part in arguments else f"({part})" for part in (first, second))))
    return made[-1]


@dataclass(frozen=True)
class Drawn:
    """A spec as its parts, nodes in the order in which they need each other."""

    inputs: tuple[str, ...]
    nodes: dict[str, str]
    declared: bool

    def yaml(self, order: list[str] | None = None) -> str:
        """The spec as a file, its nodes in this order."""
        head = f"inputs: [{', '.join(self.inputs)}]\n" if self.declared else ""
        return head + "nodes:\n" + "".join(f"  {name}: {self.nodes[name]}\n" for name in order or self.nodes)

    def inline(self) -> str:
        return "; ".join(f"{name} = {text}" for name, text in self.nodes.items())


@st.composite
def specs(draw: st.DrawFn, most: int = 8, abstract: bool = True, tame: bool = True) -> Drawn:
    """Random graphs: each node uses inputs and nodes before it; some nodes are abstract."""
    known = draw(st.lists(names(), min_size=1, max_size=3, unique=True))
    inputs = tuple(known)
    nodes: dict[str, str] = {}
    for _ in range(draw(st.integers(1, most))):
        name = draw(names().filter(lambda name: name not in known))
        used = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        if abstract and draw(st.integers(0, 3)) == 0:
            nodes[name] = f"{name}({', '.join(used)})"
        else:
            text = draw(tame_texts(tuple(used), 4) if tame else any_texts(tuple(used), 6))
            nodes[name] = f"1*{text}" if text.startswith(f"{name}(") else text  # not an abstract node
        known.append(name)
    return Drawn(inputs, nodes, draw(st.booleans()))
