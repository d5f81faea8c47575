// Forms that choose or filter send themselves when somebody points at a value. With the keyboard every value on
// the way is a change: then the button sends.
for (const form of document.querySelectorAll("form[data-send-on-change]")) {
  for (const field of form.querySelectorAll("select")) {
    let keyed = false;
    field.addEventListener("pointerdown", () => (keyed = false));
    field.addEventListener("keydown", () => (keyed = true));
    field.addEventListener("change", () => {
      if (!keyed) form.requestSubmit();
    });
  }
}
