// A button that copies each piece of code. Without this script, one selects and copies as anywhere.
for (const code of document.querySelectorAll("[data-copy]")) {
  const { copy, copied } = code.dataset;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: copy });
  button.setAttribute("aria-describedby", `${code.id}-titre`);
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      said.textContent = ` ${copied}`;
    } catch {
      getSelection().selectAllChildren(code);
    }
  });
  const line = document.createElement("p");
  line.className = "copy";
  line.append(button, said);
  code.after(line);
}
