"""The explorer in a real Chromium: every interaction, the numbers against Python's, both schemes, axe-core."""

from __future__ import annotations

import json
import math
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any, Final

import mpmath
import networkx as nx
import pytest
from conftest import path_of
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select
from strategies import TAME_PATTERNS

import pathdiff
from pathdiff.diagnostics import InputError
from pathdiff.drawing import drawn
from pathdiff.functions import ARRAYS_ONLY, TABLE
from pathdiff.reader import read_constant

GRAPHS = Path(__file__).parents[1] / "graphs"
CONCRETE = [path for path in sorted(GRAPHS.glob("*.yaml")) if not re.search(r"(\w+): \1\(", path.read_text("utf-8"))]
FLAGS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Browser:
    """A Chromium that opens pages from files, and remembers what they asked for and complained of."""

    def __init__(self, driver: webdriver.Chrome, folder: Path) -> None:
        self.driver = driver
        self.folder = folder
        self.made: dict[str, Path] = {}

    def open(
        self, name: str, width: int = 1280, scheme: str = "light", spec: str = "", orders: tuple[str, ...] = ()
    ) -> None:
        """Opens the page of a spec in graphs/, or of another one, in a window of that width."""
        made = "-".join((name, *orders))
        if made not in self.made:
            model = pathdiff.loads(spec) if spec else pathdiff.load(GRAPHS / f"{name}.yaml")
            self.made[made] = self.folder / f"{made}.html"
            self.made[made].write_text(model.explain(orders=orders).html(), encoding="utf-8")
        self.forget()
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        self.driver.get(self.made[made].as_uri())

    def log(self, kind: str) -> list[dict[str, Any]]:
        """What a log has got since it was last read."""
        found: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return found

    def forget(self) -> None:
        self.log("browser")
        self.log("performance")

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.log("browser")]

    def requests(self) -> list[str]:
        """The addresses of everything that was asked for, but not by the browser's own first page."""
        messages = (json.loads(entry["message"])["message"] for entry in self.log("performance"))
        sent = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
        return [each["request"]["url"] for each in sent if not each["documentURL"].startswith("chrome:")]

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def one(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        return [" ".join(each.text.split()) for each in self.all(selector)]

    def choose(self, of: str, wrt: str) -> None:
        for control, name in (("of", of), ("wrt", wrt)):
            Select(self.one(f"#{control}")).select_by_visible_text(name)

    def hover(self, element: WebElement) -> None:
        ActionChains(self.driver).move_to_element(element).perform()

    def edges(self, state: str, graph: str = "derivative") -> set[str]:
        """The edges v->u of a graph that have a class."""
        found = self.all(f".{graph} .edge.{state}")
        return {f"{each.get_attribute('data-of')}->{each.get_attribute('data-wrt')}" for each in found}

    def focus(self, element: WebElement) -> None:
        self.run("arguments[0].focus()", element)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = path_of("chromium")
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('profile')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(path_of("chromedriver")))
    try:
        yield Browser(driver, tmp_path_factory.mktemp("pages"))
    finally:
        driver.quit()


@pytest.fixture
def quiet(browser: Browser) -> Iterator[Browser]:
    """The browser; after the test it has complained of nothing, and asked for nothing but files."""
    browser.forget()
    yield browser
    assert browser.complaints() == []
    requests = browser.requests()
    assert requests, "the page itself"
    assert [url for url in requests if not url.startswith("file:")] == []


def test_any_two_nodes_can_be_chosen(quiet: Browser) -> None:
    quiet.open("mlp2")
    assert [option.text for option in Select(quiet.one("#of")).options] == ["p", "h₂", "h₁", "z₂", "z₁", "x₂", "x₁"]
    assert quiet.texts("#terms .path") == [
        "① p → h₁ → z₁ → x₁", "② p → h₂ → z₁ → x₁", "③ p → h₁ → z₂ → x₁", "④ p → h₂ → z₂ → x₁",
    ]  # fmt: skip
    assert quiet.texts(".cost") == [
        "4 paths: 8 multiplications, 3 additions", "one sweep from p: 6 multiplications, 3 additions",
    ]  # fmt: skip
    assert len(quiet.all("#factored .row")) == 2
    quiet.choose("p", "z₂")
    assert quiet.texts("#terms .path") == ["① p → h₁ → z₂", "② p → h₂ → z₂"]
    assert quiet.texts(".cost")[0] == "2 paths: 2 multiplications, 1 addition"
    quiet.choose("h₁", "z₂")
    assert quiet.texts("#terms .path") == ["h₁ → z₂"]
    quiet.choose("z₂", "h₁")
    assert quiet.texts("#answer") == ["No path leads from z₂ to h₁: z₂ does not depend on it, and the derivative is 0."]
    assert not quiet.one("#terms").is_displayed()
    quiet.choose("z₂", "z₂")
    assert quiet.texts("#answer") == ["A node’s derivative with respect to itself is 1."]
    quiet.choose("p", "x₂")
    assert quiet.one("#terms").is_displayed()
    assert len(quiet.all(".term")) == 4


