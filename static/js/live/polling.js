// The room by plain requests: the frames of the protocol, asked for every two seconds. It looks like a socket.
import { everySecond } from "./clock.js";

const PAUSE_MS = 2000;
const PATIENCE_MS = 10000;
const COMMANDS = new Set(["msg", "rate", "end", "help"]);
const UNREADABLE = new Set([400, 413]);
const CLOSES = { 401: 4010, 403: 4010, 404: 4004 };
const OVER = 4005;

export class Polling {
  // Calls handlers.open() to be joined, .frame(frame), .lost() when requests do not get through any more, and
  // .over(code) with the close code that a socket would have had.
  constructor({ events, commands, csrf }, handlers) {
    Object.assign(this, { events, commands, csrf, handlers });
    this.started = this.on = this.joined = false;
    this.run = 0;
    this.asking = null;
    this.askedAt = -Infinity;
    everySecond(() => this.on && performance.now() - this.askedAt >= PAUSE_MS && this.ask());
  }

  // Try it; nothing is said when it is in vain.
  start() {
    if (this.started) return;
    this.started = true;
    this.run += 1;
    this.handlers.open();
  }

  stop() {
    this.started = this.on = false;
    this.run += 1;
  }

  rejoin() {
    this.handlers.open();
  }

  // What is not stored, such as typing, has no address.
  send(frame) {
    if (frame.t === "join") {
      this.joined = false;
      this.after = frame.last_seq;
      this.ask();
    } else if (COMMANDS.has(frame.t)) this.post(frame);
    return true;
  }

  async ask() {
    const { run } = this;
    this.again = this.asking === run;
    if (this.again) return;
    this.asking = run;
    this.askedAt = performance.now();
    const room = await this.request(`${this.events}?after=${this.after}`);
    if (this.run !== run) return;
    this.asking = null;
    if (room) this.tell(room);
    if (this.again) this.ask();
  }

  async post(frame) {
    const headers = { "Content-Type": "application/json", "X-CSRFToken": this.csrf };
    const answer = await this.request(this.commands, { method: "POST", headers, body: JSON.stringify(frame) });
    if (!answer) return;
    const unreadable = [{ t: "nack", cid: frame.cid, code: "bad_frame", retry: false }];
    for (const reply of answer.replies || unreadable) this.handlers.frame(reply);
    this.ask();
  }

  // The answer's content, {} when the server could not read us; null when we have to stop, or were stopped.
  async request(url, options = {}) {
    const { run } = this;
    let status = 0;
    let content = null;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(url, { ...options, signal, cache: "no-store", redirect: "error" });
      ({ status } = answer);
      if (answer.ok) content = await answer.json();
      else if (options.body && UNREADABLE.has(status)) content = {};
    } catch {
      status = 0;
    }
    if (this.run !== run) return null;
    if (!content) this.failed(status);
    return content;
  }

  failed(status) {
    const { on } = this;
    this.stop();
    if (status in CLOSES) this.handlers.over(CLOSES[status]);
    else if (on) this.handlers.lost();
  }

  tell({ events, ...room }) {
    if (!this.joined) {
      this.joined = this.on = true;
      this.handlers.frame({ t: "joined", ...room });
    } else if (room.partner !== this.partner) {
      this.handlers.frame({ t: "presence", status: room.partner });
    }
    this.partner = room.partner;
    for (const event of events) {
      this.after = event.seq;
      this.handlers.frame(event);
    }
    if (this.after < room.last_seq) this.ask();
    else if (!["created", "live"].includes(room.state)) this.finish();
  }

  finish() {
    this.stop();
    this.handlers.over(OVER);
  }
}
