// Citations: a page says <a class="ref" data-ref="r7"></a>, and the sources that it cites are listed under it.

/** The entries of the reference list in the markup of the last page, by id. */
export function referencesIn(markup) {
  const page = new DOMParser().parseFromString(markup, "text/html");
  return new Map([...page.querySelectorAll("#references li")].map((item) => [item.id, item]));
}

const numberOf = (id) => Number(id.slice(1));

/** Numbers the citations in `article` and lists their sources at its end. */
export function listSources(article, references) {
  const links = [...article.querySelectorAll("a.ref")];
  if (links.length === 0) return;
  const cited = [...new Set(links.map(({ dataset }) => dataset.ref))].sort((one, other) => numberOf(one) - numberOf(other));

  const box = document.createElement("details");
  box.className = "sources";
  const summary = document.createElement("summary");
  summary.textContent = "References on this page";
  const list = document.createElement("ol");
  const items = new Map();
  for (const id of cited) {
    const item = document.createElement("li");
    item.id = `source-${id}`;
    item.value = numberOf(id);
    item.tabIndex = -1;
    item.append(...[...references.get(id).childNodes].map((node) => node.cloneNode(true)));
    list.append(item);
    items.set(id, item);
  }
  box.append(summary, list);
  article.append(box);

  for (const link of links) {
    const id = link.dataset.ref;
    link.href = `#source-${id}`;
    link.textContent = `[${numberOf(id)}]`;
    link.setAttribute("aria-label", `Reference ${numberOf(id)}`);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      box.open = true;
      items.get(id).focus();
    });
  }
}
