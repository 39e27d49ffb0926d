// Questions: forms in the page fragments, enlivened here.
//
//   <form class="question" data-question="ID" data-type="choice|true-false|numeric" data-correct="a,c">
//     <fieldset><legend>…</legend> <label><input type="radio|checkbox" value="a"> …</label> … </fieldset>
//     <template data-when="a">…</template> <template data-when="right">…</template> <template data-when="wrong">…</template>
//   </form>
//
// The template with the very response wins over "right" and "wrong".

/** The response as SCORM writes it, or null when there is none. Several choices are sorted and joined by commas. */
export function responseOf(form) {
  const typed = form.querySelector("input[type=number]");
  if (typed) return typed.value === "" ? null : String(Number(typed.value));
  const chosen = [...form.querySelectorAll("input:checked")].map(({ value }) => value).sort();
  return chosen.length === 0 ? null : chosen.join(",");
}

export function fill(form, response) {
  const typed = form.querySelector("input[type=number]");
  if (typed) typed.value = response;
  const chosen = new Set(response.split(","));
  for (const input of form.querySelectorAll("input[type=radio], input[type=checkbox]")) input.checked = chosen.has(input.value);
}

export function lock(form, locked) {
  for (const input of form.querySelectorAll("input")) input.disabled = locked;
  form.classList.toggle("locked", locked);
}

/** A button for `form`'s row of actions. */
export function button(words, kind) {
  const made = document.createElement("button");
  made.type = kind === "submit" ? "submit" : "button";
  made.textContent = words;
  if (kind === "quiet") made.className = "quiet";
  return made;
}

/**
 * Prepares a form. `onResponse(answer)` is told {id, type, pattern, response, correct, latency} when it is submitted with a response, and
 * `onLocked()` when it is submitted while it is locked. Answers the parts that the caller arranges: a status line for messages, the
 * submit button, and `reopen`.
 */
export function prepare(form, words, { onResponse, onLocked = () => {} }) {
  const { question: id, type, correct: pattern } = form.dataset;
  for (const input of form.querySelectorAll("input")) input.name = id;
  let shownAt = Date.now();
  const status = document.createElement("div");
  status.className = "feedback";
  status.setAttribute("role", "status");
  const submit = button(words, "submit");
  const actions = document.createElement("p");
  actions.className = "actions";
  actions.append(submit);
  form.noValidate = true;
  form.append(status, actions);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.classList.contains("locked")) {
      onLocked();
      return;
    }
    const response = responseOf(form);
    if (response === null) {
      status.textContent = "Choose or enter an answer first.";
      form.querySelector("input").focus();
      return;
    }
    status.replaceChildren();
    onResponse({ id, type, pattern, response, correct: response === pattern, latency: Date.now() - shownAt });
  });
  function reopen() {
    lock(form, false);
    status.replaceChildren();
    submit.hidden = false;
    shownAt = Date.now();
    form.querySelector("input").focus();
  }
  return { status, submit, reopen };
}

/** The content of the template that answers `response` best, from the templates or sections in `candidates`. */
export function bestFor(candidates, response, correct) {
  const find = (wanted) => candidates.find(({ dataset }) => dataset.when === wanted);
  return find(response) ?? find(correct ? "right" : "wrong");
}

/**
 * A knowledge check: says at once whether the answer is right and why. A wrong one can be tried again. It is one button all along, so that
 * the focus stays where it is while the explanation is read. `earlier` is the kept answer, if any.
 */
export function enlivenCheck(form, { earlier, onAnswer }) {
  const CHECK = "Check my answer";
  const templates = [...form.querySelectorAll("template[data-when]")];
  const { status, submit, reopen } = prepare(form, CHECK, {
    onResponse(answer) {
      show(answer);
      onAnswer(answer);
    },
    onLocked() {
      if (form.dataset.verdict === "right") return;
      delete form.dataset.verdict;
      submit.textContent = CHECK;
      submit.classList.remove("quiet");
      reopen();
    },
  });

  function show({ response, correct }) {
    const verdict = document.createElement("p");
    verdict.className = "verdict";
    verdict.textContent = correct ? "Correct." : "Not quite.";
    status.replaceChildren(verdict, bestFor(templates, response, correct)?.content.cloneNode(true) ?? "");
    form.dataset.verdict = correct ? "right" : "wrong";
    lock(form, true);
    submit.textContent = correct ? "Answered" : "Try again";
    submit.classList.add("quiet");
    if (correct) submit.setAttribute("aria-disabled", "true");
  }

  if (earlier) {
    fill(form, earlier.response);
    show(earlier);
  }
}
