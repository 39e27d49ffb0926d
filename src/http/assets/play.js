// The page around the player: it listens to the player's frame on the content origin, and to nobody else.

const frame = document.getElementById("player");

addEventListener("message", (event) => {
  if (event.origin !== frame.dataset.origin || event.source !== frame.contentWindow) return;
  if (event.data?.type === "enduring:exit") location.assign(frame.dataset.back);
});
