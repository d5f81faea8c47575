// The field to write in: keeps the draft over a reload, counts towards the limit, tells how it was written.
import { fill, memory } from "../live/page.js";

const WARN_BELOW = 200;
const HIGHEST = 11 * 16;
const TYPING_EVERY_MS = 3000;
const TYPING_OVER_MS = 4000;

// The characters that the server refuses; a pasted tab becomes a blank.
function tidy(text) {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\t/g, " ");
  return lines.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g, "").trim();
}

export class Composer {
  constructor(form, { draftKey, limit, strings, submit, typing }) {
    Object.assign(this, { form, draftKey, limit, strings, submit, typing });
    this.field = form.querySelector("textarea");
    this.button = form.querySelector("[type=submit]");
    this.left = form.querySelector("[data-left]");
    this.field.value = memory.get(draftKey, "");
    this.forget();
    this.typedAt = -Infinity;
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.addEventListener("paste", (event) => {
      this.tele.paste_chars += (event.clipboardData?.getData("text") || "").length;
    });
    addEventListener("blur", () => (this.tele.blurs += 1));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.fit();
  }

  forget() {
    this.tele = { keys: 0, paste_chars: 0, blurs: 0 };
    this.startedAt = null;
  }

  // `why` is the placeholder that says what is missing before one can write.
  setOpen(open, why) {
    this.open = open;
    this.field.readOnly = !open;
    this.field.setAttribute("aria-disabled", String(!open));
    this.field.placeholder = open ? this.strings.write_here : why;
    this.form.classList.toggle("is-closed", !open);
    this.show();
  }

  key(event) {
    this.tele.keys += 1;
    this.startedAt ??= performance.now();
    const coarse = matchMedia("(pointer: coarse)").matches;
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || coarse) return;
    event.preventDefault();
    this.send();
  }

  changed() {
    this.startedAt ??= performance.now();
    memory.set(this.draftKey, this.field.value);
    this.fit();
    this.show();
    const now = performance.now();
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.stopTyping(), TYPING_OVER_MS);
    if (this.field.value && now - this.typedAt > TYPING_EVERY_MS) {
      this.typedAt = now;
      this.typing(true);
    }
  }

  stopTyping() {
    clearTimeout(this.quiet);
    if (this.typedAt > 0) this.typing(false);
    this.typedAt = -Infinity;
  }

  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight + 2, HIGHEST)}px`;
  }

  show() {
    const left = this.limit - [...tidy(this.field.value)].length;
    this.left.textContent = left < WARN_BELOW ? fill(this.strings.left, { count: left }) : "";
    this.left.classList.toggle("is-over", left < 0);
    this.button.disabled = !this.open || left < 0 || left === this.limit;
  }

  send() {
    const text = tidy(this.field.value);
    if (!this.open || !text || [...text].length > this.limit) return;
    const ms = this.startedAt === null ? 0 : Math.round(performance.now() - this.startedAt);
    const tele = { ...this.tele, ms };
    this.field.value = "";
    memory.set(this.draftKey, "");
    this.forget();
    this.stopTyping();
    this.fit();
    this.show();
    this.submit(text, tele);
  }
}
