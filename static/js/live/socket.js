// One websocket that comes back: heartbeats, silence, back-off, and the server's reasons to stay away.
import { everySecond } from "./clock.js";

const PROTOCOL = "esc.v1";
const PING_MS = 15000;
const SILENCE_MS = 30000;
const GREETING_MS = 15000;
const LONGEST_MS = 15000;
const FIRST_MS = 500;
const STAY_AWAY = new Set([4001, 4003, 4004, 4005, 4009, 4010, 4022, 4029]);
const RESTART = 4201;
const CUT = 1006;

export class LiveSocket {
  // Calls handlers.open(), .frame(frame), .state(name, code) with name connecting (for the first time), waiting
  // (to be connected again), offline or over. `blocked` counts sockets in a row that did not get as far as the room.
  constructor(path, handlers) {
    this.url = new URL(path, location.href);
    this.url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.handlers = handlers;
    this.tries = 0;
    this.pings = 0;
    this.pingMs = PING_MS;
    this.blocked = 0;
    this.greeted = this.lost = this.over = false;
    this.restartMs = 0;
    this.socket = null;
    this.timer = null;
    everySecond(() => this.tick());
    addEventListener("online", () => this.startOver());
    addEventListener("offline", () => this.wentOffline());
    document.addEventListener("visibilitychange", () => {
      this.ping();
      if (!document.hidden) this.retryNow();
    });
    addEventListener("pageshow", (event) => event.persisted && this.retryNow());
  }

  connect() {
    if (this.socket || this.over) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.greeted = false;
    this.handlers.state(this.absence());
    const socket = new WebSocket(this.url, PROTOCOL);
    this.socket = socket;
    this.heardAt = this.pingedAt = performance.now();
    socket.onopen = () => socket === this.socket && this.handlers.open();
    socket.onmessage = (message) => socket === this.socket && this.receive(message.data);
    socket.onclose = (event) => socket === this.socket && this.closed(event.code);
  }

  absence() {
    if (navigator.onLine === false) return "offline";
    return this.lost ? "waiting" : "connecting";
  }

  receive(text) {
    this.heardAt = performance.now();
    const frame = JSON.parse(text);
    if (frame.t === "bye") this.restartMs = frame.after_ms || 0;
    this.handlers.frame(frame);
  }

  // The owner calls this once the server let it in: the next failure starts with a short pause again.
  welcomed(heartbeat) {
    this.tries = this.blocked = 0;
    this.greeted = true;
    this.lost = false;
    if (heartbeat) this.pingMs = heartbeat * 1000;
  }

  send(frame) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  ping() {
    this.pingedAt = performance.now();
    this.send({ t: "ping", n: ++this.pings, hidden: document.hidden });
  }

  tick() {
    if (!this.socket) return;
    const now = performance.now();
    if (now - this.heardAt > (this.greeted ? SILENCE_MS : GREETING_MS)) this.drop();
    else if (now - this.pingedAt >= this.pingMs) this.ping();
  }

  closed(code) {
    this.socket = null;
    this.lost = true;
    this.blocked = code === CUT && !this.greeted ? this.blocked + 1 : 0;
    if (STAY_AWAY.has(code)) {
      this.over = true;
      this.handlers.state("over", code);
      return;
    }
    const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.tries) * (0.5 + Math.random() / 2);
    this.tries += 1;
    this.handlers.state(this.absence(), code);
    const wait = code === RESTART ? this.restartMs * (1 + Math.random()) : pause;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  // Give a connection up that may be dead without knowing it, and start over.
  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.socket = null;
    socket.close();
    this.closed(CUT);
  }

  wentOffline() {
    if (this.socket) this.drop();
    else if (!this.over) this.handlers.state("offline");
  }

  // The network is back: a try that began without one may hang for long.
  startOver() {
    if (this.socket && !this.greeted) this.drop();
    this.retryNow();
  }

  // Join again from the last event we have (a gap in the sequence).
  rejoin() {
    this.tries = 0;
    this.drop();
  }

  retryNow() {
    if (this.socket || this.over) return;
    this.tries = 0;
    this.connect();
  }

  stop() {
    this.over = true;
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    if (socket) socket.close(1000);
  }
}
