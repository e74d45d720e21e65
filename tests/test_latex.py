"""LaTeX: every piece of notation, whatever a spec may contain, and documents that pdflatex takes without a word."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Need
from hypothesis import given
from hypothesis import strategies as st

from pathdiff.explain import Explanation, explain
from pathdiff.functions import TABLE, Function
from pathdiff.grammar import NAME_PATTERN
from pathdiff.names import Symbols
from pathdiff.notation import Brackets, Elided, Number, Raised, Row, Sign, Term
from pathdiff.reader import read_constant
from pathdiff.render import latex
from pathdiff.render.latex.letters import letters, text
from pathdiff.render.latex.lines import broken
from pathdiff.render.latex.math import Differential, Hand, box
from pathdiff.render.text import line
from pathdiff.typesetting import definition, expression_math
from pathdiff.verify import Check, Counterexample, Verdict

GRAPHS = sorted((Path(__file__).parents[1] / "graphs").glob("*.yaml"))
STYLES: tuple[Differential, ...] = ("partial", "d", "upright-d")


def inline(spec: str, *wrt: str) -> Explanation:
    return explain(spec, inline=True, wrt=wrt)


def of_file(path: Path) -> Explanation:
    return explain(path.read_text(encoding="utf-8"), path.name)


def entitled(title: str) -> Explanation:
    """An explanation with this title and in its verdict this text."""
    found = inline("s = a*x; p = sin(s)", "a")
    check = Check("forms", "refuted", title, counterexample=Counterexample(title, title, title, {"a": title}))
    return replace(found, spec=replace(found.spec, title=title), verdicts=(Verdict("refuted", (check,)),))


# Mathematics.


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("2*x*y", r"2 x y"),
        ("a*2", r"a \cdot 2"),
        ("x*(y - 1)", r"x (y - 1)"),
        ("x*(-y)", r"x (-y)"),
        ("-x", r"-x"),
        ("x - (y - z)", r"x - (y - z)"),
        ("pi*x", r"\pi x"),
        # Fractions, and brackets that grow with them.
        ("(x + y)/(x - y)", r"\frac{x + y}{x - y}"),
        ("x/2*y", r"\frac{x}{2} \cdot y"),
        ("(x/y)^2", r"\left(\frac{x}{y}\right)^{2}"),
        ("sigmoid(x/y)", r"\sigma\left(\frac{x}{y}\right)"),
        ("1/(1 + exp(-x))", r"\frac{1}{1 + \exp(-x)}"),
        # A fraction in a fraction is small, unless it is long.
        ("(a/b + 1)/c", r"\frac{\frac{a}{b} + 1}{c}"),
        ("(a*b*c*d*g/f + 1)/c", r"\frac{\displaystyle \frac{a b c d g}{f} + 1}{c}"),
        # Powers.
        ("x1^2", r"x_{1}^{2}"),
        ("-x^2", r"-x^{2}"),
        ("(-x)^2", r"(-x)^{2}"),
        ("(x + 1)^2", r"(x + 1)^{2}"),
        ("2^3^x", r"2^{3^{x}}"),
        ("x^(n - 1)", r"x^{n - 1}"),
        ("e^(-x^2/2)", r"e^{-x^{2}/2}"),
        ("e^((a + b)/(c*d))", r"e^{(a + b)/(c d)}"),
        ("sin(x)^2", r"\sin^{2}(x)"),
        ("sin(x)^n", r"\sin(x)^{n}"),
        ("exp(x)^2", r"\exp(x)^{2}"),
        # Roots, bars, functions.
        ("sqrt(x + 1)", r"\sqrt{x + 1}"),
        ("cbrt(x)", r"\sqrt[3]{x}"),
        ("x*sqrt(y)*z", r"x \, \sqrt{y} \, z"),
        ("abs(x)", r"\lvert x \rvert"),
        ("abs(x/y)", r"\left\lvert \frac{x}{y} \right\rvert"),
        ("ln(x)", r"\ln(x)"),
        ("log10(x)", r"\log_{10}(x)"),
        ("relu(x)", r"\operatorname{relu}(x)"),
        ("heaviside(x)", r"\operatorname{H}(x)"),
        ("atan2(y, x)", r"\operatorname{atan2}(y, x)"),
        ("max(x, y, 2)", r"\max(x, y, 2)"),
        # Numbers as they were typed.
        ("2.50*x", r"2.50 x"),
        ("1e-5*x", r"10^{-5} x"),
        ("2.5E+3*x", r"2.5 \cdot 10^{3} x"),
        ("1e5^2*x", r"(10^{5})^{2} x"),
        # Words keep their distance.
        ("loss*rate", r"\mathrm{loss} \, \mathrm{rate}"),
        ("2*loss", r"2 \, \mathrm{loss}"),
    ],
)
def test_expressions(expression: str, expected: str) -> None:
    node = inline(f"result = {expression}").spec.nodes["result"]
    assert node.written is not None
    assert latex.math(expression_math(node.written, Symbols(node.arguments))) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("h1", "h_{1}"),
        ("w12", "w_{12}"),
        ("z_1_2", "z_{1,2}"),
        ("x₁", "x_{1}"),
        ("alpha", r"\alpha"),
        ("α1", r"\alpha_{1}"),
        ("lambda", r"\lambda"),
        ("Omega", r"\Omega"),
        ("epsilon", r"\epsilon"),
        # TeX has no command for a Greek letter that looks like a Latin one.
        ("omicron", "o"),
        ("Alpha", r"\mathrm{A}"),
        ("Τ", r"\mathrm{T}"),
        ("ς", r"\varsigma"),
        ("µ", r"\mu"),
        ("ℓ", r"\ell"),
        ("loss", r"\mathrm{loss}"),
        ("h_prev", r"h_{\mathrm{prev}}"),
        ("w_alpha", r"w_{\alpha}"),
        ("_x", r"\mathrm{\_x}"),
        ("x__1", r"\mathrm{x\_\_1}"),
        ("f′", "{f'}"),
        ("f′′_1", "{f''}_{1}"),
        ("x̂", r"\hat{x}"),
        ("é", r"\acute{e}"),
        ("naïve", r"\mathrm{na\ddot{\imath}ve}"),
        ("ế", r"\acute{\hat{e}}"),
        ("ß", r"\text{\ss}"),
        ("łódź", r"\mathrm{\text{\l}\acute{o}d\acute{z}}"),
        ("ж", r"\texttt{U+0436}"),
        ("数2", r"\texttt{U+6570}_{2}"),
        ("x̧", r"\texttt{U+0078}\texttt{U+0327}"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert latex.math(Symbols([name])[name]) == expected


def test_names_that_would_look_the_same_stay_as_they_were_typed() -> None:
    symbols = Symbols(["alpha", "α", "h1", "h_1", "h₁", "a₁₂b"])
    assert [latex.math(symbols[name]) for name in ("alpha", "α", "h1", "h_1", "h₁", "a₁₂b")] == [
        r"\mathrm{alpha}",
        r"\alpha",
        r"\mathrm{h1}",
        r"\mathrm{h\_1}",
        r"\mathrm{h_{1}}",
        r"\mathrm{a_{12}b}",
    ]


def test_what_is_too_long_is_said_to_be() -> None:
    assert latex.math(Elided(1234)) == r"\langle\text{a formula of 1234 symbols}\rangle"
    assert latex.math(Elided(0)) == r"\langle\text{a formula too deep to be read}\rangle"


def test_a_users_function_is_written_by_its_name() -> None:
    spec = "functions: {log(t): t**2, Phi(t): t, sq_2(t): t*t}\nnodes: {p: log(x) + Phi(x) + sq_2(x)}"
    written = latex.fragment(explain(spec))
    assert r"p &= \operatorname{log}(x) + \Phi(x) + \operatorname{sq}_{2}(x)" in written
    assert r"\operatorname{log}(t) &= t^{2}" in written


def test_a_users_function_that_is_called_in_another_one_is_written_by_its_name() -> None:
    written = latex.fragment(explain("functions: {sqrt(x): x + 1, g(x): sqrt(x)*2}\nnodes: {p: g(y)}"))
    assert r"g(x) &= \operatorname{sqrt}(x) \cdot 2" in written


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_function_is_written_as_its_row_says(row: Function) -> None:
    arguments = ", ".join("abc"[: len(row.parameters) or 3])
    node = inline(f"result = {row.name}({arguments})").spec.nodes["result"]
    assert node.written is not None
    math = expression_math(node.written, Symbols(node.arguments))
    if row.shape == "call":
        operator = row.latex or rf"\operatorname{{{row.name}}}"
        assert latex.math(math) == f"{operator}({arguments})"
        assert line(math) == f"{row.sign or row.name}({arguments})"
    else:
        wanted = {
            "root": (r"\sqrt{a}", "√a"),
            "cube root": (r"\sqrt[3]{a}", "∛a"),
            "bars": (r"\lvert a \rvert", "|a|"),
        }
        assert (latex.math(math), line(math)) == wanted[row.shape]


# Derivatives.


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("partial", r"\frac{\partial p}{\partial x} = \frac{\partial p}{\partial x}"),
        ("d", r"\frac{d p}{d x} = \frac{d p}{d x}"),
        ("upright-d", r"\frac{\mathrm{d} p}{\mathrm{d} x} = \frac{\mathrm{d} p}{\mathrm{d} x}"),
    ],
)
def test_the_sign_of_a_derivative(style: Differential, expected: str) -> None:
    found = inline("p = sin(x)")
    assert latex.formula(found.derivations[0], Symbols(found.computation), style) == expected


TOTAL_AND_LABEL = r"\frac{d p}{d x} = \frac{\partial p}{\partial x} + "


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("partial", TOTAL_AND_LABEL + r"\frac{\partial p}{\partial z} \frac{\partial z}{\partial x}"),
        ("d", TOTAL_AND_LABEL + r"\frac{d p}{d z} \frac{d z}{d x}"),
    ],
)
def test_a_skip_connection_tells_the_total_derivative_from_the_label(style: Differential, expected: str) -> None:
    found = inline("z = x^2; p = z + x")
    assert latex.formula(found.derivations[0], Symbols(found.computation), style) == expected


def test_a_derivative_of_a_word() -> None:
    found = inline("loss = x^2")
    assert latex.formula(found.derivations[0], Symbols(found.computation)) == (
        r"\frac{\partial \,\mathrm{loss}}{\partial x} = \frac{\partial \,\mathrm{loss}}{\partial x}"
    )


def test_no_path_and_the_node_itself() -> None:
    found = explain("nodes: {p: x**2, q: y**2}", of=["p"], wrt=["y", "p"])
    written = [latex.formula(each, Symbols(found.computation)) for each in found.derivations]
    assert written == [r"\frac{\partial p}{\partial y} = 0", r"\frac{\partial p}{\partial p} = 1"]
    assert "No path leads from $p$ to $y$: $p$ does not depend on it." in latex.fragment(found)


def ladder(height: int) -> str:
    """Two nodes on each level, each of which needs both below: 2**height paths."""
    levels = [("x", "y"), *((f"a{i}", f"b{i}") for i in range(height))]
    pairs = [(mine, below) for below, level in pairwise(levels) for mine in level]
    return "; ".join(
        [f"{mine} = {mine}({', '.join(below)})" for mine, below in pairs] + [f"p = p({', '.join(levels[-1])})"]
    )


def test_a_sum_that_is_too_long_ends_in_dots() -> None:
    found = inline(ladder(9), "x")
    written = latex.formula(found.derivations[0], Symbols(found.computation))
    assert found.derivations[0].path_sum.count == 512
    assert written.endswith(r" + \cdots")
    assert written.count(r"\frac") == 1 + 150


def test_a_product_that_is_too_long_is_said_to_be() -> None:
    found = inline("; ".join(["v0 = sin(x)", *(f"v{i} = sin(v{i - 1})" for i in range(1, 300))]))
    assert latex.formula(found.derivations[0], Symbols(found.computation)) == (
        r"\frac{\partial v_{299}}{\partial x} = \langle\text{a formula of 300 symbols}\rangle"
    )


# Lines.


def sum_of(terms: Iterable[str]) -> Row:
    names = Symbols(())
    return Row(tuple(item for term in terms for item in (Sign("+"), names[term]))[1:])


def test_a_sum_breaks_between_its_terms_into_lines_of_about_the_same_length() -> None:
    terms = [f"x{i}" for i in range(1, 9)]
    assert broken(sum_of(terms), Hand(), 12, 12) == [
        "x_{1} + x_{2} + x_{3} + x_{4}",
        r"\quad + x_{5} + x_{6} + x_{7} + x_{8}",
    ]


def test_a_term_that_is_longer_than_a_line_breaks_between_its_factors() -> None:
    factors = Row(tuple(item for _ in range(9) for item in (Sign("·"), Number("12345")))[1:])
    assert broken(Row((Number("1"), Sign("+"), factors)), Hand(), 14, 14) == [
        "1",
        r"\quad + 12345 \cdot 12345 \cdot 12345",
        r"\quad\quad \cdot 12345 \cdot 12345 \cdot 12345",
        r"\quad\quad \cdot 12345 \cdot 12345 \cdot 12345",
    ]


def test_a_bracket_that_is_longer_than_a_line_has_lines_in_itself() -> None:
    bracket = Brackets(sum_of(f"x{i}" for i in range(1, 9)))
    lines = r"&x_{1} + x_{2} + x_{3} + x_{4} + x_{5} \\ &\quad + x_{6} + x_{7} + x_{8}"
    assert broken(bracket, Hand(), 14, 14) == [rf"\left(\begin{{aligned}}{lines}\end{{aligned}}\right)"]
    assert broken(Raised(bracket, Number("2")), Hand(), 14, 14)[0].startswith(r"\bigl( x_{1}")


def test_the_number_of_its_path_stands_below_a_term() -> None:
    assert box(Term(3, Symbols(())["x"]), Hand(marks=True)).source == r"\underbrace{x}_{(3)}"


# Texts.


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("}\\write18{rm -rf ~}{", r"\}\textbackslash{}write18\{rm -rf \textasciitilde{}\}\{"),
        ("100 % of #1 & $x_1^2$", r"100 \% of \#1 \& $\mathdollar$x\_1\textasciicircum{}2$\mathdollar$"),
        ("[3pt] <b>|</b>", "{[}3pt{]} $<$b$>|<$/b$>$"),
        ("one\nline\tonly\u2028here", "one line only here"),
        ("--of ''x'' ?` !`", "-{}-of '{}'x'{}' ?{}` !{}`"),
        ("∂p/∂x₁ − 2·10⁵ ≈ π ✓", r"$\partial$p/$\partial$x$_{1}$ $-$ 2$\cdot$10$^{5}$ $\approx$ $\pi$ $\surd$"),
        ("naïve café Ångström", r"na\"{\i}ve caf\'{e} \r{A}ngstr\"{o}m"),
        ("Nguyễn, Weiß", r"Nguy$\tilde{\hat{\mathrm{e}}}$n, Wei{\ss}"),
        ("\x1b[31m\x00\u202e", r"\texttt{U+001B}{[}31m\texttt{U+0000}\texttt{U+202E}"),
        ("数 🎉", r"\texttt{U+6570} \texttt{U+1F389}"),
    ],
)
def test_texts(told: str, expected: str) -> None:
    assert text(told) == expected


# Every command that `text` and `letters` may make: signs, letters, accents; none that reads, writes or defines.
COMMANDS = frozenset(
    re.findall(
        r"\S+",
        r"""
    textbackslash textasciicircum textasciitilde textendash textemdash textquotedblleft textquotedblright texttt text
    mathdollar mathsection mathrm dots cdot times div pm partial surd leq geq neq approx infty in to leftarrow mapsto
    sum prod circ ss ae AE oe OE o O l L i j imath jmath ell hbar
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    varepsilon varphi vartheta varsigma varrho varpi
    grave acute hat tilde bar breve dot ddot mathring check overline underline u r v b
    { } & # % _ , ` ' ^ ~ = . "
        """,
    )
)


def assert_harmless(source: str) -> None:
    assert source.isascii()
    assert "\n" not in source
    assert set(re.findall(r"\\([A-Za-z]+|.)", source)) <= COMMANDS
    plain = re.sub(r"\\.", "", source)
    assert not re.search(r"[&#%~]", plain.replace("~", ""))
    depth = 0
    for brace in re.findall(r"[{}]", plain):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert plain.count("$") % 2 == 0


TEX = st.sampled_from([*"\\{}$&#%_^~[]`'\"-\n", "\\input", "^^5c", "\\end{document}", "\u0301", "é", "₁", "−"])


@given(st.lists(st.one_of(TEX, st.text(max_size=3)), max_size=12).map("".join))
def test_no_text_is_a_command(told: str) -> None:
    assert_harmless(text(told))


@given(st.from_regex(NAME_PATTERN, fullmatch=True))
def test_no_name_is_a_command(told: str) -> None:
    assert_harmless(letters(told).source)
    assert_harmless(latex.math(Symbols([told])[told]))


def test_a_title_changes_nothing_but_the_heading_and_what_quotes_it() -> None:
    hostile = "}\\input{/etc/passwd}\\end{document}%$#&\n\\newpage^^5c"
    safe = latex.document(entitled("T"))
    assert latex.document(entitled(hostile)) == re.sub(r"(?<![A-Za-z])T(?![A-Za-z])", lambda _: text(hostile), safe)


# Whole outputs.


DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath}
\begin{document}
\begingroup
\allowdisplaybreaks
\setlength{\jot}{6pt}
\setlength{\nulldelimiterspace}{2pt}
\sloppy
\section*{\raggedright Two paths}
\paragraph{Function} of the input $x$:
\begin{alignat*}{2}
  z &= x^{2} &\qquad p &= z + x
\end{alignat*}
at the point $x = 1/3$, so $z \approx 0.111111$, $p \approx 0.444444$.
\paragraph{Computation graph:} $x$~$\to$~$z$, $p$; $z$~$\to$~$p$.
\paragraph{Derivative graph:} every arrow reversed, and on each a partial derivative:
\begin{alignat*}{2}
  p \to z &\colon\quad \frac{\partial p}{\partial z} = 1 &\qquad z \to x &\colon\quad \frac{\partial z}{\partial x} = 2 x \\*
  p \to x &\colon\quad \frac{\partial p}{\partial x} = 1 &\qquad &
\end{alignat*}
\subsection*{\raggedright The derivative of $p$ with respect to $x$}
\paragraph{Paths:} 2 from $p$ to $x$:
\begin{alignat*}{2}
  (1) &\quad p \to x &\qquad (2) &\quad p \to z \to x
\end{alignat*}
\paragraph{Sum over paths:}
\begin{align*}
  \frac{d p}{d x} &= \underbrace{\frac{\partial p}{\partial x}}_{(1)} + \underbrace{\frac{\partial p}{\partial z} \frac{\partial z}{\partial x}}_{(2)} \\
  &= 1 + 1 \cdot 2 x \\
  &\approx 1 + 1 \cdot 2 \cdot 0.333333 \\*
  &\approx 1.66667
\end{align*}
\paragraph{In node names:}
\begin{align*}
  \frac{d p}{d x} &= 1 + 2 x
\end{align*}
\paragraph{Reverse mode} from $p$ on: each line needs only lines before it, and each label is multiplied by once:
\begin{alignat*}{2}
  \text{2:} &\quad& \frac{\partial p}{\partial z} & \\*
  \text{1:} &\quad& \frac{d p}{d x} &= \frac{\partial p}{\partial x} + \frac{\partial p}{\partial z} \frac{\partial z}{\partial x}
\end{alignat*}
\paragraph{Forward mode} from $x$ on: each line needs only lines before it:
\begin{alignat*}{2}
  \text{1:} &\quad& \frac{\partial z}{\partial x} & \\*
  \text{2:} &\quad& \frac{d p}{d x} &= \frac{\partial p}{\partial z} \frac{\partial z}{\partial x} + \frac{\partial p}{\partial x}
\end{alignat*}
Substituted back:
\begin{align*}
  \frac{d p}{d x} &= \frac{\partial p}{\partial z} \frac{\partial z}{\partial x} + \frac{\partial p}{\partial x}
\end{align*}
\paragraph{Agreement:}
\begin{itemize}
\item Proved: both forms are one polynomial in the labels
\item \textbf{Refuted}: the value differs
the derivation differs, at x = 1: the derivation has 2, right is 3
\end{itemize}
\paragraph{Cost:} path sum 1 multiplication and 1 addition; reverse mode 1 and 1; forward mode 1 and 1.
\par
\endgroup
\end{document}
"""  # noqa: E501 lines of a document are as long as their formulas


