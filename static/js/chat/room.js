// The room: joins the parts of the page with the line. Every frame of the server has its handler here.
import { Line } from "../live/line.js";
import { memory, pageData, uuid } from "../live/page.js";
import { Answers } from "./answers.js";
import { Composer } from "./composer.js";
import { EndDialog, HelpDialog, goOn } from "./dialogs.js";
import { Log } from "./log.js";
import { Notices } from "./notices.js";
import { Outbox } from "./outbox.js";
import { Side } from "./side.js";
import { Stars } from "./stars.js";
import { Status } from "./status.js";
import { Strategies } from "./strategies.js";

const page = pageData("room-data");
const { strings } = page;
const supporter = page.role === "supporter";
const tab = uuid();
const state = { room: page.state, last: 0, utterances: 0, joined: false, leaving: false };
const $ = (selector) => document.querySelector(selector);

const status = new Status({ strings });
const side = new Side();
const log = new Log($("[data-log]"), {
  role: page.role,
  strings,
  labels: page.labels,
  actions: {
    retry: (cid) => outbox.retry(cid),
    remove: (cid) => outbox.take(cid) && log.forget(cid),
  },
});
const answers = new Answers({ log, status, strings, help: () => helpDialog, stars: () => stars });
const outbox = new Outbox(`room-${page.conversation}`, {
  send: (frame) => line.send(frame),
  changed: (item, reply) => answers.changed(item, reply, outbox),
});
const composer = new Composer($("[data-composer]"), {
  draftKey: `draft-${page.conversation}`,
  limit: page.text_limit,
  strings,
  submit: say,
  typing: (on) => state.joined && line.send({ t: "typing", on }),
});
const strategies = supporter && new Strategies($("[data-strategies]"), $("#strategy-reminder"), chose);
const stars = !supporter && new Stars($("[data-stars]"), {
  strings,
  rate: (req, value) => outbox.add({ t: "rate", cid: uuid(), req, value }),
});
const end = (reason) => outbox.add({ t: "end", cid: uuid(), reason });
const endDialog = new EndDialog(end);
const notices = new Notices($("[data-away]"), { log, role: page.role, strings, finish: () => end("leave") });
const helpDialog = new HelpDialog(strings, (kind, note) => {
  outbox.add({ t: "help", cid: uuid(), kind, ...(note && { note }) });
});

function say(text, tele) {
  const strategy = supporter ? strategies.value : null;
  outbox.add({ t: "msg", cid: uuid(), text, strategy, seen: state.last, tele });
  if (supporter) strategies.reset(true);
}

function chose(value, focus) {
  memory.set(`strategy-${page.conversation}`, value);
  openComposer();
  if (value && focus) composer.field.focus();
}

function openComposer() {
  const live = state.room === "live";
  const ready = live && (!supporter || Boolean(strategies && strategies.value));
  endDialog.allow(live);
  composer.setOpen(ready, live ? strings.choose_first : strings.wait_for_partner);
}

const events = {
  msg(event) {
    log.said(event);
    state.utterances += 1;
    status.count(state.utterances, page.minimum);
    if (event.from !== page.role) {
      status.typing(false);
      status.heard();
    } else if (event.strategy) side.used(event.strategy);
  },
  rating_request: (event) => stars && stars.open(event.seq),
  rating: (event) => stars && event.value && stars.given(event.req, event.value),
  notice: (event) => notices.told(event),
  moderator: (event) => log.note(event.seq, event.text || strings.notice_moderator, strings.moderator),
  state(event) {
    state.room = event.state;
    const words = strings[`ended_${event.reason}`] || strings[`state_${event.state}`];
    log.note(event.seq, words || strings.notice);
    openComposer();
    if (!["created", "live"].includes(event.state)) ended();
  },
};

const frames = {
  joined(frame) {
    state.joined = true;
    state.room = frame.state;
    state.caughtUp = frame.last_seq;
    log.busy(state.last < frame.last_seq);
    status.connection(line.welcomed(frame.hb));
    status.presence(frame.partner, state.room);
    openComposer();
    if (stars && frame.rating === null) stars.rest(strings.stars_rest);
    outbox.resume();
  },
  event(event) {
    if (event.seq > state.last + 1) line.rejoin();
    if (event.seq !== state.last + 1) return;
    state.last = event.seq;
    events[event.kind]?.(event);
    if (event.seq >= state.caughtUp) log.busy(false);
  },
  ack: (frame) => outbox.acked(frame),
  nack: (frame) => outbox.nacked(frame),
  typing: (frame) => status.typing(frame.on),
  presence: (frame) => status.presence(frame.status, state.room),
  redirect: (frame) => ended(frame.path, frame.why),
  error: (frame) => frame.fatal || status.say(strings[`refused_${frame.code}`] || strings.refused),
};

function ended(path, why = state.room) {
  if (path) state.path = path;
  if (state.leaving) return;
  state.leaving = true;
  endDialog.close();
  notices.hide();
  goOn(strings[`state_${why}`] || strings.state_survey, () => state.path || page.next);
}

const line = new Line(page, {
  open: (way) => way.send({ t: "join", v: 1, last_seq: state.last, tab }),
  frame: (frame) => frames[frame.t]?.(frame),
  state(name, code) {
    state.joined = false;
    status.connection(name, code);
    outbox.pause();
    if (code === 4005) ended();
    if ([4003, 4004, 4010].includes(code)) location.assign(page.next);
  },
});

if (supporter) strategies.restore(memory.get(`strategy-${page.conversation}`, null));
openComposer();
line.connect();
