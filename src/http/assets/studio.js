// The upload form of the studio: dropping a file, a progress bar, and a way to cancel. Without this the form still works.

const form = document.getElementById("upload-form");
const input = document.getElementById("package");
const part = (name) => document.getElementById(`upload-${name}`);

document.getElementById("drop-hint").hidden = false;

form.addEventListener("submit", (event) => {
  const [file] = input.files;
  if (file) {
    event.preventDefault();
    send(file);
  }
});

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    if (event.dataTransfer.types.includes("Files") && part("progress").hidden) {
      event.preventDefault();
      form.classList.add("over");
    }
  });
}
form.addEventListener("dragleave", (event) => {
  if (!form.contains(event.relatedTarget)) {
    form.classList.remove("over");
  }
});
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("over");
  const files = event.dataTransfer.files;
  if (!part("progress").hidden) {
    return;
  }
  if (files.length === 1) {
    send(files[0]);
  } else {
    refuse("Drop one file: the .zip file of the package.");
  }
});

function send(file) {
  // The server would refuse it too, but by closing the connection while the browser is still sending.
  if (file.size > Number(form.dataset.limit)) {
    refuse(`${file.name} is larger than ${form.dataset.limitText}. Make its media smaller, and export it again.`);
    return;
  }
  const request = new XMLHttpRequest();
  const bar = part("bar");
  show("progress");
  part("name").textContent = file.name;
  part("state").textContent = "Uploading…";
  bar.value = 0;

  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) {
      bar.value = (100 * event.loaded) / event.total;
      part("state").textContent = `Uploading: ${Math.floor(bar.value)}%`;
    }
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    part("state").textContent = "Uploaded. Checking every file of the package…";
  });
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
    } else {
      refuse(sentence(request));
    }
  });
  request.addEventListener("error", () => {
    refuse("The connection was lost before the upload was complete. Check it, and try again.");
  });
  request.addEventListener("abort", () => show("choose"));
  part("cancel").onclick = () => request.abort();

  const body = new FormData();
  body.append("package", file);
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.send(body);
}

function sentence(request) {
  try {
    const { detail } = JSON.parse(request.responseText);
    return detail.charAt(0).toUpperCase() + detail.slice(1) + (detail.endsWith(".") ? "" : ".");
  } catch {
    return "The upload was refused. Reload the page, sign in if it asks, and try again.";
  }
}

function refuse(message) {
  show("choose");
  part("problem-text").textContent = message;
  part("problem").hidden = false;
  input.focus();
}

function show(name) {
  part("choose").hidden = name !== "choose";
  part("progress").hidden = name !== "progress";
  part("problem").hidden = true;
}
