"use strict";
// Shows derivations that were made elsewhere, and evaluates them: no rule of differentiation is in here.

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// The only markup that becomes elements: MathML that was written, with every name escaped, where the page was.
function math(markup) {
  const shell = document.createElement("template");
  shell.innerHTML = `<math>${markup.replace(/@(\d+);/g, (_, number) => data.fractions[number])}</math>`;
  return shell.content.firstChild;
}

// A formula may break between its pieces.
const formula = (...markups) => element("span", { className: "formula" }, ...markups.map(math));
const mark = (number) => (number <= 20 ? String.fromCharCode(0x245f + number) : `(${number})`);
const counted = (count, noun) => `${count} ${noun}${String(count) === "1" ? "" : "s"}`;
const costs = ([multiplications, additions]) =>
  `${counted(multiplications, "multiplication")}, ${counted(additions, "addition")}`;
