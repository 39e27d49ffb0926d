// What the learner has done, and its short form for cmi.suspend_data (at most 4096 characters in SCORM 1.2). Pure.

import { mastery, pages, questions } from "./pages.js";

const VERSION = 1;

/** A learner who has done nothing. `seen` holds pages; `answers` maps a question to its latest {response, correct}. */
export function fresh() {
  return { seen: new Set(), answers: new Map() };
}

/** Reads suspend_data. Text that this module did not write starts afresh rather than failing. */
export function decode(text) {
  const state = fresh();
  if (!text) return state;
  let kept;
  try {
    kept = JSON.parse(text);
  } catch {
    return state;
  }
  if (kept?.v !== VERSION) return state;
  const pageIds = new Set(pages.map(({ id }) => id));
  const questionIds = new Set(questions.map(({ id }) => id));
  for (const id of kept.seen ?? []) if (pageIds.has(id)) state.seen.add(id);
  for (const [id, [response, correct]] of Object.entries(kept.answers ?? {})) {
    if (questionIds.has(id)) state.answers.set(id, { response: String(response), correct: correct === 1 });
  }
  return state;
}

/** Writes suspend_data. */
export function encode(state) {
  const answers = {};
  for (const [id, { response, correct }] of state.answers) answers[id] = [response, correct ? 1 : 0];
  return JSON.stringify({ v: VERSION, seen: [...state.seen], answers });
}

/**
 * Where the learner stands. `score` is a whole percentage, and null until every question has an answer; `open` has the questions that were
 * passed by on pages already seen.
 */
export function standing(state) {
  const answered = questions.filter(({ id }) => state.answers.has(id));
  const correct = answered.filter(({ id }) => state.answers.get(id).correct);
  const everyAnswer = answered.length === questions.length;
  const everyPage = pages.every(({ id }) => state.seen.has(id));
  const score = everyAnswer ? Math.round((100 * correct.length) / questions.length) : null;
  return {
    pagesSeen: state.seen.size,
    answered: answered.length,
    correct: correct.length,
    score,
    finished: everyPage && everyAnswer,
    passed: score !== null && score >= mastery,
    unseen: pages.filter(({ id }) => !state.seen.has(id)),
    open: questions.filter(({ id, page }) => state.seen.has(page) && !state.answers.has(id)),
    wrong: answered.filter(({ id }) => !state.answers.get(id).correct),
  };
}
