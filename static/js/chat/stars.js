// The seeker's feedback bar. Its place is always there, so nothing jumps, and it never takes the focus.
export class Stars {
  // `rate(req, value)` is called once per request.
  constructor(root, { strings, rate }) {
    this.root = root;
    this.strings = strings;
    this.rate = rate;
    this.question = root.querySelector("[data-question]");
    this.buttons = [...root.querySelectorAll("[data-value]")];
    this.req = null;
    for (const button of this.buttons) {
      const value = Number(button.dataset.value);
      button.addEventListener("click", () => this.pick(value));
      button.addEventListener("pointerenter", () => this.req && this.light(value));
      button.addEventListener("focus", () => this.req && this.light(value));
    }
    root.addEventListener("pointerleave", () => this.req && this.light(0));
    this.rest(strings.stars_rest);
  }

  rest(text) {
    this.req = null;
    this.root.dataset.open = "no";
    this.question.textContent = text;
    for (const button of this.buttons) button.disabled = true;
  }

  open(req) {
    this.req = req;
    this.root.dataset.open = "yes";
    this.question.textContent = this.strings.stars_question;
    for (const button of this.buttons) button.disabled = false;
    this.light(0);
  }

  light(value) {
    for (const button of this.buttons) {
      button.classList.toggle("is-on", Number(button.dataset.value) <= value);
    }
  }

  pick(value) {
    if (this.req === null) return;
    const req = this.req;
    this.settle(this.strings.stars_sending, value);
    this.rate(req, value);
  }

  // The feedback is stored.
  given(req, value) {
    if (this.req === null || this.req === req) this.settle(this.strings.stars_thanks, value);
  }

  settle(words, value) {
    const focused = this.root.contains(document.activeElement);
    this.rest(words);
    this.light(value);
    if (focused) this.question.focus();
  }

  // It was not stored: say so, the next request comes by itself.
  refused() {
    this.rest(this.strings.stars_late);
    this.light(0);
  }
}
