// The conversation as it is read: own and partner's utterances, and what the room has to say.
import { Bubbles } from "./bubbles.js";

const NEAR_PX = 80;

export class Log {
  constructor(root, { role, strings, labels, actions }) {
    this.root = root;
    this.list = root.querySelector("[data-list]");
    this.newer = document.querySelector("[data-newer]");
    this.role = role;
    this.bubbles = new Bubbles({ strings, labels, actions });
    this.bySeq = new Map();
    this.byCid = new Map();
    this.newer.addEventListener("click", () => this.toEnd());
    this.follows = true;
    root.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.follows && this.toEnd()).observe(root);
  }

  scrolled() {
    this.follows = this.atEnd();
    if (this.follows) this.newer.hidden = true;
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
    const stay = this.follows || own;
    change();
    if (stay) this.toEnd();
    else this.newer.hidden = false;
  }

  // An own utterance on its way; `state` is sending, waiting or failed.
  pending(cid, frame, state, why = "") {
    let bubble = this.byCid.get(cid);
    if (!bubble) {
      bubble = this.bubbles.make(frame.text, true, frame.strategy);
      this.byCid.set(cid, bubble);
      this.keepPlace(() => this.list.append(bubble), true);
    }
    // What came back as an event is stored, though its answer is still on the way.
    if (bubble.dataset.seq) return;
    this.bubbles.mark(bubble, state, why);
    if (state === "failed") this.bubbles.offerRetry(bubble, cid);
  }

  acked(cid, seq, at) {
    const bubble = this.byCid.get(cid);
    this.byCid.delete(cid);
    if (!bubble || bubble.dataset.seq) return;
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
    const bubble = (own && this.waiting(event.text)) || this.bubbles.make(event.text, own, event.strategy);
    this.keepPlace(() => this.settle(bubble, event.seq, event.at));
  }

  // The own utterance of this text that has no answer yet, so that it does not stand there twice meanwhile.
  waiting(text) {
    const same = (bubble) => !bubble.dataset.seq && bubble.querySelector(".bubble-text").textContent === text;
    return [...this.byCid.values()].find(same);
  }

  // A line of the room itself, in the middle; with `who`, a moderator's.
  note(seq, text, who = "") {
    if (this.bySeq.has(seq)) return;
    const line = document.createElement("p");
    line.className = `bubble bubble-mid${who && " bubble-moderator"}`;
    line.dir = "auto";
    line.textContent = text;
    if (who) {
      const name = document.createElement("strong");
      name.textContent = `${who}\n`;
      line.prepend(name);
    }
    this.keepPlace(() => this.place(line, seq));
  }

  settle(bubble, seq, at) {
    this.bubbles.mark(bubble, "sent", "", at);
    this.place(bubble, seq);
  }

  place(node, seq) {
    node.dataset.seq = seq;
    this.bySeq.set(seq, node);
    const after = [...this.list.children].find((one) => !one.dataset.seq || Number(one.dataset.seq) > seq);
    if (after !== node) this.list.insertBefore(node, after || null);
  }
}
