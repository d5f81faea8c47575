// The waiting room: a place, an honest word about the wait, an offer, and always a way out.
import { LiveSocket } from "../live/socket.js";
import { fill, pageData } from "../live/page.js";
import { Chime } from "./chime.js";

const page = pageData("lobby-data");
const { strings } = page;
const $ = (selector) => document.querySelector(selector);
const panels = [...document.querySelectorAll("[data-panel]")];
const chime = new Chime($("[data-sound]"), $("[data-title]"));
const state = { wants: page.waiting, since: null, offer: null, expires: null, accepted: false, skew: 0 };

function show(name, focus = false) {
  for (const panel of panels) panel.hidden = panel.dataset.panel !== name;
  const shown = panels.find((panel) => panel.dataset.panel === name);
  // What was pressed may be gone now: the heading then takes its focus.
  if (shown && (focus || !document.activeElement.checkVisibility())) shown.querySelector("h2")?.focus();
  document.body.dataset.place = name;
}

function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function estimate(seconds) {
  if (seconds === null || seconds === undefined) return strings.no_estimate;
  return fill(strings.estimate, { minutes: Math.max(1, Math.ceil(seconds / 60)) });
}

const frames = {
  waiting(frame) {
    const again = state.offer !== null;
    Object.assign(state, { wants: true, since: Date.parse(frame.since), offer: null, accepted: false });
    $("[data-position]").textContent = String(frame.position);
    $("[data-estimate]").textContent = estimate(frame.estimate_s);
    $("[data-again]").hidden = !again;
    $("[data-still]").hidden = true;
    chime.calm();
    show("waiting", again);
  },
  prompt() {
    $("[data-still]").hidden = false;
    chime.call(strings.still_title);
  },
  offer(frame) {
    const fresh = state.offer !== frame.offer;
    Object.assign(state, { wants: true, offer: frame.offer, expires: Date.parse(frame.expires_at) });
    state.accepted = state.accepted && !fresh;
    state.window = Math.max(1, state.expires - now());
    show("offer", fresh);
    answered();
    if (fresh) chime.call(strings.offer_title);
    tick();
  },
  matched(frame) {
    state.wants = false;
    show("matched", true);
    location.assign(frame.path);
  },
  closed(frame) {
    state.wants = false;
    chime.calm();
    $("[data-outcome]").textContent = strings[`closed_${frame.outcome}`] || strings.closed;
    $("[data-go]").href = frame.path;
    show("closed", true);
  },
  pong: (frame) => (state.skew = Date.parse(frame.now) - Date.now()),
  error(frame) {
    if (frame.fatal && frame.code === "forbidden") location.assign(page.next);
  },
};

function now() {
  return Date.now() + state.skew;
}

function answered() {
  $("[data-ready]").hidden = state.accepted;
  $("[data-decline]").hidden = state.accepted;
  $("[data-accepted]").hidden = !state.accepted;
}

function tick() {
  if (state.since) $("[data-since]").textContent = clockText((now() - state.since) / 1000);
  if (!state.offer) return;
  const left = Math.max(0, state.expires - now());
  $("[data-left]").textContent = String(Math.ceil(left / 1000));
  $("[data-countdown]").value = left / state.window;
}

const socket = new LiveSocket("/ws/lobby/", {
  open() {
    socket.welcomed();
    line("connected");
    socket.ping();
    if (state.wants) socket.send({ t: "hello", v: 1 });
  },
  frame: (frame) => frames[frame.t]?.(frame),
  state(name, code) {
    line(name);
    if (name === "over" && [4003, 4010].includes(code)) location.assign(page.next);
  },
});

function line(name) {
  const node = $("[data-line]");
  node.dataset.state = name;
  node.querySelector("[data-words]").textContent = strings[`line_${name}`];
}

function start() {
  state.wants = true;
  socket.send({ t: "hello", v: 1 });
}

$("[data-start]").addEventListener("click", start);
// Nobody can press it before somebody listens.
$("[data-start]").disabled = $("[data-shut]") !== null;
$("[data-here]").addEventListener("click", start);
$("[data-leave]").addEventListener("click", () => socket.send({ t: "leave" }));
$("[data-ready]").addEventListener("click", () => {
  state.accepted = true;
  answered();
  $("[data-accepted]").focus();
  socket.send({ t: "ready", offer: state.offer });
});
$("[data-decline]").addEventListener("click", () => socket.send({ t: "decline", offer: state.offer }));
show(page.waiting ? "waiting" : "before");
setInterval(tick, 500);
socket.connect();
