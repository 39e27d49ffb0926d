// Joins the parts: shows pages, keeps the learner's place, and speaks to the learning management system.

import { enlivenCalculator } from "./calculator.js";
import { enlivenCase } from "./case.js";
import { loadPages, pages, questions } from "./pages.js";
import { enlivenCheck } from "./questions.js";
import { Session } from "./scorm.js";
import { listSources, referencesIn } from "./sources.js";
import { drawStanding } from "./standing.js";
import { decode, encode, fresh, standing } from "./state.js";

const TITLE = "Stroke prevention in atrial fibrillation";
const byId = (id) => document.getElementById(id);

const session = new Session();
let state = fresh();
let texts = new Map();
let references = new Map();
let current = 0;
/** Whether statuses and scores count: not when the learner browses or reviews (RTE 3.4.3, cmi.core.lesson_mode). */
let counts = false;

function say(sentence) {
  const box = byId("connection");
  box.textContent = sentence;
  box.hidden = sentence === "";
}

/** Keeps everything that the next visit needs, and the status once it can be told. */
function keep() {
  if (!session.open) return;
  session.set("cmi.core.lesson_location", pages[current].id);
  session.set("cmi.suspend_data", encode(state));
  if (counts) report();
  session.commit();
}

/**
 * The score and the completion go out together, once the checks are passed: a learning management system compares any score with the
 * mastery score, and the score of half the answers would read as a failure. A status that was reached is never taken back.
 */
function report() {
  const { finished, passed, score } = standing(state);
  const status = session.get("cmi.core.lesson_status");
  if (finished && passed) {
    session.set("cmi.core.score.min", "0");
    session.set("cmi.core.score.max", "100");
    session.set("cmi.core.score.raw", score);
    if (status !== "completed" && status !== "passed") session.set("cmi.core.lesson_status", "completed");
  } else if (status === "not attempted" || status === "") {
    session.set("cmi.core.lesson_status", "incomplete");
  }
}

function onAnswer(answer) {
  state.answers.set(answer.id, { response: answer.response, correct: answer.correct });
  if (counts) session.interaction(answer);
  keep();
  drawProgress();
}

function drawProgress() {
  const { pagesSeen, answered } = standing(state);
  const done = pagesSeen + answered;
  byId("progress").max = pages.length + questions.length;
  byId("progress").value = done;
  byId("progress-text").textContent =
    `${pagesSeen} of ${pages.length} pages, ${answered} of ${questions.length} questions`;
  for (const [index, link] of [...byId("contents").querySelectorAll("button")].entries()) {
    const { id } = pages[index];
    const open = questions.some((question) => question.page === id && !state.answers.has(question.id));
    const mark = !state.seen.has(id) ? "" : open ? "question open" : "done";
    link.dataset.state = mark.replace(" ", "-");
    link.querySelector(".mark").textContent = mark === "" ? "" : ` (${mark})`;
    if (index === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function drawContents() {
  for (const [index, { title }] of pages.entries()) {
    const item = document.createElement("li");
    const link = document.createElement("button");
    link.type = "button";
    link.append(title);
    const mark = document.createElement("span");
    mark.className = "mark";
    link.append(mark);
    link.addEventListener("click", () => turnTo(index));
    item.append(link);
    byId("contents").append(item);
  }
  const narrow = window.matchMedia("(max-width: 60rem)");
  const fold = () => { byId("contents-box").open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
}

function draw() {
  const { id, title } = pages[current];
  const article = byId("page");
  article.innerHTML = texts.get(id);
  article.dataset.page = id;
  document.title = `${title} – ${TITLE}`;
  state.seen.add(id);
  const earlier = (question) => state.answers.get(question);
  for (const form of article.querySelectorAll("form.question")) {
    if (!form.closest(".case")) enlivenCheck(form, { earlier: earlier(form.dataset.question), onAnswer });
  }
  for (const root of article.querySelectorAll(".case")) enlivenCase(root, { earlier, onAnswer });
  for (const form of article.querySelectorAll("form.calculator")) enlivenCalculator(form);
  for (const box of article.querySelectorAll(".standing")) {
    drawStanding(box, standing(state), { turnTo, finish: session.open ? finish : null });
  }
  listSources(article, references);
  drawTurning();
  drawProgress();
}

function drawTurning() {
  for (const [name, index] of [["previous", current - 1], ["next", current + 1]]) {
    byId(name).hidden = !pages[index];
    byId(`${name}-title`).textContent = pages[index]?.title ?? "";
  }
}

/** Turns to a page and takes the reader there: to the top, with the focus on its heading. */
function turnTo(index) {
  current = index;
  draw();
  keep();
  if (window.matchMedia("(max-width: 60rem)").matches) byId("contents-box").open = false;
  const heading = byId("page").querySelector("h1");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** The learner says that this is the end; the next visit begins anew. */
function finish() {
  keep();
  session.finish("");
  say("Your work is saved. You can close this window.");
}

/** Closing the window keeps the place: the learner comes back to where they left. */
function leave() {
  keep();
  session.finish("suspend");
}

async function start() {
  document.documentElement.classList.toggle("framed", window.parent !== window); // the frame around it shows the title
  session.onTrouble = say;
  if (session.start()) {
    state = decode(session.get("cmi.suspend_data"));
    counts = !["browse", "review"].includes(session.get("cmi.core.lesson_mode"));
    const place = session.get("cmi.core.lesson_location");
    current = Math.max(0, pages.findIndex(({ id }) => id === place));
  } else {
    const reason = session.found ? "The learning management system did not open this module." : "No learning management system was found.";
    say(`${reason} You can read and answer everything here, but nothing is saved.`);
  }
  try {
    texts = await loadPages();
  } catch {
    byId("page").innerHTML =
      "<h1>The pages did not arrive</h1><p>Check the connection and reload this window. Nothing of your progress is lost.</p>";
    return;
  }
  references = referencesIn(texts.get("summary"));
  drawContents();
  byId("previous").addEventListener("click", () => turnTo(current - 1));
  byId("next").addEventListener("click", () => turnTo(current + 1));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keep(); });
  draw();
  keep();
}

start();
