// The two risk scores. Pure arithmetic in `scores`; the rest reads the form.

/** CHA2DS2-VA (ESC 2024) leaves sex out; CHA2DS2-VASc adds a point for women. */
export function scores({ age, woman, heartFailure, hypertension, diabetes, stroke, vascular }) {
  const byAge = age >= 75 ? 2 : age >= 65 ? 1 : 0;
  const va = byAge + Number(heartFailure) + Number(hypertension) + Number(diabetes) + 2 * Number(stroke) + Number(vascular);
  return { va, vasc: va + Number(woman) };
}

/** What the two guidelines say at these scores, for clinical AF without mechanical valve or moderate-to-severe mitral stenosis. */
export function advice({ va }) {
  // In CHA2DS2-VASc terms: 0 in men or 1 in women; 1 or 2; 2 or 3 and above. Leaving sex out, both guidelines draw the same lines.
  if (va === 0) return "Low risk. Neither guideline recommends an anticoagulant for stroke prevention. Estimate the risk again later.";
  if (va === 1) return "Intermediate risk. ACC/AHA 2023: reasonable (2a). ESC 2024: should be considered (IIa). Decide with the patient.";
  return "Anticoagulation is recommended. ACC/AHA 2023: class 1. ESC 2024: class I.";
}

export function enlivenCalculator(form) {
  const output = form.querySelector("output");
  function work() {
    const age = form.elements.age.valueAsNumber;
    if (!(age >= 18 && age <= 120)) {
      output.textContent = "Enter an age from 18 to 120.";
      return;
    }
    const ticked = (name) => form.elements[name].checked;
    const result = scores({
      age,
      woman: form.elements.sex.value === "woman",
      heartFailure: ticked("heartFailure"),
      hypertension: ticked("hypertension"),
      diabetes: ticked("diabetes"),
      stroke: ticked("stroke"),
      vascular: ticked("vascular"),
    });
    const big = document.createElement("span");
    big.className = "scores";
    big.textContent = `CHA₂DS₂-VASc ${result.vasc} · CHA₂DS₂-VA ${result.va}`;
    const words = document.createElement("span");
    words.textContent = advice(result);
    output.replaceChildren(big, words);
  }
  form.addEventListener("input", work);
  form.addEventListener("submit", (event) => event.preventDefault());
  work();
}
