// The player: it provides the API, shows one item, and shows whether everything is saved.

import { Attention } from "./attention.js";
import { scorm12 } from "./api.js";
import { Transport } from "./transport.js";

// The key of this load is in the page only until this script has read it: content is not there yet.
const block = document.getElementById("launch");
const { key, ...launch } = JSON.parse(block.textContent);
block.remove();
const part = (id) => document.getElementById(id);
// Made here and not in the page: a browser that goes back would fill a frame of the page with its old content, before the
// API is there.
const frame = document.createElement("iframe");
frame.id = "content";
frame.title = document.title;
frame.allow = "autoplay; fullscreen; clipboard-write; unload";

const HEARTBEAT_SECONDS = 30;
const LEAVE_WITHIN = 5_000;

// What is shown ----------------------------------------------------------------------------------------------------

const NOTICES = {
  replaced: "This page was loaded again in another window, later than here. Continue there: what you do here is not recorded. To continue here instead, reload this page.",
  over: "This part has ended. What came after the end is kept, but does not count. Go back to the activity and open it again to continue.",
  superseded: "This activity was opened in another window, later than here. Continue there: what you do here is not recorded.",
  expired: "This window was inactive for too long. Go back to the activity and open it again; you will continue where you left off.",
  refused: "The server could not accept what this content reported. Please inform your CME office; the log has the details.",
  unsaved: "Your latest progress is not saved yet because the server cannot be reached. Keep this window open; saving is retried.",
};

const WORDS = {
  unrecorded: "Nothing is recorded",
  waiting: "Not recording yet",
  saved: "Saved",
  saving: "Saving…",
  stopped: "Not recording",
};

/** What the bar says. "Saved" is only what the server has applied. */
function stateOf({ saved, standing }) {
  if (launch.mode !== "normal") return "unrecorded";
  if (standing !== "open" && standing !== "ended") return "stopped";
  if (!saved) return "saving";
  return recorded || standing === "ended" ? "saved" : "waiting";
}

let recorded = false;

function showSaved({ saved, standing, refusal, receipt }) {
  if (receipt?.applied) recorded = true;
  const line = part("saved");
  const state = stateOf({ saved, standing });
  if (line.dataset.state !== state) {
    line.dataset.state = state;
    line.textContent = WORDS[state];
  }
  const unreachable = standing === "open" && transport.failures > 1 ? "unsaved" : null;
  const notice = NOTICES[standing] ? standing : unreachable;
  if (notice || !noticed) part("notice").hidden = !notice;
  if (notice) part("notice").textContent = refusal ? `${NOTICES[notice]} (${refusal})` : NOTICES[notice];
  document.body.dataset.standing = standing;
}

/** Whether the notice says something that is not about saving. */
let noticed = false;

function say(text, ...more) {
  noticed = true;
  part("notice").hidden = false;
  part("notice").replaceChildren(text, ...more);
}

const log = part("log");
const MOST_CALLS = 5_000;
const LONGEST_TEXT = 1_000;
const calls = [];

/** Only a preview has a log. Visits last for hours, so that it is no longer than a person can read. */
function logCall(call) {
  if (!log) return;
  const short = (text) => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : text);
  call = { ...call, args: call.args.map(short), answer: short(call.answer) };
  calls.push({ at: new Date().toISOString(), ...call });
  if (calls.length > MOST_CALLS) {
    calls.shift();
    log.firstElementChild?.remove();
  }
  const entry = document.createElement("li");
  const said = document.createElement("code");
  said.textContent = `${call.name}(${call.args.map((arg) => JSON.stringify(arg)).join(", ")}) → ${JSON.stringify(call.answer)}`;
  entry.append(said);
  if (call.error !== "0") {
    entry.dataset.state = "unmet";
    entry.append(` error ${call.error}`);
  }
  log.append(entry);
  log.scrollTop = log.scrollHeight;
}

/** What the server notices about the content, each once, in words. */
const noted = new Set();

function showNoticed(sentence) {
  calls.push({ at: new Date().toISOString(), name: "noticed", args: [], answer: sentence, error: "0" });
  const noticed = part("noticed");
  if (!noticed) return;
  const item = document.createElement("li");
  item.textContent = sentence;
  noticed.querySelector("ul").append(item);
  noticed.hidden = false;
}

function logReceipt(receipt) {
  for (const { element, value, reason } of receipt.objections ?? []) {
    logCall({ name: "server", args: [element, value], answer: reason, error: "405" });
  }
  for (const { code, sentence } of receipt.observations ?? []) {
    if (noted.has(code)) continue;
    noted.add(code);
    showNoticed(sentence);
  }
}

// The session ------------------------------------------------------------------------------------------------------

const transport = new Transport(key, (news) => {
  showSaved(news);
  if (news.receipt) logReceipt(news.receipt);
});

const attention = new Attention(frame);
let leaving = false;
/** Whether the player itself goes to another page. */
let going = false;

