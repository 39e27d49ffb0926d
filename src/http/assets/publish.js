// Reads a chosen file into a field: `<form data-file-into="name of the field">` around an `<input type="file">`.

for (const form of document.querySelectorAll("form[data-file-into]")) {
  form.querySelector("input[type=file]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (file) form.elements[form.dataset.fileInto].value = await file.text();
  });
}
