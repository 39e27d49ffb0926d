// The last page: where the learner stands, and the ways to what is missing.

import { mastery, pages, questions } from "./pages.js";
import { button } from "./questions.js";

/** What is missing, as sentences, each with the ids of the pages where it can be done. */
function missing({ unseen, open, wrong, score, passed, correct }) {
  const lines = [];
  if (unseen.length > 0) lines.push([`Pages to read: ${unseen.length}.`, unseen.map(({ id }) => id)]);
  if (open.length > 0) lines.push([`Questions to answer: ${open.length}.`, open.map(({ page }) => page)]);
  if (score !== null && !passed) {
    const words = `${correct} of ${questions.length} answers are right; ${mastery} percent are needed. Try these again.`;
    lines.push([words, wrong.map(({ page }) => page)]);
  }
  return lines;
}

/** Fills `box`. `turnTo(index)` shows a page; `finish` ends the session, and is null where there is none. */
export function drawStanding(box, now, { turnTo, finish }) {
  const ready = now.finished && now.passed;
  const verdict = document.createElement("p");
  verdict.className = "verdict";
  verdict.textContent = ready
    ? `You have read every page, and ${now.correct} of ${questions.length} answers are right. This module is complete.`
    : "Something is still missing:";
  box.dataset.verdict = ready ? "right" : "open";
  box.replaceChildren(verdict);
  for (const [words, targets] of missing(now)) {
    const line = document.createElement("p");
    line.append(`${words} `);
    for (const id of new Set(targets)) {
      const index = pages.findIndex((page) => page.id === id);
      const way = button(pages[index].title, "quiet");
      way.addEventListener("click", () => turnTo(index));
      line.append(way, " ");
    }
    box.append(line);
  }
  if (!ready || finish === null) return;
  const end = button("Finish and save");
  end.addEventListener("click", () => {
    finish();
    end.remove();
  });
  box.append(end);
}
