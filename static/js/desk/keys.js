// Single keys on the review pages: they never act while somebody types, and a person can switch them off.
const KEY = "escollect-desk-keys";

function isOn() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function setOn(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // Private windows may refuse storage: the choice then lasts for this page.
  }
}

let on = isOn();
const stops = [...document.querySelectorAll("[data-utterance], [data-keys] tbody a.mono")];

function step(by) {
  const at = stops.indexOf(document.activeElement);
  const next = stops[at < 0 ? (by > 0 ? 0 : stops.length - 1) : at + by];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
}

function choose(value) {
  const radio = document.querySelector(`input[name=decision][value=${value}]`);
  if (!radio) return;
  radio.checked = true;
  document.querySelector("textarea[name=reason]").focus();
}

const ACTS = {
  a: () => choose("accepted"),
  r: () => choose("rejected"),
  j: () => step(1),
  k: () => step(-1),
  n: () => document.querySelector("[data-key=n]")?.click(),
};

function typing(element) {
  return element.closest("textarea, select, [contenteditable], input:not([type=radio])") !== null;
}

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey && event.target.closest(".decision-form")) {
    const form = event.target.closest(".decision-form");
    form.requestSubmit(form.querySelector("button[type=submit]"));
    return;
  }
  if (!on || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = ACTS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

function show() {
  for (const help of document.querySelectorAll("[data-key-help]")) {
    help.hidden = false;
    help.classList.toggle("is-off", !on);
  }
}

for (const help of document.querySelectorAll("p[data-key-help]")) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = on;
  const label = document.createElement("label");
  label.className = "key-switch";
  label.append(box, ` ${help.dataset.switch}`);
  help.prepend(label);
  box.addEventListener("change", () => {
    on = box.checked;
    setOn(on);
    show();
  });
}
show();
