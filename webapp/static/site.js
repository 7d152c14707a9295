// Films suggested while one types a title, from the third letter. Without this script, the form searches as well.
const FROM = 3, WAIT = 150;

const make = (name, facts, ...children) => {
  const made = Object.assign(document.createElement(name), facts);
  made.append(...children);
  return made;
};

function suggestFor(input) {
  const list = make("ul", { id: `${input.id}-choix`, className: "choices", hidden: true, role: "listbox", ariaLabel: input.dataset.films });
  let timer, asked, at = -1;
  Object.assign(input, { type: "text", enterKeyHint: "search", role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
  input.setAttribute("aria-controls", list.id);
  input.parentElement.append(list);

  const close = () => {
    list.hidden = true;
    at = -1;
    input.ariaExpanded = "false";
    input.removeAttribute("aria-activedescendant");
  };

  const open = () => {
    list.hidden = !list.children.length;
    input.ariaExpanded = String(!list.hidden);
  };

  const show = ([, titles, told, addresses]) => {
    close();
    list.replaceChildren(...titles.map((title, place) => {
      const facts = { id: `${list.id}-${place}`, href: addresses[place], role: "option", tabIndex: -1, lang: "fr" };
      return make("li", { role: "none" }, make("a", facts, title, " ", make("span", { className: "told" }, told[place])));
    }));
    if (document.activeElement === input) open();
  };

  const ask = async () => {
    const query = input.value.trim();
    asked?.abort();
    if (query.length < FROM) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.from}?q=${encodeURIComponent(query)}`, { signal: asked.signal });
      if (answer.ok && input.value.trim() === query) show(await answer.json());
    } catch {
      // The line is cut, or another letter came: the form still searches.
    }
  };

  const choose = (place) => {
    const options = [...list.querySelectorAll("a")];
    options.forEach((option, index) => { option.ariaSelected = String(index === place); });
    at = place;
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[place].id);
  };

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  input.addEventListener("blur", () => setTimeout(() => document.activeElement === input || close(), 200));
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    if (list.hidden && event.key === "ArrowDown") open();
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(at < last ? at + 1 : 0); }
    if (event.key === "ArrowUp") { event.preventDefault(); choose(at > 0 ? at - 1 : last); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); list.querySelectorAll("a")[at].click(); }
  });
}

document.querySelectorAll("input[data-from]").forEach(suggestFor);
