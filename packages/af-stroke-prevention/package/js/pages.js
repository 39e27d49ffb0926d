// The pages in their order. `file` is a fragment under pages/; `id` is the bookmark in cmi.core.lesson_location.

export const pages = [
  { id: "welcome", title: "Welcome" },
  { id: "why", title: "Why atrial fibrillation causes strokes" },
  { id: "risk", title: "Estimate the stroke risk" },
  { id: "calculator", title: "Try it: the risk score" },
  { id: "benefit", title: "Decide who benefits" },
  { id: "bleeding", title: "Correct the bleeding risk" },
  { id: "choice", title: "Choose the anticoagulant" },
  { id: "dose", title: "Dose by the label" },
  { id: "case", title: "Case: Ms. Vega" },
  { id: "situations", title: "Situations you will meet" },
  { id: "follow-up", title: "Follow up" },
  { id: "summary", title: "Summary and references" },
];

/**
 * The questions that count, in the order in which they are met, with the page each stands on.
 * A score is the percentage of these whose latest answer is correct.
 */
export const questions = [
  { id: "check-pattern", page: "why" },
  { id: "check-score", page: "risk" },
  { id: "check-threshold", page: "benefit" },
  { id: "check-modifiable", page: "bleeding" },
  { id: "check-valve", page: "choice" },
  { id: "check-dose", page: "dose" },
  { id: "case-treat", page: "case" },
  { id: "case-dose", page: "case" },
  { id: "case-bleeding", page: "case" },
  { id: "case-review", page: "case" },
];

/** Percent. The same number as adlcp:masteryscore in imsmanifest.xml. */
export const mastery = 70;

/** Fetches every page at the start, so that turning a page needs no network. */
export async function loadPages() {
  const texts = await Promise.all(pages.map(async ({ id }) => {
    const response = await fetch(`pages/${id}.html`);
    if (!response.ok) throw new Error(`pages/${id}.html answered ${response.status}`);
    return response.text();
  }));
  return new Map(pages.map(({ id }, index) => [id, texts[index]]));
}
