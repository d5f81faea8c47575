// The two dialogs of the room, ending it and calling for help, and what is left when it is over.
const ENDED_MS = 12000;

function wire(name) {
  const dialog = document.getElementById(`${name}-dialog`);
  for (const opener of document.querySelectorAll(`[data-open="${name}"]`)) {
    opener.addEventListener("click", () => dialog.showModal());
    opener.disabled = false;
  }
  for (const closer of dialog.querySelectorAll("[data-close]")) {
    closer.addEventListener("click", () => dialog.close());
  }
  return dialog;
}

export class EndDialog {
  constructor(end) {
    this.dialog = wire("end");
    this.form = this.dialog.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.dialog.close();
      end(new FormData(this.form).get("reason"));
    });
  }

  // Before both are there, there is nothing to end: the wait for the partner ends by itself.
  allow(live) {
    document.querySelector("[data-open=end]").disabled = !live;
  }

  close() {
    this.dialog.close();
  }
}

export class HelpDialog {
  constructor(strings, call) {
    this.strings = strings;
    this.dialog = wire("help");
    this.form = this.dialog.querySelector("form");
    this.outcome = this.dialog.querySelector("[data-outcome]");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const answers = new FormData(this.form);
      this.outcome.textContent = strings.help_sending;
      call(answers.get("kind"), String(answers.get("note") || "").trim());
    });
    this.dialog.addEventListener("close", () => (this.outcome.textContent = ""));
  }

  waits() {
    this.outcome.textContent = this.strings.help_waits;
  }

  done() {
    this.outcome.textContent = this.strings.help_recorded;
    this.form.reset();
  }

  failed() {
    this.outcome.textContent = this.strings.help_failed;
  }
}

// The writing gives way to a word of thanks; the next page comes by itself.
export function goOn(words, getPath) {
  const writing = document.querySelector("[data-writing]");
  const over = document.querySelector("[data-ended]");
  const end = document.querySelector("[data-open=end]");
  const focused = writing.contains(document.activeElement) || document.activeElement === end;
  writing.hidden = true;
  end.hidden = true;
  over.hidden = false;
  over.querySelector("[data-words]").textContent = words;
  if (focused) over.querySelector("a").focus();
  document.querySelector("[data-said]").textContent = words;
  document.documentElement.dataset.exiting = "yes";
  setTimeout(() => location.assign(getPath()), ENDED_MS);
}
