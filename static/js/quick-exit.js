// Leave quickly: by the button, or by pressing Escape twice. The page is replaced, so "back" does not return.
import { memory } from "./live/page.js";

const TWICE_MS = 800;
const link = document.querySelector("[data-quick-exit]");
let escapedAt = -Infinity;

function leave(event) {
  event?.preventDefault();
  document.documentElement.dataset.exiting = "yes";
  document.body.hidden = true;
  memory.clear();
  location.replace(link.href);
}

if (link) {
  link.addEventListener("click", leave);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    if (performance.now() - escapedAt < TWICE_MS) leave();
    escapedAt = performance.now();
  });
}
