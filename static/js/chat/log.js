// The conversation as it is read: own and partner's utterances, and what the room has to say.
import { fill } from "../live/page.js";

const NEAR_PX = 80;

export class Log {
  constructor(root, { role, strings, labels, actions }) {
    this.root = root;
    this.list = root.querySelector("[data-list]");
    this.newer = document.querySelector("[data-newer]");
    this.role = role;
    this.strings = strings;
    this.labels = labels;
    this.actions = actions;
    this.bySeq = new Map();
    this.byCid = new Map();
    this.time = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
    this.newer.addEventListener("click", () => this.toEnd());
    root.addEventListener("scroll", () => this.atEnd() && (this.newer.hidden = true), { passive: true });
  }

  busy(on) {
    this.root.setAttribute("aria-busy", String(on));
  }

  atEnd() {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < NEAR_PX;
  }

  toEnd() {
    this.root.scrollTop = this.root.scrollHeight;
    this.newer.hidden = true;
  }

  keepPlace(change, own = false) {
    const stay = this.atEnd() || own;
    change();
    if (stay) this.toEnd();
    else this.newer.hidden = false;
  }

  // An own utterance on its way; `state` is sending, waiting or failed.
  pending(cid, frame, state, why = "") {
    let bubble = this.byCid.get(cid);
    if (!bubble) {
      bubble = this.bubble(frame.text, true, frame.strategy);
      this.byCid.set(cid, bubble);
      this.keepPlace(() => this.list.append(bubble), true);
    }
    this.mark(bubble, state, why);
    if (state === "failed") this.offerRetry(bubble, cid);
  }

  acked(cid, seq, at) {
    const bubble = this.byCid.get(cid);
    this.byCid.delete(cid);
    if (!bubble) return;
    if (this.bySeq.has(seq)) bubble.remove();
    else this.settle(bubble, seq, at);
  }

  forget(cid) {
    this.byCid.get(cid)?.remove();
    this.byCid.delete(cid);
  }

  said(event) {
    const known = this.bySeq.get(event.seq);
    if (known) {
      known.querySelector(".bubble-text").textContent = event.text;
      return;
    }
    const own = event.from === this.role;
    const bubble = this.bubble(event.text, own, event.strategy);
    this.keepPlace(() => this.settle(bubble, event.seq, event.at));
  }

  // A line of the room itself, in the middle.
  note(seq, text) {
    if (this.bySeq.has(seq)) return;
    const line = document.createElement("p");
    line.className = "bubble bubble-mid";
    line.textContent = text;
    this.keepPlace(() => this.place(line, seq));
  }

  settle(bubble, seq, at) {
    this.mark(bubble, "sent", "", at);
    this.place(bubble, seq);
  }

  place(node, seq) {
    node.dataset.seq = seq;
    this.bySeq.set(seq, node);
    const after = [...this.list.children].find((one) => !one.dataset.seq || Number(one.dataset.seq) > seq);
    if (after !== node) this.list.insertBefore(node, after || null);
  }

  bubble(text, own, strategy) {
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
    const time = at ? this.time.format(new Date(at)) : "";
    const own = bubble.classList.contains("bubble-end");
    const words = { sending: this.strings.sending, waiting: this.strings.not_sent_yet, failed: why };
    words.sent = own ? fill(this.strings.sent, { time }) : time;
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
