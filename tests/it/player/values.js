// Runs in the player's page: every row of fixtures/scorm12/set-values.json against the API with the real library, each in a
// visit of its own. Returns how many rows there were and what differs.

const text = (value) => (typeof value === "string" ? value : value.repeat.repeat(value.times));

export async function run(fixture, { scorm12 }) {
  const wrong = [];
  let rows = 0;
  for (const { elements, values, unset } of fixture.groups) {
    for (const element of elements) {
      for (const [written, error] of values) {
        const value = text(written);
        const kept = [];
        const transport = {
          standing: "open",
          change: () => {},
          hurry: () => {},
          mention: () => {},
          set: (name, said) => kept.push([name, said]),
        };
        const api = scorm12({ "cmi.core.lesson_status": "not attempted" }, transport, () => {}, () => {});
        api.LMSInitialize("");
        const accepted = error === "0";
        const got = [api.LMSSetValue(element, value), api.LMSGetLastError(), JSON.stringify(kept)];
        const wanted = [String(accepted), error, JSON.stringify(accepted ? [[element, value]] : [])];
        if (unset !== undefined) {
          // Content reads entries of a list that exists only.
          const absent = !accepted && element.startsWith("cmi.objectives.");
          got.push(api.LMSGetValue(element), api.LMSGetLastError());
          wanted.push(accepted ? value : unset, absent ? "201" : "0");
        } else if (accepted) {
          got.push(api.LMSGetValue(element), api.LMSGetLastError());
          wanted.push("", "404");
        }
        // Nothing that was said costs what follows.
        got.push(api.LMSSetValue("cmi.core.lesson_status", "completed"), api.LMSGetValue("cmi.core.lesson_status"), api.LMSFinish(""));
        wanted.push("true", "completed", "true");
        if (String(got) !== String(wanted)) wrong.push([element, value.slice(0, 40), got.map((g) => g.slice(0, 80)), wanted.map((w) => w.slice(0, 80))]);
        rows += 1;
      }
    }
  }
  return { rows, wrong };
}

const accepted = (fixture) =>
  fixture.groups.flatMap(({ elements, values, unset }) =>
    elements.map((element) => ({
      element,
      readable: unset !== undefined,
      rows: values.map(([value, error]) => [text(value), error]),
    })),
  );

/** Sets every value of every element, and returns those that are answered otherwise than the fixture says. */
export function setAll(api, fixture) {
  const wrong = [];
  for (const { element, rows } of accepted(fixture)) {
    for (const [value, error] of rows) {
      api.LMSSetValue(element, value);
      if (api.LMSGetLastError() !== error) wrong.push([element, value.slice(0, 40), api.LMSGetLastError()]);
    }
  }
  return wrong;
}

/** Reads every element that `setAll` has set, and returns those that differ from the last value that was accepted. */
export function readAll(api, fixture) {
  const wrong = [];
  for (const { element, readable, rows } of accepted(fixture)) {
    // The server decides the status.
    const last = rows.filter(([, error]) => error === "0").at(-1);
    if (!readable || !last || element === "cmi.core.lesson_status") continue;
    const got = [api.LMSGetValue(element), api.LMSGetLastError()];
    if (got[0] !== last[0] || got[1] !== "0") wrong.push([element, got[0].slice(0, 80), got[1], last[0].slice(0, 80)]);
  }
  return wrong;
}
