// A module to read beside the room. The panel is not modal, so that the room goes on being announced.
const panel = document.getElementById("reading");
const title = panel.querySelector("[data-title]");
const text = panel.querySelector("[data-text]");
const fetched = new Map();
let opener = null;
let wanted = null;

async function load(slug) {
  if (!fetched.has(slug)) {
    const response = await fetch(`/training/${slug}/reading/`, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const article = page.querySelector("[data-module-text]");
    if (!article) throw new Error("no module");
    fetched.set(slug, article);
  }
  return fetched.get(slug);
}

function say(words) {
  const line = document.createElement("p");
  line.className = "quiet";
  line.setAttribute("role", "status");
  line.textContent = words;
  text.replaceChildren(line);
}

async function open(link) {
  const slug = link.dataset.reading;
  opener = link;
  wanted = slug;
  title.textContent = link.dataset.title || link.textContent.trim();
  panel.hidden = false;
  title.focus();
  if (!fetched.has(slug)) say(panel.dataset.loading);
  try {
    const article = await load(slug);
    if (wanted !== slug) return;
    text.replaceChildren(article);
    text.scrollTop = 0;
  } catch {
    if (wanted === slug) say(panel.dataset.failed);
  }
}

function close() {
  const inside = panel.contains(document.activeElement);
  panel.hidden = true;
  wanted = null;
  if (!inside) return;
  const back = opener.hidden ? document.querySelector("[data-strategies] [tabindex='0']") : opener;
  back.focus();
}

// An ordinary click stays in the room; one that asks for a new tab gets the page of the training.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reading]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link);
});
panel.querySelector("[data-close-reading]").addEventListener("click", close);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || panel.hidden || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  close();
});
