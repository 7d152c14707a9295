// The desk by keyboard. A key presses its button; the next case, already in the page, shows while the answer travels.
const find = (id) => document.getElementById(id);
const pending = new Set();
let sending = Promise.resolve();

const keys = find("touches").querySelector("input");
find("touches").hidden = false;
keys.checked = localStorage.getItem("touches") !== "non";
keys.addEventListener("change", () => localStorage.setItem("touches", keys.checked ? "oui" : "non"));

document.addEventListener("keydown", (event) => {
  const { altKey, ctrlKey, metaKey, repeat, target } = event;
  if (!keys.checked || altKey || ctrlKey || metaKey || repeat || target.closest("input:not([type=checkbox]), select")) return;
  const pressed = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!pressed) return;
  event.preventDefault();
  if (pressed.matches("input")) pressed.select();
  else pressed.click();
});

const show = (content, words) => {
  find("cas").replaceChildren(content);
  const title = find("cas").querySelector("h2");
  if (title) title.focus({ preventScroll: true });
  scrollTo(0, 0);
  find("annonce").textContent = title ? title.textContent : words;
};

const line = (words) => {
  const made = document.createElement("p");
  made.className = "none";
  made.textContent = words;
  return made;
};

const showNext = () => {
  const next = find("suivant").content;
  if (next.querySelector(".case")) show(next, "");
  else show(line("Un instant…"), "Un instant…");
};

// The server's page: the case in hand stays, cases whose answers are still on their way are passed over.
const take = (page) => {
  for (const id of ["attente", "derniere", "alerte"]) find(id).replaceChildren(...page.getElementById(id).childNodes);
  const inHand = find("cas").querySelector(".case")?.dataset.case;
  const parts = [page.getElementById("cas"), page.getElementById("suivant").content];
  const cases = parts.map((part) => part.querySelector(".case")).filter((found) => found && !pending.has(found.dataset.case));
  const next = cases.filter((found) => found.dataset.case !== inHand);
  if (next.length === cases.length && cases.length) show(next.shift(), "");
  else if (!cases.length && !pending.size) show(page.querySelector("#cas .none"), page.querySelector("#cas .none").textContent);
  find("suivant").content.replaceChildren(...next.slice(0, 1));
};

const send = async (action, body, answered) => {
  const reply = await fetch(action, { method: "POST", body, keepalive: true });
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  pending.delete(answered);
  if (page.getElementById("suivant")) take(page);
  else if (reply.redirected) location.assign(reply.url);
  else throw new Error(reply.statusText);
};

const stop = () => {
  pending.clear();
  find("cas").replaceChildren(line("La dernière réponse n’est peut-être pas enregistrée\u00a0: rechargez la page."));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  const answered = form.closest(".case")?.dataset.case;
  if (form.method === "post" && !answered && form.id !== "derniere") return;
  event.preventDefault();
  if (form.method === "get") {
    sending = sending.then(() => form.submit());
    return;
  }
  const [action, body] = [form.action, new URLSearchParams(new FormData(form))];
  if (answered) {
    pending.add(answered);
    showNext();
  } else find("cas").replaceChildren(line("Un instant…"));
  sending = sending.then(() => send(action, body, answered)).catch(stop);
});

addEventListener("beforeunload", (event) => {
  if (pending.size) event.preventDefault();
});
