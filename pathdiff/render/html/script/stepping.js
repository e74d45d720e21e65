// Buttons that go through steps, one after the other; so do the arrow keys while one of them is focused.

// `count` says how many steps there are, and `show` is called with how many are to be seen, null for all. Returns what
// goes to a number of steps.
function stepping(controls, count, show) {
  const [first, back, next, all] = ["first", "back", "next", "all"].map((name) => controls.querySelector(`.${name}`));
  let step = null;
  function go(to) {
    const focused = document.activeElement;
    step = to;
    first.disabled = back.disabled = step === 0;
    next.disabled = step === count();
    all.disabled = step === null;
    show(step);
    if (controls.contains(focused) && focused.disabled) (focused === next ? back : next).focus();
  }
  const backward = () => go((step ?? count()) - 1);
  const forward = () => go(step === null ? Math.min(1, count()) : step + 1);
  first.addEventListener("click", () => go(0));
  back.addEventListener("click", backward);
  next.addEventListener("click", forward);
  all.addEventListener("click", () => go(null));
  controls.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft" && !back.disabled) backward();
    if (key === "ArrowRight" && !next.disabled) forward();
  });
  return go;
}