/** Content has finished by itself: removes it, and offers what comes next. */
function finished() {
  if (leaving) return;
  setTimeout(async () => {
    if (leaving) return;
    await withdraw();
    showFinished();
  }, 0);
}

function showFinished() {
  part("stage").dataset.finished = "true";
  part("finished").hidden = false;
  part("finished").querySelector("button:not([hidden])")?.focus();
}

/** Takes the content away, so that it sets its last values, and saves them and the end of the visit in one commit. */
async function withdraw(left = false) {
  transport.holding = true;
  for (const view of attention.windows(frame.contentWindow)) {
    try {
      view.dispatchEvent(new view.Event("beforeunload", { cancelable: true }));
    } catch {
      // Its handlers are its own affair.
    }
  }
  frame.remove();
  transport.holding = false;
  if (left && !transport.terminated && transport.initialized) {
    transport.left = true;
    transport.change(0);
  }
  await Promise.race([transport.flush(), wait(LEAVE_WITHIN)]);
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function go(address) {
  going = true;
  location.replace(address);
}

async function leave() {
  if (leaving) return;
  leaving = true;
  part("exit").disabled = true;
  await withdraw(true);
  if (transport.saved || transport.standing !== "open" || confirm("Your latest progress is not saved. Leave anyway?")) {
    go(launch.return_url ?? launch.leave_url);
  } else {
    leaving = false;
    part("exit").disabled = false;
    showFinished();
  }
}

/** Opens another item, or this one again, in a new session. */
async function turnTo(item) {
  if (leaving) return;
  leaving = true;
  await withdraw(true);
  try {
    // The response sets the cookie that opens the new session's page.
    const answer = await transport.ask("item", { item }, "same-origin");
    go(`/player?session=${answer.session}`);
  } catch (error) {
    leaving = false;
    say(`This part could not be opened (${error.message}). Please try again.`);
    showFinished();
  }
}

// What the learner does --------------------------------------------------------------------------------------------

part("exit").addEventListener("click", leave);
for (const button of document.querySelectorAll("button[data-item]")) {
  button.addEventListener("click", () => turnTo(button.dataset.item));
}
part("finished-exit").addEventListener("click", leave);
part("toc-toggle")?.addEventListener("click", () => {
  const open = part("toc").toggleAttribute("data-open");
  part("toc-toggle").setAttribute("aria-expanded", String(open));
});
part("log-copy")?.addEventListener("click", async () => {
  await navigator.clipboard.writeText(JSON.stringify(calls, null, 1));
  part("log-copy").textContent = "Copied";
});

let lastTick = performance.now();
let lastBeat = performance.now();

function tick() {
  const now = performance.now();
  // A page that slept was not attended.
  const passed = Math.min(5, Math.round((now - lastTick) / 1000));
  if (passed < 1) return;
  lastTick = now;
  attention.refresh();
  if (attention.present) transport.attended += passed;
  if (now - lastBeat >= HEARTBEAT_SECONDS * 1000) {
    lastBeat = now;
    if (attention.present) transport.heartbeat();
  }
}

try {
  new Worker(launch.clock).addEventListener("message", tick);
} catch {
  setInterval(tick, 1000);
}

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") transport.part();
});
addEventListener("pagehide", () => {
  transport.parting = true;
  transport.part();
});
// A page that comes back from the browser's memory has old values and an old key.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Content may not take the player's window away with a link of its own.
window.navigation?.addEventListener("navigate", (event) => {
  if (going || !event.cancelable || !["push", "replace"].includes(event.navigationType)) return;
  event.preventDefault();
  const address = event.destination.url;
  if (!/^https?:/.test(address)) return;
  const link = document.createElement("a");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Open it in a new window";
  say("The content wanted to go to another page in this window. ", link);
});

// The content ------------------------------------------------------------------------------------------------------

frame.addEventListener("load", () => attention.refresh());

async function begin() {
  showSaved({ saved: false, standing: "open" });
  let values;
  try {
    values = await transport.begin();
  } catch (error) {
    say(error.message ? `This activity could not be opened: ${error.message}` : "The server cannot be reached. Reload this page to try again.");
    return;
  }
  showSaved({ saved: true, standing: transport.standing });
  if (transport.standing !== "open") {
    showFinished();
    return;
  }
  if (launch.role === "asset") {
    frame.addEventListener("load", () => {
      if (transport.initialized) return;
      transport.initialized = true;
      transport.change(0);
    });
  } else {
    const api = scorm12(values, transport, logCall, finished);
    Object.defineProperty(window, "API", { value: api, enumerable: true });
  }
  // Listens early in windows that content opens while it loads.
  const early = setInterval(() => attention.refresh(), 50);
  frame.addEventListener("load", () => clearInterval(early), { once: true });
  frame.src = launch.href;
  part("finished").before(frame);
}

begin();
