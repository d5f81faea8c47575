// Labels by keyboard, for whoever gives a second opinion and whoever decides between them: a digit chooses the
// strategy that has it in the chat, Ctrl+Enter sends, n goes to the next one.

function isTyping(target) {
  return target.closest("textarea, select, input:not([type=radio], [type=checkbox])") !== null;
}

function choose(digit) {
  const radio = document.querySelector(`input[data-digit="${digit}"]`);
  if (!radio) return false;
  radio.checked = true;
  const reason = document.querySelector("[data-after-choice]");
  // Enter on the radio button sends the form, unless a reason has to be written first.
  (reason || radio).focus();
  return true;
}

addEventListener("keydown", (event) => {
  const form = event.target.closest("form");
  if (event.key === "Enter" && event.ctrlKey && form && form.querySelector("[data-digit]")) {
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[type=submit]"));
    return;
  }
  if (event.ctrlKey || event.metaKey || (isTyping(event.target) && !event.altKey)) return;
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(event.code);
  if (digit && choose(digit[1])) {
    event.preventDefault();
  } else if (event.key === "n" && !event.altKey) {
    document.querySelector("[data-next]")?.click();
  }
});

// What is asked stands at the end of what was said.
document.getElementById("this")?.scrollIntoView({ block: "center" });
