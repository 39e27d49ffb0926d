// A copy button for each address. Without this script the address can be selected and copied by hand.

const said = document.querySelector("[data-copy-said]");

for (const part of document.querySelectorAll("[data-copied]")) {
  const field = part.querySelector("input");
  const button = part.querySelector("button");
  field.addEventListener("focus", () => field.select());
  // Browsers give the clipboard to pages of https and localhost only.
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      said.textContent = "Copied.";
      button.firstChild.textContent = "Copied";
    } catch {
      field.focus();
      said.textContent = "The browser did not allow copying. The text is selected: copy it by keyboard.";
    }
  });
}
