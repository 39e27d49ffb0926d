// Saves a form on the server while it is filled in: `<form data-autosave="/where">` with a hidden field `edition` and
// an element `data-saved` that shows the status. Without this script the form works as any form does.

const PAUSE = 500;

for (const form of document.querySelectorAll("form[data-autosave]")) keep(form);

function keep(form) {
  const word = form.querySelector("[data-saved]");
  let timer = 0;
  let saving = Promise.resolve();
  let unsaved = false;
  let submitting = false;

  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(queue, PAUSE);
  });

  // The submission names the edition that the last save made, so it waits for that save.
  form.addEventListener("submit", (event) => {
    if (submitting) return;
    event.preventDefault();
    clearTimeout(timer);
    unsaved = false;
    const { submitter } = event;
    // In a separate task: within this event the browser ignores another request to submit.
    saving.then(() => setTimeout(() => {
      submitting = true;
      form.requestSubmit(submitter);
    }));
  });

  // A window that closes saves what its timer has not.
  addEventListener("pagehide", () => {
    if (unsaved) fetch(form.dataset.autosave, request(form));
  });

  // A page that comes back from the browser's memory holds an old edition.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  function queue() {
    saving = saving.then(save);
  }

  async function save() {
    unsaved = false;
    word.textContent = "Saving…";
    try {
      const answer = await fetch(form.dataset.autosave, request(form));
      const body = await answer.json();
      if (answer.ok) form.elements.edition.value = body.edition;
      word.textContent = answer.ok ? "Saved." : body.detail;
    } catch {
      unsaved = true;
      word.textContent = "Not saved: the server cannot be reached. Your answers stay on this page; saving is retried with your next change.";
    }
  }
}

// `keepalive`: a save outlives the page that asked for it.
function request(form) {
  const body = new URLSearchParams(new FormData(form));
  return { method: "POST", body, headers: { Accept: "application/json" }, keepalive: true };
}
