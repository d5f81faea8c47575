// What clock.js runs in a worker.
setInterval(() => postMessage("tick"), 1000);
