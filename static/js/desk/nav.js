// On a narrow screen the areas scroll sideways: bring the one that is open into view.
const nav = document.querySelector(".desk-nav");
const open = nav?.querySelector("[aria-current]");
if (open) nav.scrollLeft = open.offsetLeft - (nav.clientWidth - open.offsetWidth) / 2;
