// One utterance as a bubble: the text, and below it the own strategy and what became of it.
import { fill } from "../live/page.js";

export class Bubbles {
  constructor({ strings, labels, actions }) {
    Object.assign(this, { strings, labels, actions });
    this.time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
  }

  make(text, own, strategy) {
    const node = document.createElement("div");
    node.className = `bubble ${own ? "bubble-end" : "bubble-start"}`;
    const who = document.createElement("span");
    who.className = "visually-hidden";
    who.textContent = own ? this.strings.you_said : this.strings.partner_said;
    const body = document.createElement("p");
    body.className = "bubble-text";
    body.dir = "auto";
    body.textContent = text;
    const meta = document.createElement("p");
    meta.className = "bubble-meta";
    if (own && strategy) {
      const tag = document.createElement("span");
      tag.className = "bubble-strategy";
      tag.textContent = this.labels[strategy] || strategy;
      meta.append(tag);
    }
    const state = document.createElement("span");
    state.className = "bubble-state";
    meta.append(state);
    node.append(who, body, meta);
    return node;
  }

  mark(bubble, state, why = "", at = null) {
    bubble.dataset.state = state;
    const { sending, not_sent_yet: waiting, sent } = this.strings;
    const time = at ? this.time.format(new Date(at)) : "";
    const own = bubble.classList.contains("bubble-end");
    const words = { sending, waiting, failed: why, sent: own ? fill(sent, { time }) : time };
    bubble.querySelector(".bubble-state").textContent = words[state];
    bubble.querySelector(".bubble-retry")?.remove();
  }

  offerRetry(bubble, cid) {
    const box = document.createElement("span");
    box.className = "bubble-retry";
    for (const [name, label] of [["retry", this.strings.try_again], ["remove", this.strings.remove]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small button-plain";
      button.textContent = label;
      button.addEventListener("click", () => this.actions[name](cid));
      box.append(button);
    }
    bubble.querySelector(".bubble-meta").append(box);
  }
}