def chosen(browser: Browser) -> list[str]:
    return [Select(browser.one(f"#{control}")).first_selected_option.text for control in ("of", "wrt")]


@pytest.mark.parametrize("graph", ["computation", "derivative"])
def test_two_nodes_are_picked_in_a_picture(quiet: Browser, graph: str) -> None:
    quiet.open("mlp2")

    def click(node: str) -> None:
        quiet.one(f'.{graph} .node[data-node="{node}"] .name').click()

    click("h1")
    assert quiet.texts("#picked") == ["h₁ is picked: pick another node, or it again for none."]
    assert chosen(quiet) == ["p", "x₁"], "one node is no question"
    click("x2")
    assert chosen(quiet) == ["h₁", "x₂"]
    assert quiet.texts("#terms .path") == ["① h₁ → z₁ → x₂", "② h₁ → z₂ → x₂"]
    assert {each.get_attribute("data-node") for each in quiet.all(f".{graph} .node.end")} == {"h1", "x2"}
    click("z2")
    click("p")
    assert chosen(quiet) == ["p", "z₂"], "a path leads one way only"
    click("x1")
    click("x1")
    assert chosen(quiet) == ["p", "z₂"]
    assert quiet.texts("#picked") == ["Or pick two nodes in a picture."]
    click("h1")
    click("h2")
    assert quiet.texts("#answer") == ["No path leads from h₁ to h₂: h₁ does not depend on it, and the derivative is 0."]


def test_two_nodes_are_picked_by_keys(quiet: Browser) -> None:
    quiet.open("mlp2")
    names = [each.get_attribute("data-node") for each in quiet.all(".derivative .node")]
    stops = quiet.all(".derivative .node[tabindex='0']")
    assert [each.get_attribute("data-node") for each in stops] == names[:1]
    quiet.focus(stops[0])
    for _ in range(names.index("h2")):
        ActionChains(quiet.driver).send_keys(Keys.ARROW_RIGHT).perform()
    focused = quiet.driver.switch_to.active_element
    assert focused.get_attribute("aria-label") == "h₂, intermediate"
    focused.send_keys(Keys.ENTER)
    assert focused.get_attribute("aria-pressed") == "true"
    focused.send_keys(Keys.ESCAPE)
    assert focused.get_attribute("aria-pressed") == "false"
    focused.send_keys(Keys.SPACE)
    for _ in range(names.index("h2") - names.index("x1")):
        ActionChains(quiet.driver).send_keys(Keys.ARROW_LEFT).perform()
    quiet.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert chosen(quiet) == ["h₂", "x₁"]
    assert len(quiet.all(".derivative .node[tabindex='0']")) == 1


@pytest.mark.parametrize("way", ["pointer", "keyboard"])
def test_a_term_lights_its_path(quiet: Browser, way: str) -> None:
    quiet.open("mlp2")
    term = quiet.all(".term")[1]
    (quiet.hover if way == "pointer" else quiet.focus)(term)
    path = {"p->h2", "h2->z1", "z1->x1"}
    assert quiet.edges("lit") == quiet.edges("lit", "computation") == path
    assert {each.get_attribute("data-node") for each in quiet.all(".derivative .node.lit")} == {"p", "h2", "z1", "x1"}
    assert ["lit" in (each.get_attribute("class") or "") for each in quiet.all(".term")] == [False, True, False, False]
    if way == "pointer":
        quiet.hover(quiet.one("h1"))
    else:
        quiet.run("document.activeElement.blur()")
    assert quiet.edges("lit") == set()


