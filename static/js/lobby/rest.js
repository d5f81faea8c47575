// Asks now and then whether the study takes a rest, and shows what the server has to say about it.
const PAUSE_MS = 15000;
const box = document.querySelector("[data-rest]");
const start = document.querySelector("[data-start]");

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(box.dataset.rest, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.textContent.trim() === box.textContent.trim()) return;
  box.replaceChildren(...page.body.children);
  // Who has no place yet cannot take one while the study is not open.
  start.disabled = box.querySelector("[data-shut]") !== null;
}

async function turn() {
  // Without an answer what stands there stays; the line below says that the connection is lost.
  await refresh().catch(() => {});
  setTimeout(turn, PAUSE_MS);
}

setTimeout(turn, PAUSE_MS);
addEventListener("visibilitychange", () => refresh().catch(() => {}));
