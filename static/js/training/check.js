// Checks a quiz question by question: the server answers with a piece of the page, and each of its elements
// takes the place of its namesake. Without this script the whole form is handed in at once.
const form = document.querySelector("form[data-check-url]");

function reveal(within) {
  for (const row of within.querySelectorAll("[data-check-row]")) row.hidden = false;
}

function settle(html, question) {
  const piece = new DOMParser().parseFromString(html, "text/html").body;
  let last = question;
  for (const fresh of [...piece.children]) {
    const old = document.getElementById(fresh.id);
    if (old && old.getAttribute("role") === "status") old.textContent = fresh.textContent;
    else if (old) old.replaceWith(fresh);
    else last.after(fresh);
    if (fresh.matches("fieldset, section")) last = fresh;
  }
  reveal(form);
}

function look(id, refused) {
  const card = document.getElementById(id);
  if (!card) return;
  const first = refused ? card.querySelector("input:checked, input, select") : card.querySelector("h3");
  if (first) first.focus();
}

async function check(question) {
  const said = question.querySelector("[data-check-said]");
  if (question.dataset.busy) return;
  question.dataset.busy = "yes";
  said.textContent = "";
  const body = new URLSearchParams(new FormData(form));
  body.set("question", question.dataset.question);
  try {
    const answer = await fetch(form.dataset.checkUrl, { method: "POST", body, headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 403) location.assign(answer.redirected ? answer.url : location.href);
    else if (![200, 400, 409].includes(answer.status)) throw new Error(String(answer.status));
    else {
      const id = question.id;
      settle(await answer.text(), question);
      look(id, !answer.ok);
    }
  } catch {
    said.textContent = said.dataset.failed;
  } finally {
    delete question.dataset.busy;
  }
}

if (form) {
  reveal(document);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-check]");
    if (button) check(button.closest("fieldset"));
  });
  // Enter in a question checks that question, not the whole paper.
  form.addEventListener("keydown", (event) => {
    const question = event.target.closest("fieldset");
    if (event.key !== "Enter" || !question || !event.target.matches("input, select")) return;
    event.preventDefault();
    check(question);
  });
}
