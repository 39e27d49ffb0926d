// The page around the player: it accepts messages from the player's frame on the content origin, and from nothing else.

const frame = document.getElementById("player");

addEventListener("message", (event) => {
  if (event.origin !== frame.dataset.origin || event.source !== frame.contentWindow) return;
  if (event.data?.type === "enduring:exit") location.assign(frame.dataset.back);
});
