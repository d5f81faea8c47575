// What the room itself has to say; while the partner is away, the choice between waiting and finishing.
import { fill } from "../live/page.js";

export class Notices {
  // `finish()` ends the conversation; it is the partner who has left.
  constructor(bar, { log, role, strings, finish }) {
    Object.assign(this, { bar, log, role, strings });
    this.words = bar.querySelector("[data-words]");
    bar.querySelector("[data-wait]").addEventListener("click", () => this.hide());
    bar.querySelector("[data-finish]").addEventListener("click", () => {
      this.hide();
      finish();
    });
  }

  told(event) {
    const own = event.who === this.role;
    const text = this.strings[`notice_${event.code}${own ? "_you" : ""}`] || this.strings.notice;
    this.log.note(event.seq, text);
    if (!own && event.code === "partner_away") this.show(event.until);
    else if (!own && event.code === "partner_back") this.hide();
  }

  presence(status) {
    if (status !== "offline") this.hide();
  }

  show(until) {
    const time = new Date(until).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    this.words.textContent = fill(this.strings.away_choice, { time });
    this.bar.hidden = false;
  }

  hide() {
    const focused = this.bar.contains(document.activeElement);
    this.bar.hidden = true;
    if (focused) this.log.root.focus();
  }
}
