// The desk by keyboard: a key presses its button; the next case, already in the page, is shown while the answer travels.
const place = document.querySelector("#cas");
let sending = Promise.resolve();

const busy = (target) => target.closest("input, select, textarea") || document.querySelector("dialog[open]");

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || busy(event.target)) return;
  const field = document.querySelector(`[data-focus="${CSS.escape(event.key)}"]`);
  const button = document.querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (field) field.focus();
  else if (button) button.click();
  else return;
  event.preventDefault();
});

const take = (page) => {
  for (const id of ["attente", "cas", "suivant"]) {
    const [here, there] = [document.getElementById(id), page.getElementById(id)];
    if (id === "cas" && here.querySelector(".case")?.dataset.case === there.querySelector(".case")?.dataset.case) continue;
    if (here && there) here.replaceWith(document.adoptNode(there));
    else if (there) document.querySelector("#cas").after(document.adoptNode(there));
    else here?.remove();
  }
  const [last, newer] = [document.querySelector("form.last"), page.querySelector("form.last")];
  if (last && newer) last.replaceWith(document.adoptNode(newer));
  else if (newer) document.querySelector("#cas").before(document.adoptNode(newer));
  document.querySelector(".alert")?.remove();
  const alert = page.querySelector(".alert");
  if (alert) document.querySelector("#cas").before(document.adoptNode(alert));
};

const showNext = () => {
  const next = document.querySelector("#suivant");
  if (!next) return;
  document.querySelector("#cas .case").replaceWith(next.content.cloneNode(true));
  next.remove();
  const title = document.querySelector("#cas .case h2");
  title.focus();
  document.querySelector("#annonce").textContent = `Cas suivant : ${title.textContent}`;
};

const send = async (form) => {
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (answer.redirected && new URL(answer.url).pathname !== new URL(location.href).pathname) location.assign(answer.url);
  take(new DOMParser().parseFromString(await answer.text(), "text/html"));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !form.closest("#cas, .last")) return;
  event.preventDefault();
  const body = form.cloneNode(true);
  if (form.closest(".case")) showNext();
  sending = sending.then(() => send(body)).catch(() => location.reload());
});
