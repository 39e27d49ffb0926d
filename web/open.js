// On the way into the player: removes service workers, which WebKit keeps when a site's storage is cleared, and goes on.

const next = document.getElementById("next").href;

try {
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  await Promise.all(workers.map((worker) => worker.unregister()));
} catch {
  // Not in this browser, or not here.
}
location.replace(next);
