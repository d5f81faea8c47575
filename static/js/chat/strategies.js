// The supporter's eight chips: one is chosen before every utterance, by click, arrow keys or 1 to 8.
import { fill } from "../live/page.js";

export class Strategies {
  // `chosen(value)` is called whenever the choice changes; value is null when it was taken back.
  constructor(root, reminder, chosen) {
    this.root = root;
    this.reminder = reminder;
    this.hint = reminder.textContent;
    this.more = document.querySelector("[data-more]");
    this.chosen = chosen;
    this.value = null;
    this.chips = [...root.querySelectorAll("[data-strategy]")];
    for (const chip of this.chips) this.wire(chip);
    this.more.addEventListener("blur", (event) => {
      if (!event.relatedTarget?.closest("#reading")) this.remind(this.current());
    });
    this.rove(this.chips[0]);
    addEventListener("keydown", (event) => this.shortcut(event));
  }

  wire(chip) {
    const show = () => this.remind(chip);
    chip.addEventListener("click", () => this.choose(chip));
    chip.addEventListener("focus", show);
    chip.addEventListener("pointerenter", show);
    chip.addEventListener("blur", (event) => {
      if (event.relatedTarget !== this.more) this.remind(this.current());
    });
    chip.addEventListener("pointerleave", () => this.remind(this.current()));
    chip.addEventListener("keydown", (event) => this.move(event, chip));
  }

  current() {
    return this.chips.find((chip) => chip.dataset.strategy === this.value) || null;
  }

  remind(chip) {
    this.reminder.textContent = chip ? chip.dataset.reminder : this.hint;
    this.offer(chip);
  }

  // The way to the module of the strategy that is reminded of.
  offer(chip) {
    const slug = chip?.dataset.module;
    this.more.hidden = !slug;
    if (!slug) return;
    const label = chip.lastChild.textContent.trim();
    this.more.href = `/training/${slug}/`;
    Object.assign(this.more.dataset, { reading: slug, title: label });
    this.more.setAttribute("aria-label", fill(this.more.dataset.about, { strategy: label }));
  }

  rove(target) {
    for (const chip of this.chips) chip.tabIndex = chip === target ? 0 : -1;
  }

  choose(chip, focus = true) {
    this.value = chip.dataset.strategy;
    for (const one of this.chips) one.setAttribute("aria-checked", String(one === chip));
    this.rove(chip);
    this.remind(chip);
    chip.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.chosen(this.value, focus);
  }

  restore(value) {
    const chip = this.chips.find((one) => one.dataset.strategy === value);
    if (chip) this.choose(chip, false);
  }

  // After sending: the next utterance has a strategy of its own. Focus waits on the chips.
  reset(focus) {
    const last = this.current();
    this.value = null;
    for (const chip of this.chips) chip.setAttribute("aria-checked", "false");
    this.remind(null);
    this.chosen(null, false);
    if (focus && last) last.focus({ preventScroll: true });
    this.remind(null);
  }

  move(event, chip) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const count = this.chips.length;
    const next = this.chips[(this.chips.indexOf(chip) + step + count) % count];
    this.rove(next);
    next.focus();
  }

  shortcut(event) {
    if (event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const digit = /^Digit([1-8])$/.exec(event.code) || /^Numpad([1-8])$/.exec(event.code);
    if (!digit || this.root.hasAttribute("aria-disabled")) return;
    const field = event.target.closest?.("textarea, input, select");
    const typing = field && !field.readOnly && !["radio", "checkbox"].includes(field.type);
    if (typing && !event.altKey) return;
    event.preventDefault();
    this.choose(this.chips[Number(digit[1]) - 1]);
  }
}
