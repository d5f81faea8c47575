// What is true about the line and the partner right now, in words.
import { fill } from "../live/page.js";

const TYPING_MS = 6000;
const ALONE = new Set(["waiting", "offline", "other_tab"]);
const CLOSES = { 4005: "ended", 4009: "other_tab" };

export class Status {
  constructor({ strings }) {
    this.strings = strings;
    this.line = document.querySelector("[data-line]");
    this.partner = document.querySelector("[data-partner]");
    this.typingLine = document.querySelector("[data-typing]");
    this.progress = document.querySelector("[data-progress]");
    this.said = document.querySelector("[data-said]");
    this.title = document.title;
    this.unread = 0;
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.setUnread(0);
    });
  }

  connection(name, code) {
    if (name === "over") name = CLOSES[code] || name;
    this.line.dataset.state = name;
    const text = this.strings[`line_${name}`];
    const words = this.line.querySelector("[data-words]");
    if (words.textContent !== text) words.textContent = text;
    // Without a line nobody knows what the partner does; the last word about it may be wrong by now.
    if (ALONE.has(name)) this.presence("unknown");
  }

  presence(status, room) {
    const name = room === "created" && status === "offline" ? "coming" : status;
    this.partner.dataset.status = status;
    this.partner.querySelector("[data-words]").textContent = this.strings[`partner_${name}`];
    if (status !== "online") this.typing(false);
  }

  typing(on) {
    clearTimeout(this.timer);
    this.typingLine.textContent = on ? this.strings.typing : "";
    if (on) this.timer = setTimeout(() => this.typing(false), TYPING_MS);
  }

  count(done, goal) {
    this.progress.querySelector("progress").value = Math.min(done, goal);
    const text = done >= goal ? this.strings.goal_reached : this.strings.progress;
    this.progress.querySelector("[data-words]").textContent = fill(text, { done, goal });
  }

  // A word that is there for a moment, where the typing stands otherwise.
  tell(text) {
    this.typing(true);
    this.typingLine.textContent = text;
  }

  // Read out once, for things that have no place in the log.
  say(text) {
    this.said.textContent = text;
  }

  heard() {
    if (document.hidden) this.setUnread(this.unread + 1);
  }

  setUnread(count) {
    this.unread = count;
    document.title = count ? `(${count}) ${this.title}` : this.title;
  }
}
