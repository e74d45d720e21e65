"""What Python gets of an explanation: its derivatives, each in every form, and their renderings.

>>> from pathdiff import parse
>>> found = parse("z = x*y; p = sin(z) + x").explain()
>>> found
<2 derivatives, agree>
>>> found[0]
<dp/dx: 2 paths, agree>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from pathdiff.derivation import Derivation, Gradient, Path, Sum, Sweep
from pathdiff.explain import Explanation, Ordered, explained
from pathdiff.expression import whole_text
from pathdiff.verify import Verdict
from pathdiff.verify.verdict import plural

if TYPE_CHECKING:
    from pathdiff.render.latex import Differential


class _Renderings:
    """The renderings of an explanation."""

    explanation: Explanation

    @property
    def verdict(self) -> str:
        """The worst of the derivatives' verdicts: "agree", "refuted" or "undecided"."""
        return self.explanation.verdict

    def text(self, width: int = 80) -> str:
        """What `pathdiff explain` prints, without colours."""
        from pathdiff.render.terminal import explanation_text

        return explanation_text(self.explanation, width)

    def latex(self, *, document: bool = False, notation: Differential = "partial") -> str:
        """LaTeX to be put into a document that loads amsmath, or a document of its own."""
        import pathdiff.render.latex as renderer

        return (renderer.document if document else renderer.fragment)(self.explanation, notation)

    def markdown(self, *, notation: Differential = "partial") -> str:
        """Markdown with mathematics between dollars and a Mermaid graph."""
        from pathdiff.render.markdown import markdown

        return markdown(self.explanation, notation)

    def html(self, *, notation: Differential = "partial") -> str:
        """A page to be played with, one file for a browser: what `pathdiff explain --format html` writes."""
        from pathdiff.exploration import explored
        from pathdiff.render.html import page

        return page(explored(self.explanation), notation)

    def record(self) -> dict[str, Any]:
        """What `pathdiff explain --format json` says."""
        from pathdiff.render.records import explanation_record

        return explanation_record(self.explanation)

    def __str__(self) -> str:
        return self.text()


class Explained(_Renderings, Sequence["Derivative"]):
    """The derivatives asked for, and their renderings as a whole."""

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self._pairs = [(each, place) for each in explanation.gradients for place in range(len(each.wrt))]

    @overload
    def __getitem__(self, index: int) -> Derivative: ...

    @overload
    def __getitem__(self, index: slice) -> list[Derivative]: ...

    def __getitem__(self, index: int | slice) -> Derivative | list[Derivative]:
        """One derivative in every form; of very many, which share a sweep, it is derived when asked for."""
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        gradient, place = self._pairs[index]
        asked = self.explanation
        if gradient.derivations:
            found = gradient.derivations[place]
            return Derivative(asked, found, asked.verdicts[asked.derivations.index(found)])
        alone = explained(asked.spec, [gradient.of], [gradient.wrt[place]], asked.point)
        return Derivative(alone, alone.derivations[0], alone.verdicts[0])

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def eliminations(self) -> tuple[Ordered, ...]:
        """The eliminations in the orders asked for, each with its verdict."""
        return self.explanation.orders

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the explanation with its mathematics typeset; where there is no such thing, a line."""
        return {"text/plain": repr(self), "text/markdown": self.markdown()}

    def __repr__(self) -> str:
        return f"<{plural(len(self), 'derivative')}, {self.verdict}>"


class Derivative(_Renderings):
    """One derivative in every form."""

    def __init__(self, explanation: Explanation, derivation: Derivation, verdict: Verdict) -> None:
        self.derivation = derivation
        self.agreement = verdict
        one = derivation.of, (derivation.wrt,), derivation.part, derivation.reverse, derivation.costs, (derivation,)
        self.explanation = replace(explanation, gradients=(Gradient(*one),), verdicts=(verdict,))

    @property
    def count(self) -> int:
        """How many paths lead from `of` to `wrt`."""
        return self.derivation.path_sum.count

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths, each a tuple of node names from `of` to `wrt`; the first thousand of them."""
        return self.derivation.path_sum.paths

    @property
    def path_sum(self) -> Sum:
        """The sum over these paths, in Leibniz form."""
        return self.derivation.path_sum.formula

    @property
    def reverse(self) -> Sweep:
        """Reverse mode in stages."""
        return self.derivation.reverse

    @property
    def forward(self) -> Sweep:
        """Forward mode in stages."""
        return self.derivation.forward

    @property
    def expression(self) -> str | None:
        """The derivative in node names, factored, in the spec's syntax.

        None where a label is abstract, and where the text would have more than a million characters.
        """
        return None if self.derivation.expression is None else whole_text(self.derivation.expression)

    @property
    def sympy(self) -> Any:
        """The same as a SymPy expression in real symbols; None where a label is abstract.

        Raises ValueError where SymPy would compute for too long.
        """
        from pathdiff.symbolic import to_sympy

        return None if self.derivation.expression is None else to_sympy(self.derivation.expression)

    @property
    def value(self) -> float | None:
        """The derivative at the point; None without one."""
        numbers = self.derivation.numbers
        return None if numbers is None else float(numbers.result)

    def _repr_latex_(self) -> str:
        from pathdiff.names import Symbols
        from pathdiff.render.latex import formula

        return f"$\\displaystyle {formula(self.derivation, Symbols(self.explanation.computation))}$"

    def __repr__(self) -> str:
        return f"<d{self.derivation.of}/d{self.derivation.wrt}: {plural(self.count, 'path')}, {self.verdict}>"
