// The way to the room: a websocket, and plain requests for as long as no websocket gets through.
import { Polling } from "./polling.js";
import { LiveSocket } from "./socket.js";

const BLOCKED_AFTER = 3;
const TRYING = new Set(["connecting", "waiting"]);

export class Line {
  // Calls handlers.open(way), which has to join over that way, .frame(frame), and .state(name, code) as the
  // socket does. Whether it is "connected" or "polling" is what `welcomed` answers.
  constructor({ socket, events, commands, csrf }, handlers) {
    this.handlers = handlers;
    this.socket = new LiveSocket(socket, {
      open: () => handlers.open(this.socket),
      frame: (frame) => this.heard(this.socket, frame),
      state: (name, code) => this.turned(name, code),
    });
    this.polling = new Polling({ events, commands, csrf }, {
      open: () => handlers.open(this.polling),
      frame: (frame) => this.heard(this.polling, frame),
      lost: () => this.lost(),
      over: (code) => this.over(code),
    });
    this.way = this.socket;
  }

  connect() {
    this.socket.connect();
  }

  send(frame) {
    return this.way.send(frame);
  }

  rejoin() {
    this.way.rejoin();
  }

  welcomed(heartbeat) {
    if (this.way === this.polling) return "polling";
    this.socket.welcomed(heartbeat);
    return "connected";
  }

  // Whichever way the room was joined by last is the way; a socket that got through ends the requests.
  heard(way, frame) {
    if (frame.t === "joined") {
      this.way = way;
      if (way === this.socket) this.polling.stop();
    }
    this.handlers.frame(frame);
  }

  turned(name, code) {
    // While requests get through, a socket that tries in vain is nobody's worry.
    if (this.polling.on && TRYING.has(name)) return;
    if (!TRYING.has(name)) this.polling.stop();
    this.way = this.socket;
    this.handlers.state(name, code);
    if (name === "waiting" && this.socket.blocked >= BLOCKED_AFTER) this.polling.start();
  }

  lost() {
    this.way = this.socket;
    this.handlers.state(navigator.onLine === false ? "offline" : "waiting");
    this.socket.retryNow();
  }

  over(code) {
    this.socket.stop();
    this.handlers.state("over", code);
  }
}
