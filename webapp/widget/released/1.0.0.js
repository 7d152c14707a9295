// OùVoir 1.0.0: <ou-voir film="imdb:tt0060474"><a href="…">Où voir ce film légalement</a></ou-voir>
// A list of legal offers appears under the link of the page. Whatever goes wrong, the link stays as it is.
const home = new URL("../../", import.meta.url);

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; box-sizing: border-box; height: 16em; contain: layout style;
    color: var(--ou-voir-ink, var(--ov-ink, inherit)); background: var(--ou-voir-paper, var(--ov-paper, none)); }
  :host([size=small]) { height: 10em; }
  :host([theme]) { color-scheme: light dark; padding: 1em; --ov-ink: light-dark(#1c2024, #eae7e0); --ov-paper: light-dark(#fff, #1b2026);
    --ov-accent: light-dark(#14507a, #8cc4ea); --ov-line: light-dark(#dcd8cf, #363d45); }
  :host([theme=light]) { color-scheme: light; }
  :host([theme=dark]) { color-scheme: dark; }
  :host([hidden]) { display: none; }
  :host([theme]) ::slotted(a) { color: var(--ou-voir-accent, var(--ov-accent)) !important; }
  .all { display: flex; flex-direction: column; height: 100%; }
  slot { display: block; }
  .box { position: relative; flex: 0 1 auto; overflow: auto; margin: .5em -5px 0; padding: 0 5px; }
  :host([size=small]) .box { font-size: .875em; }
  :is(h2, h3, h4, h5, h6) { margin: .6em 0 0; font-size: 1em; }
  p, ul { margin: 0; padding: .3em 0; }
  p { font-size: .875em; }
  ul { list-style: none; }
  li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1em; padding: .2em 0; }
  li + li { border-top: 1px solid var(--ou-voir-line, var(--ov-line, #8886)); }
  a { min-height: 24px; color: var(--ou-voir-accent, var(--ov-accent, inherit)); text-underline-offset: .18em; }
  a:focus-visible, button:focus-visible, .box:focus-visible { outline: 3px solid; outline-offset: 1px; border-radius: 2px; }
  button { flex: none; align-self: start; min-height: 24px; margin-top: .3em; padding: .1em .8em; border: 1px solid; border-radius: 4px; background: none;
    color: inherit; font: inherit; font-size: .875em; cursor: pointer; }
  [hidden] { display: none; }
  .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  @media print { :host { height: auto !important; } }
`);

const make = (name, facts, ...parts) => {
  const made = Object.assign(document.createElement(name), facts);
  made.append(...parts);
  return made;
};

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) {
      near.unobserve(target);
      target.load();
    }
  }
}, { rootMargin: "50%" });

class OuVoir extends HTMLElement {
  static observedAttributes = ["film", "title", "year", "director", "label", "lang", "access", "services", "empty", "heading"];
  #box = make("div", { className: "box", tabIndex: -1 });
  #more = make("button", { type: "button", hidden: true, onclick: () => this.#unfold() });
  #asked;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(make("div", { className: "all" }, make("slot"), this.#box, this.#more));
  }

  connectedCallback() {
    near.observe(this);
  }

  disconnectedCallback() {
    near.unobserve(this);
  }

  attributeChangedCallback() {
    if (!this.isConnected) return;
    near.unobserve(this);
    near.observe(this);
  }

  async load() {
    const asked = (this.#asked = {});
    const english = /^en\b/i.test(this.closest("[lang]")?.lang);
    const address = new URL(`${english ? "en/" : ""}widget/v1/film.json`, home);
    for (const name of this.hasAttribute("film") ? ["film"] : ["title", "year", "director"]) {
      if (this.hasAttribute(name)) address.searchParams.set(name, this.getAttribute(name));
    }
    try {
      const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
      const told = answer.ok && (await answer.json());
      if (asked !== this.#asked) return;
      this.#box.lang = this.#more.lang = english ? "en" : "fr";
      this.#box.replaceChildren(...(told.film ? this.#parts(told) : []));
      this.#more.textContent = told.more;
      this.#more.hidden = this.#box.scrollHeight <= this.#box.clientHeight;
    } catch {
      return;
    }
  }

  #unfold() {
    this.style.height = "auto";
    this.#more.hidden = true;
    this.#box.focus();
  }

  #words(name) {
    return this.getAttribute(name)?.match(/[^\s,]+/g);
  }

  #parts({ groups, services, order, none, others, notice }) {
    const accesses = this.#words("access"), chosen = this.#words("services"), label = this.getAttribute("label");
    const flat = label === "access" || label === "none";
    const seen = new Set();
    const lines = groups.filter(({ access }) => !accesses || accesses.includes(access)).flatMap((group) => group.offers
      .filter(({ service }) => !chosen || chosen.includes(service))
      .map((offer) => ({ ...offer, group, place: services.findIndex(({ slug }) => slug === offer.service) })));
    const parts = [];
    if (flat) {
      const once = lines.sort((one, other) => one.place - other.place).filter(({ service, group }) => {
        const key = label === "none" ? service : `${service} ${group.access}`;
        return !seen.has(key) && seen.add(key);
      });
      if (once.length) parts.push(this.#list(once, services, ({ group }) => (label === "access" ? group.label : "")));
    } else {
      const level = /^[2-6]$/.test(this.getAttribute("heading")) ? this.getAttribute("heading") : 3;
      for (const group of groups) {
        const some = lines.filter((line) => line.group === group);
        const told = ({ price, quality }) => [price, quality].filter(Boolean).join(" · ");
        if (some.length) parts.push(make(`h${level}`, {}, group.label), this.#list(some, services, told));
      }
    }
    const note = parts.length ? order : this.getAttribute("empty") ?? (groups.length ? others : none);
    return [...(notice ? [make("p", {}, notice)] : []), ...parts, make("p", {}, note)];
  }

  #list(lines, services, told) {
    return make("ul", { role: "list" }, ...lines.map((line) => {
      const { name } = services[line.place];
      const whole = make("span", { className: "unseen" }, ` (${[line.group.label, line.price, line.quality].filter(Boolean).join(", ")})`);
      const out = line.exit && new URL(line.exit, home);
      out?.searchParams.set("par", location.hostname);
      const who = out
        ? make("a", { href: out, rel: "external noopener nofollow", referrerPolicy: "no-referrer" }, name, whole)
        : make("span", {}, name);
      return make("li", {}, who, make("span", {}, told(line)));
    }));
  }
}

customElements.get("ou-voir") ?? customElements.define("ou-voir", OuVoir);