@pytest.mark.parametrize("way", ["pointer", "keyboard"])
def test_an_edge_lights_the_terms_that_use_it(quiet: Browser, way: str) -> None:
    quiet.open("mlp2")
    edge = quiet.one('.derivative .edge[data-of="h1"][data-wrt="z2"]')
    assert edge.get_attribute("aria-label") == "∂h₁/∂z₂, in term 3"
    if way == "pointer":
        quiet.hover(quiet.one('.derivative .edge[data-of="h1"][data-wrt="z2"] .label'))
    else:
        quiet.focus(edge)
    assert quiet.texts(".term.lit .path") == ["③ p → h₁ → z₂ → x₁"]
    assert quiet.edges("lit") == {"h1->z2"}
    other = quiet.one('.derivative .edge[data-of="p"][data-wrt="h2"]')
    quiet.focus(other)
    other.send_keys(Keys.ENTER)
    assert quiet.texts(".term.lit .path") == ["② p → h₂ → z₁ → x₁", "④ p → h₂ → z₂ → x₁"]
    quiet.run("document.activeElement.blur()")
    quiet.hover(quiet.one("h1"))
    assert len(quiet.all(".term.lit")) == 2, "a click keeps the light on"
    assert other.get_attribute("aria-pressed") == "true"
    assert quiet.all('.derivative .edge[data-wrt="x2"][tabindex]') == [], "edges on no path are no stops"


def test_all_of_it_is_reached_by_the_tabulator(quiet: Browser) -> None:
    quiet.open("neuron")
    quiet.run("document.body.focus()")
    met = []
    for _ in range(40):
        ActionChains(quiet.driver).send_keys(Keys.TAB).perform()
        met.append(quiet.run(
            "const e = document.activeElement; return e.id || e.getAttribute('aria-label') || e.classList[0]"
        ))  # fmt: skip
    wanted = {"of", "wrt", "x₁, slider", "x₁, value", "reset", "term", "first", "back", "next"}
    wanted.add("∂s/∂α x₁ = 1, in term 1")
    assert wanted <= set(met)


def test_the_sweep_goes_step_by_step(quiet: Browser) -> None:
    quiet.open("mlp2-sigmoid")
    lines = quiet.all(".step")
    assert len(lines) == 5
    quiet.one("#first").click()
    shown = [[line.is_displayed() for line in lines]]
    used: list[set[str]] = []
    multiplications: list[int] = []
    adjoints: list[int] = []
    for _ in lines:
        assert quiet.one("#next").is_enabled()
        quiet.one("#next").click()
        shown.append([line.is_displayed() for line in lines])
        now = quiet.edges("now")
        assert not any(now & before for before in used), "each edge is used once"
        used.append(now)
        assert quiet.edges("used") == set().union(*used)
        adjoints.append(len([text for text in quiet.texts(".derivative .adjoint") if text]))
        found = re.search(r"(\d+) multiplications? so far", quiet.texts("#status")[0])
        assert found
        multiplications.append(int(found[1]))
    assert shown == [[number < step for number in range(5)] for step in range(6)]
    assert adjoints == [1, 2, 3, 4, 5]
    assert multiplications == [0, 0, 2, 4, 6]
    assert set().union(*used) == {
        "p->h1", "p->h2", "h1->z1", "h2->z1", "h1->z2", "h2->z2", "z1->x1", "z2->x1",
    }  # fmt: skip
    assert not quiet.one("#next").is_enabled()
    status = "∂p/∂x₁ = 0.00477482, from z₁ and z₂. Line 5 of 5; 8 edges used, each once; 6 multiplications so far."
    assert status in (quiet.texts("#status")[0], quiet.texts("#status")[0].replace("z₂ and z₁", "z₁ and z₂"))
    quiet.one("#back").click()
    assert not lines[-1].is_displayed()
    quiet.one("#all").click()
    assert all(line.is_displayed() for line in lines)
    assert quiet.edges("used") == set()


