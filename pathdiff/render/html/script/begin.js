// What happens when the page is opened.

function makeChoices() {
  for (const id of ["of", "wrt"]) {
    const order = data.nodes.map((node, number) => number);
    if (id === "of") order.reverse();
    byId(id).append(...order.map((number) => element("option", { value: number }, name(number))));
    byId(id).addEventListener("change", () => choose(Number(byId("of").value), Number(byId("wrt").value)));
  }
}

// The two graphs have the same places: one scrolls with the other.
function scrollTogether() {
  const boxes = [...document.querySelectorAll(".graphs .scroll")];
  for (const box of boxes) {
    box.addEventListener("scroll", () => boxes.forEach((other) => (other.scrollLeft = box.scrollLeft)));
  }
}

readPicture();
scrollTogether();
makeChoices();
makeSliders();
makeEliminations();
document.documentElement.classList.add("live");
setPicked(null);
if (data.pairs.length) choose(state.pair.of, state.pair.wrt);
else byId("answer").textContent = "No derivative that was asked for is small enough for this page; as text it is there.";
