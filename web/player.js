// The player: it provides the API, shows one item, and shows whether everything is saved.

import { Attention } from "./attention.js";
import { scorm12 } from "./api.js";
import { Transport } from "./transport.js";

const outside = window.parent;
// Content that searches its parents for an API stops here. What is beyond has another origin, which content must not access.
window.parent = window;

const launch = JSON.parse(document.getElementById("launch").textContent);
const base = new URL(".", location.href).pathname;
const part = (id) => document.getElementById(id);
const frame = part("content");

const HEARTBEAT_SECONDS = 30;
const LEAVE_WITHIN = 5_000;

/** Sends a message to the page around the player, and to no other. */
function notifyApp(type, detail = {}) {
  if (outside !== window) outside.postMessage({ type: `enduring:${type}`, session: launch.session, ...detail }, launch.app);
}

// What is shown ----------------------------------------------------------------------------------------------------

const NOTICES = {
  superseded: "This activity was opened in another window, later than here. Continue there: what you do here is not recorded.",
  expired: "This window was inactive for too long. Go back to the activity and open it again; you will continue where you left off.",
  refused: "The server could not accept what this content reported. Please inform your CME office; the log has the details.",
  unsaved: "Your latest progress is not saved yet because the server cannot be reached. Keep this window open; saving is retried.",
};

function showSaved({ saved, standing, refusal }) {
  const line = part("saved");
  const state = launch.mode !== "normal" ? "unrecorded" : standing === "open" || standing === "ended" ? (saved ? "saved" : "saving") : "stopped";
  const words = { unrecorded: "Nothing is recorded", saved: "Saved", saving: "Saving…", stopped: "Not recording" };
  if (line.dataset.state !== state) {
    line.dataset.state = state;
    line.textContent = words[state];
    if (state === "saved") notifyApp("saved");
  }
  const unreachable = standing === "open" && transport.failures > 1 ? "unsaved" : null;
  const notice = NOTICES[standing] ? standing : unreachable;
  part("notice").hidden = !notice;
  if (notice) part("notice").textContent = refusal ? `${NOTICES[notice]} (${refusal})` : NOTICES[notice];
  document.body.dataset.standing = standing;
}

const log = part("log");
const calls = [];

function logCall(call) {
  calls.push({ at: new Date().toISOString(), ...call });
  if (!log) return;
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

/** Says in words what would look unusual about a learner; the sentences are all of the visit so far. */
function showNoticed(sentences = []) {
  const noticed = part("noticed");
  if (!noticed) return;
  const items = sentences.map((sentence) => {
    const item = document.createElement("li");
    item.textContent = sentence;
    return item;
  });
  noticed.querySelector("ul").replaceChildren(...items);
  noticed.hidden = items.length === 0;
}

function logReceipt(receipt) {
  showNoticed(receipt.observations);
  for (const { element, value, reason } of receipt.objections ?? []) {
    logCall({ name: "server", args: [element, value], answer: reason, error: "405" });
  }
}

// The session ------------------------------------------------------------------------------------------------------

const transport = new Transport(base, launch.sequence, (news) => {
  showSaved(news);
  if (news.receipt) logReceipt(news.receipt);
});
transport.standing = launch.standing;

const attention = new Attention(frame);
let leaving = false;

/** Content has finished by itself: removes it, and offers what comes next. */
function finished() {
  if (leaving) return;
  setTimeout(async () => {
    if (leaving) return;
    await withdraw();
    part("stage").dataset.finished = "true";
    part("finished").hidden = false;
    part("finished").querySelector("button:not([hidden])")?.focus();
  }, 0);
}

/** Unloads the content, so that it sets its last values, and saves them. */
async function withdraw() {
  const gone = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  frame.src = "about:blank";
  await Promise.race([gone, wait(1_000)]);
  await Promise.race([transport.flush(), wait(LEAVE_WITHIN)]);
}

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function leave() {
  if (leaving) return;
  leaving = true;
  part("exit").disabled = true;
  if (!transport.terminated && transport.initialized) {
    transport.left = true;
    transport.change(0);
  }
  await withdraw();
  if (transport.saved || transport.standing !== "open" || confirm("Your latest progress is not saved. Leave anyway?")) {
    if (outside !== window) notifyApp("exit");
    else if (launch.return_url) location.assign(launch.return_url);
    else if (launch.leave_url) location.assign(launch.leave_url);
  } else {
    leaving = false;
    part("exit").disabled = false;
  }
}

/** Opens another item, or this one again, in a new session. */
async function turnTo(item) {
  if (leaving) return;
  leaving = true;
  if (!transport.terminated && transport.initialized) {
    transport.left = true;
    transport.change(0);
  }
  await withdraw();
  try {
    const response = await fetch(`${base}launch`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ item }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    location.replace(answer.url);
  } catch (error) {
    leaving = false;
    part("notice").hidden = false;
    part("notice").textContent = `This part could not be opened (${error.message}). Please try again.`;
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

let seconds = 0;
setInterval(() => {
  if (attention.present) transport.attended += 1;
  seconds += 1;
  if (seconds % HEARTBEAT_SECONDS === 0) {
    attention.refresh();
    if (document.visibilityState === "visible") transport.heartbeat();
  }
}, 1000);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") transport.part();
});
addEventListener("pagehide", () => {
  transport.parting = true;
  transport.part();
});
addEventListener("pageshow", () => {
  transport.parting = false;
});

// The content ------------------------------------------------------------------------------------------------------

frame.addEventListener("load", () => attention.refresh());
if (launch.role === "asset") {
  frame.addEventListener("load", () => {
    if (transport.initialized || frame.src.endsWith("about:blank")) return;
    transport.initialized = true;
    transport.change(0);
  });
} else {
  window.API = scorm12(launch.values, transport, logCall, finished);
}
showSaved({ saved: true, standing: launch.standing });
if (launch.standing === "open") {
  frame.src = launch.href;
} else {
  part("finished").hidden = false;
}
