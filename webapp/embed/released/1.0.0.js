// OùVoir 1.0.0: <ou-voir film="imdb:tt0060474"><a href="…">Où voir ce film légalement</a></ou-voir>
// A list of legal offers appears under the link of the page. Whatever goes wrong, the link stays as it is.
const home = new URL("../../", import.meta.url);

const style = new CSSStyleSheet();
style.replaceSync(`
  :host { display: block; box-sizing: border-box; height: 18em; contain: layout style;
    color: var(--ou-voir-ink, var(--ov-ink, inherit)); background: var(--ou-voir-paper, var(--ov-paper, none)); }
  :host([theme]) { height: 20em; color-scheme: light dark; padding: 1em; --ov-ink: light-dark(#1c2024, #eae7e0); --ov-paper: light-dark(#fff, #1b2026);
    --ov-accent: light-dark(#14507a, #8cc4ea); --ov-line: light-dark(#dcd8cf, #363d45); }
  :host([size=small]) { height: 10em; }
  :host([size=small][theme]) { height: 12em; }
  :host([theme=light]) { color-scheme: light; }
  :host([theme=dark]) { color-scheme: dark; }
  :host([hidden]) { display: none; }
  :host([theme]) ::slotted(a) { color: var(--ou-voir-accent, var(--ov-accent)) !important; }
  .all { display: flex; flex-direction: column; height: 100%; }
  slot { display: block; }
  .box { overflow: auto; margin: .5em -5px 0; padding: 0 5px; }
  :host([size=small]) .box { font-size: .875em; }
  h2, h3, h4, h5, h6 { margin: .6em 0 0; font-size: 1em; }
  p, ul { margin: 0; padding: .3em 0; }
  ul { list-style: none; }
  li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1em; padding: .2em 0; }
  li + li { border-top: 1px solid var(--ou-voir-line, var(--ov-line, #8886)); }
  a { min-height: 24px; color: var(--ou-voir-accent, var(--ov-accent, inherit)); text-underline-offset: .18em; }
  button { flex: none; align-self: start; min-height: 24px; margin-top: .3em; padding: .1em .8em; border: 1px solid; border-radius: 4px;
    background: none; color: inherit; font: inherit; cursor: pointer; }
  [hidden] { display: none; }
  :focus-visible { outline: 3px solid; outline-offset: 1px; border-radius: 2px; }
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
  #asked;
  #box;
  #more;
  #whole = false;

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
    const lang = /^en\b/i.test(this.closest("[lang]")?.lang) ? "en" : "fr";
    const names = this.hasAttribute("film") ? ["film"] : ["title", "year", "director"];
    const told = names.map((name) => [name, this.getAttribute(name)]).filter(([, value]) => value !== null);
    const address = `${home}${lang === "en" ? "en/" : ""}widget/v1/film.json?${new URLSearchParams(told)}`;
    try {
      const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer" });
      const facts = answer.ok && (await answer.json());
      if (asked === this.#asked && (facts.film || this.#box)) this.#show(facts, lang);
    } catch {
      return;
    }
  }

  #show(facts, lang) {
    const { parts, cut } = facts.film ? this.#shown(facts) : { parts: [], cut: false };
    if (!this.#box) {
      this.#box = make("div", { className: "box", tabIndex: -1 });
      this.#more = make("button", { type: "button" });
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style];
      root.append(make("div", { className: "all" }, make("slot"), this.#box, this.#more));
    }
    this.#box.lang = this.#more.lang = lang;
    this.#box.replaceChildren(...parts);
    Object.assign(this.#more, { textContent: facts.more, hidden: !cut, onclick: () => this.#unfold(facts, lang) });
  }

  #unfold(facts, lang) {
    this.#whole = true;
    this.style.height = "auto";
    this.#show(facts, lang);
    this.#box.focus();
  }

  #words(name) {
    return this.getAttribute(name)?.match(/[^\s,]+/g);
  }

  // What fits in the height kept for it, a heading taking as much as a line; `cut` when there is more.
  #shown({ groups, services, order, none, others, notice }) {
    const accesses = this.#words("access"), chosen = this.#words("services"), label = this.getAttribute("label");
    const names = new Map(services.map(({ slug, name }) => [slug, name]));
    const places = [...names.keys()];
    const lines = groups.filter(({ access }) => !accesses || accesses.includes(access)).flatMap((group) => group.offers
      .filter(({ service }) => !chosen || chosen.includes(service))
      .map((offer) => ({ ...offer, group, name: names.get(offer.service) })));
    const parts = [];
    let room = this.#whole ? Infinity : (this.getAttribute("size") === "small" ? 2 : 6) - (notice ? 1 : 0);
    let cut = false;
    const add = (some, told, ...before) => {
      const fit = some.slice(0, Math.max(1, room - before.length));
      if (fit.length) parts.push(...before, this.#list(fit, told));
      room -= before.length + fit.length;
      cut ||= fit.length < some.length;
    };
    if (label === "access" || label === "none") {
      const once = new Map();
      for (const line of lines) {
        const key = label === "none" ? line.service : `${line.service} ${line.group.access}`;
        if (!once.has(key)) once.set(key, line);
      }
      const flat = [...once.values()].sort((one, other) => places.indexOf(one.service) - places.indexOf(other.service));
      add(flat, ({ group }) => (label === "access" ? group.label : ""));
    } else {
      const level = this.getAttribute("heading");
      const told = ({ price, quality }) => [price, quality].filter(Boolean).join(" · ");
      for (const group of groups) {
        const some = lines.filter((line) => line.group === group);
        if (room < 2 && parts.length) cut ||= some.length > 0;
        else if (some.length) add(some, told, make(/^[2-6]$/.test(level) ? `h${level}` : "h3", {}, group.label));
      }
    }
    const note = parts.length ? order : this.getAttribute("empty") ?? (groups.length ? others : none);
    return { parts: [...(notice ? [make("p", {}, notice)] : []), ...parts, make("p", {}, note)], cut };
  }

  #list(lines, told) {
    return make("ul", { role: "list" }, ...lines.map((line) => {
      const { name, exit, group, price, quality } = line;
      const who = exit ? make("a", {
        href: `${home.origin}${exit}?par=${location.hostname}`,
        rel: "external noreferrer",
        ariaLabel: `${name} (${[group.label, price, quality].filter(Boolean).join(", ")})`,
      }, name) : make("span", {}, name);
      return make("li", {}, who, ` ${told(line)}`);
    }));
  }
}

customElements.get("ou-voir") ?? customElements.define("ou-voir", OuVoir);
