// The supporter's panel: the mix of strategies so far; on a narrow screen it opens over the room.
export class Side {
  constructor() {
    this.panel = document.getElementById("side");
    if (!this.panel) return;
    this.rows = new Map(
      [...this.panel.querySelectorAll("[data-mix]")].map((row) => [row.dataset.mix, row]),
    );
    this.counts = new Map();
    this.toggles = [...document.querySelectorAll("[data-side]")];
    for (const toggle of this.toggles) toggle.addEventListener("click", () => this.toggle(toggle));
    this.panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.panel.dataset.open === "yes") this.toggle(this.toggles[0]);
    });
  }

  toggle(source) {
    const open = this.panel.dataset.open !== "yes";
    this.panel.dataset.open = open ? "yes" : "no";
    for (const toggle of this.toggles) toggle.setAttribute("aria-expanded", String(open));
    if (open) this.panel.focus();
    else if (source) this.toggles[0].focus();
  }

  used(strategy) {
    if (!this.panel) return;
    this.counts.set(strategy, (this.counts.get(strategy) || 0) + 1);
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    for (const [name, row] of this.rows) {
      const count = this.counts.get(name) || 0;
      const bar = row.querySelector("progress");
      bar.max = total;
      bar.value = count;
      row.querySelector("[data-count]").textContent = String(count);
    }
  }
}
