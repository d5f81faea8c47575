// Choose words to hide without leaving the conversation: the page for it, in a dialog.
import { current, on, visit } from "./keys.js";
import { arm } from "./words.js";

const dialog = document.querySelector("[data-hide-dialog]");

async function open(utterance) {
  const address = utterance.dataset.hide;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    dialog.replaceChildren(document.adoptNode(page.querySelector("[data-hide-forms]")));
  } catch {
    location.assign(address);
    return;
  }
  dialog.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    dialog.close();
  });
  dialog.addEventListener("close", () => visit(utterance), { once: true });
  dialog.showModal();
  arm(dialog)?.focus();
}

if (dialog) {
  on("h", () => {
    const utterance = current();
    if (utterance?.dataset.hide) open(utterance);
  });
  for (const link of document.querySelectorAll(".hide-link")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(link.closest("[data-utterance]"));
    });
  }
}
