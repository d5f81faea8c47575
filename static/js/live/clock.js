// Calls once a second, by a worker: browsers slow the timers of hidden tabs down so far that heartbeats are missed.
const calls = [];

function tick() {
  for (const call of calls) call();
}

function start() {
  try {
    const worker = new Worker(new URL("./ticker.js", import.meta.url));
    worker.onmessage = tick;
  } catch {
    setInterval(tick, 1000);
  }
}

export function everySecond(call) {
  if (!calls.length) start();
  calls.push(call);
}
