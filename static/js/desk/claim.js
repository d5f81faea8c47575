// Hold the conversation while its page is open and somebody is there; give it back on leaving.
const line = document.querySelector("[data-claim]");
const IDLE = 15 * 60_000;
let { since, every } = line ? JSON.parse(document.getElementById("claim-data").textContent) : {};
let active = Date.now();
let timer = 0;

function say(text) {
  const note = line.querySelector("[data-claim-note]");
  if (note.textContent !== text) note.textContent = text;
}

function body(fields) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", line.querySelector("[name=csrfmiddlewaretoken]").value);
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
}

async function hold(fields) {
  const answer = await fetch(line.dataset.claim, {
    method: "POST",
    body: body(fields),
    headers: { Accept: "application/json" },
  });
  if (answer.status === 409) {
    since = null;
    say((await answer.json()).text);
    return;
  }
  if (!answer.ok) throw new Error(String(answer.status));
  ({ since } = await answer.json());
  say(line.dataset.kept);
  line.querySelector("[data-claim-button]")?.remove();
}

async function turn(fields) {
  clearTimeout(timer);
  try {
    if (Date.now() - active < IDLE) await hold(fields);
  } catch {
    say(line.dataset.lost);
  }
  timer = setTimeout(() => turn({ renew: "1" }), every * 1000);
}

function leave() {
  clearTimeout(timer);
  if (since) navigator.sendBeacon(line.dataset.release, body({ since }));
  since = null;
}

if (line) {
  for (const kind of ["keydown", "pointerdown", "scroll"]) {
    addEventListener(kind, () => (active = Date.now()), { passive: true, capture: true });
  }
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => {
    if (event.persisted) turn({});
  });
  turn({});
}