def test_a_document() -> None:
    found = explain("title: Two paths\nnodes:\n  z: x**2\n  p: z + x\nat: {x: 1/3}")
    checks = (
        Check("forms", "proved", "both forms are one polynomial in the labels"),
        Check("whole", "refuted", "the value differs",
              counterexample=Counterexample("the derivation differs", "2", "3", {"x": "1"})),
    )  # fmt: skip
    found = replace(found, verdicts=(Verdict("refuted", checks),))
    assert latex.document(found) == DOCUMENT


def test_a_fragment_is_the_body_of_the_document_after_a_word_on_its_use() -> None:
    found = inline("p = sin(x)")
    head = "% Made by pathdiff. To be put into a document by \\input; its preamble needs\n% \\usepackage{amsmath}\n"
    fragment = latex.fragment(found)
    assert fragment.startswith(head)
    body = fragment[fragment.index(r"\begingroup") :]
    assert latex.document(found) == (
        "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n" + body + "\\end{document}\n"
    )


# Pages.


def log_of(pdflatex: str, source: str, folder: Path) -> str:
    """What pdflatex says about a document. It may run no other program, and it stops at the first error."""
    (folder / "page.tex").write_text(source, encoding="ascii")
    options = ["-no-shell-escape", "-halt-on-error", "-interaction=batchmode"]
    done = subprocess.run([pdflatex, *options, "page.tex"], cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "page.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    return log


def complaints(log: str) -> list[str]:
    return re.findall(r".*(?:Overfull|Undefined|undefined|LaTeX Warning).*", log)


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_the_document_of_every_graph_compiles_with_no_line_too_long(path: Path, need: Need, tmp_path: Path) -> None:
    assert complaints(log_of(need("pdflatex"), latex.document(of_file(path)), tmp_path)) == []


def test_fragments_in_every_style_compile_in_a_document_with_amsmath_only(need: Need, tmp_path: Path) -> None:
    names = []
    for number, (path, style) in enumerate((path, style) for path in GRAPHS for style in STYLES[1:]):
        (tmp_path / f"part{number}.tex").write_text(latex.fragment(of_file(path), style), encoding="ascii")
        names.append(f"part{number}")
    body = "\n".join(rf"\input{{{name}}}" for name in names)
    source = f"\\documentclass{{article}}\n\\usepackage{{amsmath}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    assert complaints(log_of(need("pdflatex"), source, tmp_path)) == []


HOSTILE = [
    r"\input{/etc/passwd}",
    "}\\immediate\\write18{touch pwned}{",
    "% # $ & _ ^ ~ \\",
    r"\end{document} ^^5cinput x ^^M",
    "[3pt] \\\\ *\\\\[3pt] `` '' -- ?` \x00\x1b[2J\u202e",
    "∂p/∂x₁ − ✓ 10² é ř ế ø ı ß 数 данные 🎉",
]
LETTERS = [chr(code) for code in range(0x80, 0x3100) if re.fullmatch(NAME_PATTERN, chr(code))]


def test_hostile_texts_and_names_compile(need: Need, tmp_path: Path) -> None:
    parts = [latex.fragment(entitled(title)) for title in HOSTILE]
    names = ["input", "end", "write18", "relax", "x_", "_", "f′_1", "a₁₂b", "café", "łódź", "数据", "x̂", "x̸", *LETTERS]
    chunks = [names[start : start + 100] for start in range(0, len(names), 100)]
    symbols = Symbols(names)
    math = [", ".join(f"${latex.math(Raised(symbols[name], Number('2')))}$" for name in chunk) for chunk in chunks]
    source = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
    source += "\n\n".join([*parts, *math]) + "\n\\end{document}\n"
    log = log_of(need("pdflatex"), source, tmp_path)
    assert re.findall(r".*(?:Undefined|undefined).*", log) == []
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".aux", ".log", ".pdf", ".tex"]