def test_an_elimination_goes_step_by_step(quiet: Browser) -> None:
    order = ["z1", "h2", "z2", "h1"]
    quiet.open("mlp2", orders=("reverse", ",".join(order)))
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(pathdiff.load(GRAPHS / "mlp2.yaml").derivative_graph.edges)
    section = quiet.one("#elimination-2")
    assert quiet.texts("#elimination-2 h2, #elimination-2 .cost") == [
        "Elimination 2 (order given)", "z₁, h₂, z₂, h₁: 13 multiplications, 6 additions",
    ]  # fmt: skip
    assert quiet.texts("#elimination-2 .stage:nth-child(2) > *") == [
        "2. h 2 is eliminated",
        "c 1 = ∂ h 2 ∂ z 1 ∂ z 1 ∂ x 1",
        "c 2 = ∂ h 2 ∂ z 1 ∂ z 1 ∂ x 2",
        "p → z₂: ∂ p ∂ h 2 ∂ h 2 ∂ z 2 fill-in",
        "p → x₁: ∂ p ∂ h 2 c 1 fill-in",
        "p → x₂: ∂ p ∂ h 2 c 2 fill-in",
        "7 multiplications, 0 additions so far",
    ]

    def there() -> set[str]:
        found = section.find_elements(By.CSS_SELECTOR, "svg .edge:not(.gone):not(.unmade)")
        return {f"{each.get_attribute('data-of')}->{each.get_attribute('data-wrt')}" for each in found}

    section.find_element(By.CSS_SELECTOR, ".first").click()
    status = section.find_element(By.CSS_SELECTOR, ".status")
    assert status.text == "Step 0 of 4; 0 multiplications and 0 additions so far."
    told = []
    for number, node in enumerate(["", *order]):
        if node:
            section.find_element(By.CSS_SELECTOR, ".next").click()
            new = set(product(list(graph.predecessors(node)), list(graph.successors(node))))
            graph.add_edges_from(new)
            graph.remove_node(node)
            now = section.find_elements(By.CSS_SELECTOR, "svg .edge.now")
            assert {(each.get_attribute("data-of"), each.get_attribute("data-wrt")) for each in now} == new
            told.append(status.text)
        assert there() == {f"{of}->{wrt}" for of, wrt in graph.edges}
        stages = section.find_elements(By.CSS_SELECTOR, ".stage")
        assert [each.value_of_css_property("visibility") == "visible" for each in stages] == [
            line < number for line in range(4)
        ]
        assert section.find_element(By.CSS_SELECTOR, ".outcome").is_displayed() == (number == 4)
    assert told == [
        "z₁ is eliminated: 4 products, 4 fill in. Step 1 of 4; 4 multiplications and 0 additions so far.",
        "h₂ is eliminated: 3 products, 3 fill in. Step 2 of 4; 7 multiplications and 0 additions so far.",
        "z₂ is eliminated: 4 products, 4 absorbed. Step 3 of 4; 11 multiplications and 4 additions so far.",
        "h₁ is eliminated: 2 products, 2 absorbed. Step 4 of 4; 13 multiplications and 6 additions so far.",
    ]
    assert quiet.all(".graphs .gone") == [], "the pictures above stay as they are"


def test_the_arrow_keys_step(quiet: Browser) -> None:
    quiet.open("mlp2", orders=("reverse",))
    for controls, status, count in (("#sweep-control", "#status", 5), ("#elimination-1 .steps-control",
                                                                      "#elimination-1 .status", 4)):  # fmt: skip
        quiet.focus(quiet.one(f"{controls} .next"))
        for number in range(1, count + 1):
            ActionChains(quiet.driver).send_keys(Keys.ARROW_RIGHT).perform()
            assert f"{number} of {count};" in quiet.texts(status)[0]
        focused = quiet.driver.switch_to.active_element
        assert focused.text == "Back", "the focus leaves a button that can do no more"
        focused.send_keys(Keys.ARROW_LEFT)
        assert f"{count - 1} of {count};" in quiet.texts(status)[0]
        focused.send_keys(Keys.ENTER)
        assert f"{count - 2} of {count};" in quiet.texts(status)[0]


def test_every_order_gives_the_derivatives_as_numbers(quiet: Browser) -> None:
    order = "z1,h1,z2,p,h2"
    model = pathdiff.load(GRAPHS / "mlp2-sigmoid.yaml")
    quiet.open("mlp2-sigmoid", orders=("reverse", "forward", "markowitz", order))
    for x1 in (1, -0.25, 3):
        set_slider(quiet, 0, x1)
        found = quiet.run(
            "return data.eliminations.map((order) => { const lines = [];"
            "for (const terms of order.lines) lines.push(sum(terms.map((each) => alongFactors(each, lines))));"
            "return order.results.map(({ place }) => lines[place].value).slice(-8); })"
        )
        names = product(["p", "L"], ["x1", "a11", "b11", "c1"])
        wanted = [model.derivative(of, wrt, at={"x1": repr(x1)}).value for of, wrt in names]
        assert found == [pytest.approx(wanted, rel=1e-13)] * 4
        told = [text.split(" = ")[-1] for text in quiet.texts("#elimination-4 .results li")][-8:]
        assert told == [f"{value:.6g}".replace("-", "−") for value in wanted]


