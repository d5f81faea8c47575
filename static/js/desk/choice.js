// Forms that choose or filter send themselves; their button stays for people without this script.
for (const form of document.querySelectorAll("form[data-send-on-change]")) {
  const button = form.querySelector("button[type=submit]");
  if (button && !form.querySelector("input[type=search]")) button.hidden = true;
  for (const field of form.querySelectorAll("select")) {
    field.addEventListener("change", () => form.requestSubmit());
  }
}
