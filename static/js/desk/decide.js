// Deciding by keyboard: choose, give a ready reason by its number, send.
import { on, visit } from "./keys.js";

const form = document.querySelector(".decision-form");
const UNDO = 60_000;

function chosen() {
  return form.querySelector("input[name=decision]:checked")?.value;
}

// Only the ready reasons of the chosen decision are shown, and only one of them can be sent.
function sort() {
  for (const group of form.querySelectorAll("[data-presets]")) {
    group.hidden = group.dataset.presets !== chosen();
    if (!group.hidden) continue;
    for (const radio of group.querySelectorAll("input")) radio.checked = false;
  }
}

function choose(value) {
  const radio = form.querySelector(`input[name=decision][value=${value}]`);
  radio.checked = true;
  sort();
  visit(radio);
}

function pick(number) {
  const group = form.querySelector("[data-presets]:not([hidden])");
  const radio = group?.querySelectorAll("input")[number - 1];
  if (!radio) return;
  radio.checked = true;
  radio.focus();
}

function unfold(selector, field) {
  const details = document.querySelector(selector);
  if (!details) return;
  details.open = true;
  visit(details.querySelector(field));
}

if (form) {
  sort();
  form.addEventListener("change", (event) => {
    if (event.target.name === "decision") sort();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey || !event.target.closest(".decision-form, body")) return;
    const own = event.target.closest("form") ?? form;
    own.requestSubmit(own.querySelector("button[type=submit]"));
  });
  on("a", () => choose("accepted"));
  on("r", () => choose("rejected"));
  on("w", () => visit(form.querySelector("[name=reason]")));
  on("i", () => unfold("[data-intensity]", "[name=final_emotion_intensity]"));
  on("s", () => unfold("[data-second]", "textarea"));
  for (let number = 1; number <= 9; number += 1) on(String(number), () => pick(number));
}
on("x", () => {
  const field = document.querySelector("[data-close-flag]");
  if (field) visit(field);
});

const undo = document.querySelector("[data-undo]");
if (undo) setTimeout(() => undo.remove(), UNDO);
