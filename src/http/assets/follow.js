// Shows new statements at the top of the table as they are stored. The stream only reports that there are some: the rows come
// from the page itself, so that they look as they do after a reload. Without this script, reload the page.

const MOST_ROWS = 200;
// Often enough to watch, and rarely enough for people whose screen reader reads each change.
const PAUSE = 2000;

const button = document.querySelector("[data-follow]");
const said = document.querySelector("[data-follow-said]");
const rows = document.getElementById("rows");
// This page, without the count of all matching statements, which takes a while.
const page = new URL(location);
page.searchParams.delete("count");

let source = null;
let arrived = 0;
let timer = 0;

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => (source ? stop("Paused.") : start()));
}

function start() {
  const address = new URL(button.dataset.follow, location);
  if (newest() > 0) address.searchParams.set("after", newest());
  source = new EventSource(address);
  source.addEventListener("open", () => say("New statements appear at the top."));
  source.addEventListener("message", () => {
    arrived += 1;
    timer ||= setTimeout(show, PAUSE);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) stop("The stream ended. Follow again, or reload the page.");
    else say("The connection was lost and is being retried.");
  });
  button.textContent = "Pause";
}

function stop(word) {
  source.close();
  source = null;
  clearTimeout(timer);
  timer = 0;
  button.textContent = "Follow new statements";
  say(word);
}

// Reads the page again and takes the rows that are newer than the first one here.
async function show() {
  const count = arrived;
  arrived = 0;
  if (!rows) return location.reload();
  try {
    const fresh = await read(page);
    if (!source) return;
    const known = newest();
    const wanted = fresh.filter((row) => Number(row.dataset.seq) > known);
    const gap = wanted.length > 0 && wanted.length === fresh.length;
    for (const row of rows.querySelectorAll(".new")) row.classList.remove("new");
    if (gap) rows.replaceChildren();
    rows.prepend(...wanted.map((row) => {
      row.classList.add("new");
      return document.importNode(row, true);
    }));
    for (const row of [...rows.children].slice(MOST_ROWS)) row.remove();
    document.querySelector("[data-shown]").textContent = counted(rows.children.length, "");
    const news = counted(count, "new ");
    say(gap ? `${news}; the last ${fresh.length} are shown.` : `${news} at the top.`);
  } catch {
    say("The new statements could not be read; reload the page.");
  }
  timer = arrived > 0 ? setTimeout(show, PAUSE) : 0;
}

// As a document: nothing in it runs, and no text becomes HTML here.
function read(address) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.addEventListener("load", () => {
      const found = request.status === 200 && request.response?.querySelectorAll("#rows > tr");
      if (found) resolve([...found]);
      else reject(new Error(request.statusText));
    });
    request.addEventListener("error", () => reject(new Error("unreachable")));
    request.open("GET", address);
    request.send();
  });
}

function counted(count, kind) {
  return `${count} ${kind}${count === 1 ? "statement" : "statements"}`;
}

function newest() {
  return Number(rows?.firstElementChild?.dataset.seq ?? 0);
}

function say(word) {
  said.textContent = word;
}