def set_slider(browser: Browser, number: int, value: float, kind: str = "number") -> None:
    """What the reader's hand does, at once: an input's value changes, and the page is told."""
    browser.run(
        "const box = document.querySelectorAll(`.input input[type=${arguments[2]}]`)[arguments[0]];"
        "box.value = arguments[1]; box.dispatchEvent(new Event('input', {bubbles: true}))",
        number, value, kind,
    )  # fmt: skip


def test_a_slider_moves_values_and_gradients(quiet: Browser) -> None:
    quiet.open("neuron")
    assert quiet.texts("#answer .known, #answer")[0].endswith("= −0.208062")
    slider = quiet.all(".input input[type=range]")[3]
    quiet.focus(slider)
    for _ in range(10):
        slider.send_keys(Keys.ARROW_RIGHT)
    box = quiet.all(".input input[type=number]")[3]
    assert float(box.get_attribute("value") or "") == pytest.approx(0.6)
    wanted = pathdiff.load(GRAPHS / "neuron.yaml").derivative("L", "alpha", at={"alpha": "0.6"}).value
    assert wanted is not None
    told = f"{wanted:.6g}".replace("-", "−")
    assert quiet.texts("#answer")[0].endswith(f"= {told}")
    assert quiet.texts("#sum-total, #sweep-total") == [f"Their sum = {told}", f"The last line = {told}"]
    assert quiet.texts(".gradient")[3] == f"∂L/∂α = {told}"
    assert "0.6" in quiet.texts('.computation .node[data-node="alpha"] .value')
    quiet.one("#reset").click()
    assert quiet.texts("#answer")[0].endswith("= −0.208062")


def test_what_has_no_value_is_called_so(quiet: Browser) -> None:
    quiet.open("logarithm", spec="nodes: {u: log(x), p: 1/(1 + exp(u))}\nat: {x: 2}")
    set_slider(quiet, 0, -1)
    assert quiet.texts("#answer")[0].endswith("no value")
    assert quiet.texts(".gradient") == ["∂p/∂x = no value"]
    set_slider(quiet, 0, 0)
    assert quiet.texts("#answer")[0].endswith("no value"), "log(0) is no -∞ that 1/(1 + exp) would bring back"
    set_slider(quiet, 0, 2)
    assert quiet.texts("#answer")[0].endswith("= −0.111111")


def python_numbers(spec: Any, of: str, at: dict[str, float]) -> tuple[dict[str, float], dict[str, float]] | None:
    """The values of all nodes, and the derivatives of one with respect to all others; None where one has no value."""
    try:
        found = drawn(spec, [of], at={name: read_constant(repr(float(value)), name) for name, value in at.items()})
    except InputError:
        return None
    if not found.adjoints:
        return None
    values = {name: float(value) for name, value in found.values.items()}
    return values, {name: float(value) for name, (_, value) in found.adjoints.items()}


PROBE: Final = """
state.inputs = [...arguments[0]];
showValues();
const told = (found) => found.why ? [null, 0, written(found)] : [found.value, found.error, written(found)];
return [data.nodes.map((node) => told(values[node.place])), data.nodes.map((_, of) =>
  data.nodes.map((_, wrt) => told(derivative(of, wrt))))];
"""
"""Sets all inputs, and gives the values of all nodes and all derivatives, each with its bound and its text."""


