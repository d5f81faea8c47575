// Single keys of the review pages. They never act while somebody types, and a person can switch them off.
const KEY = "escollect-desk-keys";
const TYPED = "textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])";
const acts = new Map();
const map = document.getElementById("key-map");

/** Let `key` do something; the event's shift key is already in it ("F" is not "f"). */
export function on(key, act) {
  acts.set(key, act);
}

function load() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

function save(wanted) {
  try {
    localStorage.setItem(KEY, wanted ? "on" : "off");
  } catch {
    // Private windows may refuse storage: the choice then lasts for this page.
  }
}

let active = load();
const stops = [...document.querySelectorAll("[data-utterance], [data-keys] tbody a.mono")];

/** The utterance that has the focus, or had it before a field took it. */
export function current() {
  return document.activeElement.closest("[data-utterance]") ?? latest;
}

let latest = null;
addEventListener("focusin", (event) => {
  latest = event.target.closest("[data-utterance]") ?? latest;
});

/** Go to an element and show it in the middle of the window. */
export function visit(element) {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
}

function step(by, among) {
  const shown = stops.filter((stop) => !stop.closest("[hidden]"));
  const at = shown.indexOf(document.activeElement.closest("[data-utterance]") ?? document.activeElement);
  const from = at < 0 && latest ? shown.indexOf(latest) : at;
  let next = from < 0 ? (by > 0 ? 0 : shown.length - 1) : from + by;
  while (shown[next] && !shown[next].matches(among)) next += by;
  if (shown[next]) visit(shown[next]);
}

on("j", () => step(1, "*"));
on("k", () => step(-1, "*"));
on("f", () => step(1, "[data-flagged]"));
on("F", () => step(-1, "[data-flagged]"));
on("?", () => map?.showModal());
on("q", () => document.querySelector(".eyebrow a")?.click());
for (const button of document.querySelectorAll("[data-key]")) on(button.dataset.key, () => button.click());

addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && event.target.matches?.(TYPED)) {
    event.target.blur();
    return;
  }
  if (!active || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.(TYPED)) return;
  const act = acts.get(event.key);
  if (!act) return;
  event.preventDefault();
  act();
});

function show() {
  for (const help of document.querySelectorAll("[data-key-help]")) {
    help.hidden = false;
    help.classList.toggle("is-off", !active);
  }
}

for (const link of document.querySelectorAll("[data-jump]")) {
  link.addEventListener("click", (event) => {
    const target = document.querySelector(link.hash);
    if (!target) return;
    event.preventDefault();
    visit(target);
  });
}

const box = document.querySelector("[data-key-switch]");
if (box) {
  box.checked = active;
  box.addEventListener("change", () => {
    active = box.checked;
    save(active);
    show();
  });
}
document.querySelector("[data-open-keys]")?.addEventListener("click", () => map.showModal());
document.querySelector("[data-close-keys]")?.addEventListener("click", () => map.close());
document.querySelector("[data-utterance]:target")?.focus({ preventScroll: true });
show();
