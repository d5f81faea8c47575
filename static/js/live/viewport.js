// A phone's keyboard covers the page instead of shrinking it: give the room the height that is left.
const seen = window.visualViewport;

function fit() {
  document.documentElement.style.setProperty("--room-height", `${seen.height}px`);
  scrollTo(0, 0);
}

if (seen && matchMedia("(pointer: coarse)").matches) {
  seen.addEventListener("resize", fit);
  fit();
}
