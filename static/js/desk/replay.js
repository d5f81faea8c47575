// Play the conversation as it was written, with its real pauses at a chosen speed.
import { on } from "./keys.js";

const box = document.querySelector("[data-replay]");
const list = document.querySelector(".transcript");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const SECOND = 1000;

class Replay {
  constructor() {
    this.items = [...list.children];
    let at = Number(this.items.find((item) => item.dataset.at)?.dataset.at ?? 0);
    this.times = this.items.map((item) => (at = Number(item.dataset.at ?? at)));
    this.shown = this.items.length;
    this.timer = 0;
    this.note = box.querySelector("[data-replay-note]");
    this.speed = box.querySelector("[data-speed]");
    this.button = box.querySelector("[data-play]");
  }

  get playing() {
    return this.timer !== 0;
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.shown >= this.items.length) {
      for (const item of this.items) item.hidden = true;
      this.shown = 0;
    }
    list.setAttribute("aria-live", "polite");
    this.draw(true);
    this.next();
  }

  next() {
    this.items[this.shown].hidden = false;
    this.items[this.shown].scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
    this.shown += 1;
    this.wait();
  }

  wait() {
    clearTimeout(this.timer);
    if (this.shown >= this.items.length) {
      this.end();
      return;
    }
    const gap = Math.max(0, this.times[this.shown] - this.times[this.shown - 1]);
    const seconds = gap < 10 ? gap.toFixed(1) : Math.round(gap);
    const { pause, of } = this.note.dataset;
    this.note.textContent = `${this.shown} ${of} ${this.items.length} · ${pause} ${seconds} s`;
    this.timer = setTimeout(() => this.next(), (gap * SECOND) / Number(this.speed.value));
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.draw(false);
  }

  end() {
    this.pause();
    for (const item of this.items) item.hidden = false;
    this.shown = this.items.length;
    list.removeAttribute("aria-live");
    this.note.textContent = "";
    box.querySelector("[data-stop]").hidden = true;
  }

  draw(playing) {
    const word = box.querySelector("[data-play-word]");
    this.button.setAttribute("aria-pressed", String(playing));
    word.textContent = playing ? word.dataset.on : word.dataset.off;
    box.querySelector("[data-icon-play]").hidden = playing;
    box.querySelector("[data-icon-pause]").hidden = !playing;
    box.querySelector("[data-stop]").hidden = false;
  }

  hurry(by) {
    const wanted = this.speed.selectedIndex + by;
    if (wanted < 0 || wanted >= this.speed.options.length) return;
    this.speed.selectedIndex = wanted;
    if (this.playing) this.wait();
  }
}

if (box && list) {
  const replay = new Replay();
  box.hidden = false;
  replay.button.addEventListener("click", () => replay.toggle());
  replay.speed.addEventListener("change", () => replay.hurry(0));
  box.querySelector("[data-stop]").addEventListener("click", () => replay.end());
  on("p", () => replay.toggle());
  on("o", () => replay.end());
  on("+", () => replay.hurry(1));
  on("-", () => replay.hurry(-1));
}
