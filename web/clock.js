// A worker that counts seconds for the player: browsers slow the timers of a page that is hidden, and not those of a worker.

setInterval(() => postMessage("tick"), 1000);