def compare(browser: Browser, model: pathdiff.Composite, points: list[list[float]]) -> Counter[str]:
    """Every number of the open page beside Python's, at some points: how many are known to twelve digits, and so on.

    A number that the page shows is never farther from the right one than it says.
    """
    names, independents = list(model.computation_graph), list(model.spec.independents)
    counts: Counter[str] = Counter()
    for point in points:
        found = browser.run(PROBE, point)
        at = dict(zip(independents, point, strict=True))
        for of in model.spec.nodes:
            wanted = python_numbers(model.spec, of, at)
            gradient = found[1][names.index(of)]
            if wanted is None:
                assert any(number is None or "±" in text for number, _, text in found[0] + gradient), at
                counts["no value"] += 1
                continue
            values, adjoints = wanted
            pairs = [(values[name], told) for name, told in zip(names, found[0], strict=True) if name in values]
            pairs += [(adjoints.get(name, 0.0), told) for name, told in zip(names, gradient, strict=True)]
            for right, (number, error, text) in pairs:
                if number is None:
                    assert text in ("no value", "too large for this page", "lost in rounding")
                    counts["said why"] += 1
                    continue
                assert abs(number - right) <= error + 2e-16 * abs(right) + 1e-322, (of, at, text, right)
                if "±" in text:
                    counts["few digits"] += 1
                    continue
                assert math.isclose(float(text.replace("−", "-")), right, rel_tol=1e-5), (of, at, text, right)
                counts["twelve digits" if math.isclose(number, right, rel_tol=1e-12) else "six digits"] += 1
    return counts


@pytest.mark.parametrize("path", CONCRETE, ids=lambda path: path.stem)
def test_the_numbers_are_those_of_python(quiet: Browser, path: Path) -> None:
    quiet.open(path.stem)
    start = quiet.run("return data.start")
    chance = random.Random(1)
    near = [[value + chance.uniform(-0.5, 0.5) * min(1, abs(value) or 1) for value in start] for _ in range(2)]
    far = [[chance.choice([0, 1, -1, 0.3, 20, -40, 1e-8]) for _ in start] for _ in range(3)]
    counts = compare(quiet, pathdiff.load(path), [start, *near])
    assert counts["twelve digits"] >= 0.9 * sum(counts.values())
    compare(quiet, pathdiff.load(path), far)


def test_the_numbers_of_random_functions_are_those_of_python(quiet: Browser) -> None:
    """Twenty functions of the patterns of the property tests, each at several points, kinks and far ones too."""
    chance = random.Random(3)
    counts: Counter[str] = Counter()
    for number in range(20):
        texts, known = {}, ["x", "y"]
        for node in ("u", "v", "w", "p"):
            patterns = (*TAME_PATTERNS, "log({0})", "1/{0}", "abs({0})", "max({0}, {1})", "sqrt({0})", "exp(4*{0})")
            first, second = (chance.choice(known[-3:]) for _ in range(2))
            texts[node] = chance.choice(patterns).format(first, second)
            known.append(node)
        spec = "".join(f"  {name}: {text}\n" for name, text in texts.items())
        try:
            model = pathdiff.loads(f"inputs: [x, y]\nnodes:\n{spec}derive: {{p: [x, y]}}\n")
            quiet.open(f"random-{number}", spec=model.yaml())
        except InputError:
            continue  # no node uses an input
        points = [[chance.uniform(-2, 2), chance.uniform(-2, 2)] for _ in range(3)]
        points += [[0, 0], [1, 1], [0.3, 0.3], [30, -200], [1e-9, 5]]
        counts += compare(quiet, model, points)
    assert counts["twelve digits"] > 2000
    assert counts["twelve digits"] >= 0.9 * (counts.total() - counts["no value"])


NUMBERS: Final = {
    "0.1*x + 0.2*y - 0.3": "0 ± 2e−16",
    "x + 10**20 - 10**20": "0 ± 1",
    "exp(-800*x)": "0 ± 5e−324",
    "exp(800*x)": "too large for this page",
    "log(x - y)": "no value",
    "1/(0.3*x - 0.1 - 0.2*y)": "lost in rounding",
    "sigmoid(40*x)*sigmoid(-40*x)": "4.24835e−18",
    "log(exp(800*x) + exp(800*y))": "800.693",
    "x*1e400": "too large for this page",
}


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_as_right_as_it_looks(quiet: Browser, text: str) -> None:
    quiet.open(f"number-{list(NUMBERS).index(text)}", spec=f"inputs: [x, y]\nnodes: {{p: '{text}'}}")
    assert (
        quiet.run("state.inputs = [1, 1]; showValues(); return written(values[data.nodes.at(-1).place])")
        == (NUMBERS[text])
    )


