// <ou-voir film="123"><a href="…">Où voir ce film légalement</a></ou-voir>
// The link in the page becomes a list of legal offers. Whatever goes wrong, the link stays as it is.

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; font: inherit; }
  h3, p, ul { margin: 0; }
  p { padding-bottom: .75em; }
  h3 { font-size: 1em; }
  ul { padding: 0 0 .75em; list-style: none; }
  li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1em; padding: .3em 0; }
  a { color: inherit; text-underline-offset: .18em; min-height: 24px; }
  a:focus-visible { outline: 3px solid; outline-offset: 2px; }
`);

const make = (name, text) => Object.assign(document.createElement(name), { textContent: text });

function serviceName(offer) {
  if (!/^https?:\/\//i.test(offer.url ?? "")) return make("span", offer.platform.name);
  return Object.assign(make("a", offer.platform.name), { href: offer.url, rel: "external noopener" });
}

function offerList(offers) {
  const list = document.createElement("ul");
  for (const offer of offers) {
    const line = document.createElement("li");
    line.append(serviceName(offer), make("span", [offer.price_label, offer.quality].filter(Boolean).join(" · ")));
    list.append(line);
  }
  return list;
}

function answer(film) {
  const labels = [...new Set(film.offers.map((offer) => offer.access_label))];
  const parts = labels.flatMap((label) => [
    make("h3", label),
    offerList(film.offers.filter((offer) => offer.access_label === label)),
  ]);
  const note = make("p", parts.length ? `${film.order.label}.` : "Aucune offre légale connue à ce jour.");
  const box = make("div", "");
  box.lang = "fr";
  box.append(...parts, note);
  return box;
}

class OuVoir extends HTMLElement {
  async connectedCallback() {
    if (this.shadowRoot) return;
    const address = new URL(`/api/v1/films/${encodeURIComponent(this.getAttribute("film"))}`, import.meta.url);
    try {
      const response = await fetch(address, { credentials: "omit" });
      if (!response.ok) return;
      const box = answer(await response.json());
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style];
      root.append(box, document.createElement("slot"));
    } catch {
      return;
    }
  }
}

customElements.define("ou-voir", OuVoir);
