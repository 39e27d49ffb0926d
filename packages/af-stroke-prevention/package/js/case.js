// The case: what happens next depends on what the learner decides.
//
//   <div class="case">
//     <section class="scene"> … <form class="question" data-question="ID" …>…</form> </section>
//     <section class="outcome" data-of="ID" data-when="a|right|wrong">…</section>
//     … further scenes and outcomes … <section class="ending">…</section>
//   </div>
//
// A decision opens its outcome. After a wrong one the learner goes back and decides again; after a right one the story goes on. Where
// the learner stands follows from the kept answers alone, so nothing else needs keeping.

import { bestFor, button, fill, lock, prepare } from "./questions.js";

/** `earlier(id)` gives the kept answer to a decision, if any; `onAnswer` is told of each new one. */
export function enlivenCase(root, { earlier, onAnswer }) {
  const steps = [...root.querySelectorAll(".scene, .ending")];
  for (const section of root.children) section.hidden = true;

  function reveal(section) {
    section.hidden = false;
    const heading = section.querySelector("h2, h3");
    heading.tabIndex = -1;
    return heading;
  }

  /** Opens step `index`, and everything that the kept answers open behind it. Answers the heading that was opened last. */
  function open(index) {
    const scene = steps[index];
    const heading = reveal(scene);
    const form = scene.querySelector("form.question");
    if (!form || scene.dataset.ready) return heading;
    scene.dataset.ready = "true";
    const outcomes = [...root.querySelectorAll(`.outcome[data-of="${form.dataset.question}"]`)];

    const parts = prepare(form, "Decide", {
      onResponse(answer) {
        onAnswer(answer);
        settle(answer).focus();
      },
    });

    /** Shows what `answer` leads to. Answers the heading to go to: that of the outcome. */
    function settle({ response, correct }) {
      lock(form, true);
      parts.submit.hidden = true;
      const outcome = bestFor(outcomes, response, correct);
      outcome.dataset.verdict = correct ? "right" : "wrong";
      const outcomeHeading = reveal(outcome);
      if (correct) open(index + 1);
      else wayBack(outcome);
      return outcomeHeading;
    }

    function wayBack(outcome) {
      if (outcome.querySelector(".actions")) return;
      const back = button("Go back and decide again", "quiet");
      back.addEventListener("click", () => {
        outcome.hidden = true;
        parts.reopen();
      });
      const actions = document.createElement("p");
      actions.className = "actions";
      actions.append(back);
      outcome.append(actions);
    }

    const kept = earlier(form.dataset.question);
    if (kept) {
      fill(form, kept.response);
      settle(kept);
    }
    return heading;
  }

  open(0);
}
