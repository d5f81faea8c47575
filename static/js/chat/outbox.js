// What was asked of the room and not yet stored: in order, one at a time, kept over a reload of the page.
import { memory } from "../live/page.js";

const RETRY_MS = 1500;

export class Outbox {
  // `send(frame)` hands a frame to the socket; `changed(item, reply)` tells what became of it.
  constructor(key, { send, changed }) {
    this.key = key;
    this.send = send;
    this.changed = changed;
    this.items = memory.get(key, []);
    this.open = false;
    this.flying = null;
    this.timer = null;
    addEventListener("beforeunload", (event) => {
      const exiting = document.documentElement.dataset.exiting;
      if (this.waiting.length && !exiting) event.preventDefault();
    });
  }

  get waiting() {
    return this.items.filter((item) => !item.failed);
  }

  add(frame) {
    const item = { frame, failed: null };
    this.items.push(item);
    this.save();
    this.changed(item, null);
    this.pump();
  }

  // The room was joined: everything without an answer goes out again under the same client id.
  resume() {
    this.open = true;
    this.flying = null;
    for (const item of this.waiting) this.changed(item, null);
    this.pump();
  }

  pause() {
    this.open = false;
    this.flying = null;
    clearTimeout(this.timer);
    for (const item of this.items) this.changed(item, null);
  }

  pump() {
    clearTimeout(this.timer);
    const next = this.waiting[0];
    if (!this.open || this.flying || !next) return;
    if (this.send(next.frame)) this.flying = next.frame.cid;
  }

  acked(reply) {
    const item = this.take(reply.cid);
    if (item) this.changed(item, reply);
    this.pump();
  }

  nacked(reply) {
    if (this.flying === reply.cid) this.flying = null;
    const item = this.items.find((one) => one.frame.cid === reply.cid);
    if (!item) return;
    if (reply.retry) {
      this.timer = setTimeout(() => this.pump(), reply.after_ms || RETRY_MS);
      return;
    }
    item.failed = reply.code;
    this.save();
    this.changed(item, reply);
    this.pump();
  }

  retry(cid) {
    const item = this.items.find((one) => one.frame.cid === cid);
    if (!item) return;
    item.failed = null;
    this.save();
    this.changed(item, null);
    this.pump();
  }

  take(cid) {
    if (this.flying === cid) this.flying = null;
    const at = this.items.findIndex((one) => one.frame.cid === cid);
    if (at < 0) return null;
    const [item] = this.items.splice(at, 1);
    this.save();
    return item;
  }

  save() {
    memory.set(this.key, this.items);
  }
}
