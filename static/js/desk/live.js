// Ask for the page again every few seconds and put its tables in place; focus and scrolling stay.
const PAUSE = 5000;
const note = document.getElementById("live-note");

async function refresh() {
  const box = document.getElementById("live");
  if (document.hidden || !box || box.contains(document.activeElement)) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("live");
  if (!fresh.isEqualNode(box)) box.replaceWith(document.adoptNode(fresh));
  document.getElementById("as-of").replaceWith(document.adoptNode(page.getElementById("as-of")));
}

function say(text) {
  if (note.textContent !== text) note.textContent = text;
}

async function turn() {
  try {
    await refresh();
    say(` – ${note.dataset.on}`);
  } catch {
    say(` – ${note.dataset.off}`);
  }
  setTimeout(turn, PAUSE);
}

if (note) {
  say(` – ${note.dataset.on}`);
  setTimeout(turn, PAUSE);
}