def test_a_kink_at_the_point_is_said() -> None:
    told = explain("p = relu(x)*y", inline=True, at={"x": read_constant("0", "x"), "y": read_constant("2", "y")})
    assert "\nrelu(x) at its kink in p: the mean of the two one-sided derivatives is taken.\n" in latex.fragment(told)


def test_a_small_value_is_not_taken_for_rounding() -> None:
    told = latex.fragment(explain("nodes: {a: x, b: -x*(1 - 1e-25), p: a + b}\nat: {x: 1}"), trace=True)
    loop, _, rest = told.partition(r"\paragraph{Sum over paths:}")
    assert [text.count("&= 10^{-25}\n") for text in (loop, rest.partition(r"\paragraph")[0])] == [1, 1]


def test_which_paths_share_a_tail_is_said() -> None:
    told = latex.fragment(explain("z = a*x; w = b*x; h = z*w; p = h + z", inline=True, wrt=["x"]))
    assert "\n\\paragraph{Factoring:} $(1) + (2)$ share their tail $\\partial z/\\partial x$; " in told


def test_an_abstract_node_of_many_arguments_has_its_ends() -> None:
    node = inline("p = p(" + ", ".join(f"x{i}" for i in range(1, 10)) + ")").spec.nodes["p"]
    left, right = definition(node, Symbols(node.arguments))
    assert (latex.math(left), latex.math(right)) == ("p", r"p(x_{1}, x_{2}, \dots, x_{9})")


def test_the_loop_running() -> None:
    told = latex.fragment(explain("z = x*y; p = sin(z) + x", inline=True, wrt=["x"]), trace=True)
    start = told.index(r"\paragraph{The loop:}")
    assert told[start : told.index(r"\paragraph{Sum over paths:}")] == (
        r"""\paragraph{The loop:} the sum is 0 at first; as long as a path is unvisited, its product is added.
Path (1) is found: $p \to x$.
\begin{align*}
  \text{product} &= \frac{\partial p}{\partial x} \\*
  &= 1
\end{align*}
\begin{align*}
  \text{sum so far} &= \frac{\partial p}{\partial x}
\end{align*}
Path (2) is found: $p \to z \to x$.
\begin{align*}
  \text{product} &= \frac{\partial p}{\partial z} \frac{\partial z}{\partial x} \\*
  &= \cos(z) \cdot y
\end{align*}
\begin{align*}
  \text{sum so far} &= \frac{\partial p}{\partial x} + \frac{\partial p}{\partial z} \frac{\partial z}{\partial x}
\end{align*}
No path is left unvisited.
"""
    )
