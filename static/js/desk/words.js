// Words as boxes to tick: arrow keys go from one to the next, with shift they choose on the way.
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Make the words in `root` one stop of the tab key, and go through them by arrow keys. */
export function arm(root) {
  const list = root.querySelector("[data-words]");
  const boxes = [...(list?.querySelectorAll("input") ?? [])];
  const first = boxes.find((box) => box.checked) ?? boxes[0];
  const enter = (box) => {
    for (const other of boxes) other.tabIndex = other === box ? 0 : -1;
  };
  if (first) enter(first);
  list?.addEventListener("focusin", (event) => enter(event.target));
  list?.addEventListener("keydown", (event) => {
    const by = STEPS[event.key];
    const next = boxes[boxes.indexOf(event.target) + by];
    if (!by) return;
    event.preventDefault();
    if (event.shiftKey) event.target.checked = true;
    if (event.shiftKey && next) next.checked = true;
    next?.focus();
  });
  return first;
}

const own = document.querySelector("main [data-hide-forms]");
if (own) arm(own);