def test_every_known_function_is_computed_well(quiet: Browser) -> None:
    quiet.open("sigmoid")
    points = [-800.0, -40.0, -7.5, -3.0, -2.4, -1.0, -0.3, -1e-9, 0.0, 1e-9, 0.25, 1.0, 2.4, 2.6, 6.0, 30.0, 700.0]
    calls: list[tuple[str, list[float], float]] = []
    for row in (*TABLE, *ARRAYS_ONLY):
        for x in points:
            args = [mpmath.mpf(x)] if row.parameters and len(row.parameters) == 1 else [mpmath.mpf(x), mpmath.mpf(0.5)]
            if row.domain(*args):
                with mpmath.workdps(40):
                    value = float(row.value(mpmath.mp, *args))
                if math.isfinite(value):
                    calls.append((row.name, [float(arg) for arg in args], value))
    found = quiet.run("return arguments[0].map(([name, args]) => FUNCTIONS[name](...args))", [c[:2] for c in calls])
    wrong = [
        (name, args, wanted, got)
        for (name, args, wanted), got in zip(calls, found, strict=True)
        if got is None or not math.isclose(got, wanted, rel_tol=1e-12, abs_tol=1e-300)
    ]
    assert wrong == []


def test_kinks_are_told_where_they_are_met(quiet: Browser) -> None:
    nodes = "u: abs(x - y), v: 'max(x, y, z)', w: sign(z), p: u + v + w + y*z"
    quiet.open("kinks", spec=f"inputs: [x, y, z]\nnodes: {{{nodes}}}\nat: {{x: 1, y: 2, z: 0.5}}")
    assert not quiet.one("#kinks").is_displayed()
    set_slider(quiet, 1, 1)
    mean = "the mean of the two one-sided derivatives is taken"
    assert quiet.texts("#kinks") == [
        f"abs(x - y) at its kink in u: {mean}; two equal arguments of max(x, y, z) in v: {mean}"
    ]
    assert quiet.texts(".gradient") == ["∂p/∂x = 0.5", "dp/dy = 1", "dp/dz = 1"]
    set_slider(quiet, 2, 1)
    assert "more than two equal arguments of max(x, y, z) in v: there is no derivative" in quiet.texts("#kinks")[0]
    assert quiet.texts(".gradient") == ["∂p/∂x = no derivative", "dp/dy = no derivative", "dp/dz = no derivative"]
    assert quiet.texts("#answer")[0].endswith("no derivative")
    quiet.choose("u", "x")
    assert quiet.texts("#kinks") == [f"abs(x - y) at its kink in u: {mean}"]
    set_slider(quiet, 2, 0)
    quiet.choose("p", "z")
    assert quiet.texts("#kinks")[0].endswith("sign(z) at its jump in w: 0 is taken")


