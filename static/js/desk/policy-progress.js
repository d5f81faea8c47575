// Ask how far a simulation is, move the bar, and show the result when it is there.
const PAUSE = 700;
const bar = document.getElementById("bar");

async function ask() {
  const answer = await fetch(bar.dataset.progress, { headers: { Accept: "application/json" }, redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function turn() {
  try {
    const { working, done, total } = await ask();
    if (!working) {
      location.reload();
      return;
    }
    bar.max = total || 1;
    bar.value = done;
    document.getElementById("done").textContent = done;
    document.getElementById("total").textContent = total;
  } catch {
    // The line may be down for a moment; the link beside the bar stays.
  }
  setTimeout(turn, PAUSE);
}

if (bar) setTimeout(turn, PAUSE);
