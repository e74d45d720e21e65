// A slider for each input, and the gradient.

const gradients = []; // for each input the element that shows the derivative with respect to it

function showGradient() {
  const of = Number(byId("of").value);
  for (const { box, node } of gradients) {
    const value = derivative(of, node);
    const number = value === undefined ? "not on this page" : written(value);
    const told = pairs.get(key(of, node))?.steps.at(-1)?.text ?? `${data.sign}${name(of)}/${data.sign}${name(node)}`;
    box.textContent = `${told} = ${number}`;
  }
}

// A slider goes as far as twice the value, or two, on either side.
function makeSliders() {
  if (!hasNumbers) return;
  byId("inputs").hidden = false;
  document.documentElement.classList.add("numbers");
  data.inputs.forEach((node, number) => {
    const start = data.start[number];
    const reach = Math.max(2, Math.abs(start));
    const [min, max] = [start - reach, start + reach].map((end) => Math.min(Math.max(end, -1e308), 1e308));
    const range = { min, max, step: (max - min) / 400 };
    const slider = element("input", { type: "range", ...range, value: start });
    const exact = element("input", { type: "number", step: "any", value: start });
    slider.setAttribute("aria-label", `${name(node)}, slider`);
    exact.setAttribute("aria-label", `${name(node)}, value`);
    const box = element("output", { className: "gradient" });
    const set = (value) => {
      state.inputs[number] = value;
      showValues();
    };
    slider.addEventListener("input", () => {
      exact.value = Number(Number(slider.value).toPrecision(12));
      set(Number(exact.value));
    });
    exact.addEventListener("input", () => {
      if (exact.value === "") return;
      slider.value = exact.value;
      set(Number(exact.value));
    });
    gradients.push({ box, node });
    const label = element("span", { className: "input-name" }, math(data.nodes[node].math));
    byId("sliders").append(element("div", { className: "input" }, label, slider, exact, box));
    byId("reset").addEventListener("click", () => {
      slider.value = exact.value = start;
      set(start);
    });
  });
}