PAGES: Final = ("neuron", "mlp2", "batch-norm", "gru-cell", "mlp2-sigmoid")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_formulas_have_size_and_nothing_runs_over(quiet: Browser, name: str, width: int) -> None:
    quiet.open(name, width, orders=("reverse", "forward"))
    sizes = quiet.run(
        "return [...document.querySelectorAll('math')].map((m) => m.getBoundingClientRect())"
        ".map((r) => [r.width, r.height])"
    )
    assert len(sizes) > 10
    assert all(across > 3 and down > 6 for across, down in sizes)
    assert quiet.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    outside = quiet.run(
        "return [...document.querySelectorAll('body *:not(svg *):not(math *)')].filter((e) =>"
        " e.getBoundingClientRect().right > innerWidth + 1"
        " && !e.closest('.scroll, .definitions li, .term, .step, .list')).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert outside == []


def test_light_and_dark(quiet: Browser) -> None:
    def brightness(selector: str, what: str) -> float:
        told = quiet.run("return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, what)
        return sum(map(float, re.findall(r"[\d.]+", told)[:3])) / 765

    for scheme, is_light in (("light", True), ("dark", False)):
        quiet.open("mlp2", scheme=scheme)
        assert (brightness("body", "backgroundColor") > 0.9) == is_light
        assert (brightness("body", "color") < 0.3) == is_light
        assert (brightness("svg .name", "fill") < 0.3) == is_light
        assert (brightness("svg .edge:not(.back) .line", "stroke") < 0.3) == is_light
        assert (brightness("svg .shape", "fill") > 0.8) == is_light


def test_print_shows_every_line(quiet: Browser) -> None:
    quiet.open("mlp2", scheme="dark", orders=("reverse",))
    quiet.one("#first").click()
    quiet.one("#elimination-1 .first").click()
    media = {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    quiet.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    shown = "return [...document.querySelectorAll('.step')].map((line) => getComputedStyle(line).visibility)"
    assert quiet.run(shown) == ["visible"] * 5
    assert quiet.run(shown.replace(".step", ".stage")) == ["visible"] * 4
    assert quiet.one("#elimination-1 .outcome").is_displayed()
    assert quiet.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not quiet.one("#next").is_displayed()
    quiet.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_what_a_spec_says_is_never_run(quiet: Browser) -> None:
    title = "</script><img src=x onerror=document.title='run'><!--\\u2028<script>"
    quiet.open("hostile", spec=f'title: "{title}"\nnodes: {{p: on_error*x}}')
    assert quiet.one("h1").text == title.replace("\\u2028", "U+2028")
    assert quiet.driver.title != "run"
    assert quiet.all("img") == []
    assert len(quiet.all(".term")) == 1


def test_the_policy_lets_no_request_out(browser: Browser) -> None:
    browser.open("sigmoid")
    refused = browser.driver.execute_async_script(
        "const done = arguments[0]; document.addEventListener('securitypolicyviolation', (e) => done(e.blockedURI));"
        "new Image().src = 'https://example.invalid/x.png'"
    )
    assert refused == "https://example.invalid/x.png"
    browser.forget()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["neuron", "mlp2"])
def test_axe_finds_no_violation(quiet: Browser, axe: str, name: str, scheme: str) -> None:
    states: list[Callable[[], object]] = [
        lambda: quiet.all(".term")[0].click(),
        lambda: quiet.one(".derivative .node").click(),
        lambda: quiet.one("#first").click(),
        lambda: quiet.one("#elimination-1 .first").click(),
        lambda: quiet.one("#elimination-1 .next").click(),
        lambda: quiet.choose("z₁" if name == "mlp2" else "z", "x₁"),
        lambda: quiet.open(name, 360, scheme, orders=orders),
    ]
    orders = ("reverse", "markowitz")
    quiet.open(name, 1280, scheme, orders=orders)
    for put in states:
        put()
        quiet.run(axe)
        found = quiet.driver.execute_async_script("axe.run().then(arguments[0])")
        assert [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found["violations"]] == []
        assert len(found["passes"]) > 20


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, from the folder of node_modules that AXE_CORE names."""
    folder = os.environ.get("AXE_CORE")
    if folder:
        return (Path(folder) / "axe.min.js").read_text(encoding="utf-8")
    if "CI" in os.environ:
        pytest.fail("AXE_CORE does not say where axe-core is installed", pytrace=False)
    pytest.skip("AXE_CORE does not say where axe-core is installed (npm install --no-save --prefix DIR axe-core)")


ODD: Final = {
    "partly-abstract": "nodes: {z: 'z(x, y)', q: x*y, p: sin(z)*q}\nderive: {p: [x]}\nat: {x: 2, y: 3}",
    "one-node": "nodes: {p: x}\nderive: {p: [p]}",
    "independent": "inputs: [x, y]\nnodes: {p: x**2, q: y}\nderive: {p: [y]}",
    "kink": "nodes: {p: 'abs(x) + max(x, y)'}\nat: {x: 0, y: 0}",
    "names": "nodes: {a_very_long_name_of_a_node: alpha_prime*class + lambda, σ2: sqrt(a_very_long_name_of_a_node)}",
    "large-numbers": "nodes: {p: x*1e400 + y}\nat: {x: 1e350, y: 0}",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_functions_have_a_page_too(quiet: Browser, name: str) -> None:
    for width in (360, 1280):
        quiet.open(name, width, spec=ODD[name])
        assert quiet.texts("#answer") != [""]
        assert quiet.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    names = [option.text for option in Select(quiet.one("#of")).options]
    for of, wrt in product(names, names):
        quiet.choose(of, wrt)
        if quiet.one("#next").is_displayed() and quiet.one("#next").is_enabled():
            quiet.one("#next").click()
    if name == "partly-abstract":
        quiet.choose("p", "x")
        assert quiet.texts(".gradient") == ["∂p/∂x = no value", "∂p/∂y = no value"]
        assert quiet.texts("#sum-total") == [""]
        quiet.choose("q", "x")
        assert quiet.texts("#sum-total") == ["Their sum = 3"]
        assert quiet.texts(".gradient") == ["∂q/∂x = 3", "∂q/∂y = 2"]
