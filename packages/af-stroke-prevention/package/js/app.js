// Joins the parts: shows pages, keeps the learner's place, and speaks to the learning management system.

import { enlivenCalculator } from "./calculator.js";
import { enlivenCase } from "./case.js";
import { loadPages, mastery, pages, questions } from "./pages.js";
import { enlivenCheck } from "./questions.js";
import { Session } from "./scorm.js";
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

/** Numbers the citations of a page and lists their sources under it. */
function drawSources(article) {
  const cited = [...new Set([...article.querySelectorAll("a.ref")].map(({ dataset }) => dataset.ref))];
  for (const link of article.querySelectorAll("a.ref")) {
    link.href = `#source-${link.dataset.ref}`;
    link.textContent = `[${link.dataset.ref.slice(1)}]`;
    link.setAttribute("aria-label", `Reference ${link.dataset.ref.slice(1)}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const source = byId(link.getAttribute("href").slice(1));
      source.closest("details").open = true;
      source.focus();
    });
  }
  if (cited.length === 0) return;
  const box = document.createElement("details");
  box.className = "sources";
  const summary = document.createElement("summary");
  summary.textContent = "References on this page";
  const list = document.createElement("ol");
  cited.sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
  for (const id of cited) {
    const item = document.createElement("li");
    item.id = `source-${id}`;
    item.value = Number(id.slice(1));
    item.tabIndex = -1;
    item.append(...[...references.get(id).childNodes].map((node) => node.cloneNode(true)));
    list.append(item);
  }
  box.append(summary, list);
  article.append(box);
}

/** On the last page: where the learner stands, and buttons to what is missing. */
function drawStanding(box) {
  const now = standing(state);
  const lines = [];
  if (now.unseen.length > 0) lines.push([`Pages to read: ${now.unseen.length}.`, now.unseen.map(({ id }) => id)]);
  if (now.open.length > 0) lines.push([`Questions to answer: ${now.open.length}.`, now.open.map(({ page }) => page)]);
  if (now.score !== null && !now.passed) {
    lines.push([`${now.correct} of ${questions.length} answers are right; ${mastery} percent are needed. Try these again.`, now.wrong.map(({ page }) => page)]);
  }
  box.replaceChildren();
  const sentence = document.createElement("p");
  sentence.className = "verdict";
  const ready = now.finished && now.passed;
  sentence.textContent = ready
    ? `You have read every page, and ${now.correct} of ${questions.length} answers are right. This module is complete.`
    : "Something is still missing:";
  box.dataset.verdict = ready ? "right" : "open";
  box.append(sentence);
  for (const [words, targets] of lines) {
    const paragraph = document.createElement("p");
    paragraph.append(`${words} `);
    for (const id of new Set(targets)) {
      const index = pages.findIndex((page) => page.id === id);
      const go = document.createElement("button");
      go.type = "button";
      go.className = "quiet";
      go.textContent = pages[index].title;
      go.addEventListener("click", () => turnTo(index));
      paragraph.append(go, " ");
    }
    box.append(paragraph);
  }
  const finish = box.ownerDocument.createElement("button");
  finish.type = "button";
  finish.textContent = "Finish and save";
  finish.hidden = !ready || !session.open;
  finish.addEventListener("click", () => {
    keep();
    session.finish("");
    finish.hidden = true;
    say("Your work is saved. You can close this window.");
  });
  box.append(finish);
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
  for (const box of article.querySelectorAll(".standing")) drawStanding(box);
  drawSources(article);
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

/** Closing the window keeps the place: the learner comes back to where they left. */
function leave() {
  keep();
  session.finish("suspend");
}

async function start() {
  session.onTrouble = say;
  if (session.start()) {
    state = decode(session.get("cmi.suspend_data"));
    counts = session.get("cmi.core.lesson_mode") !== "browse" && session.get("cmi.core.lesson_mode") !== "review";
    const place = pages.findIndex(({ id }) => id === session.get("cmi.core.lesson_location"));
    current = Math.max(0, place);
  } else {
    say("No learning management system was found. You can read and answer everything here, but nothing is saved.");
  }
  try {
    texts = await loadPages();
  } catch {
    byId("page").innerHTML = "<h1>The pages did not arrive</h1><p>Check the connection and reload this window. Nothing of your progress is lost.</p>";
    return;
  }
  const last = new DOMParser().parseFromString(texts.get("summary"), "text/html");
  references = new Map([...last.querySelectorAll("#references li")].map((item) => [item.id, item]));
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
