// The frame's few conveniences. Every page works without them.
// One menu open at a time; Escape and a click elsewhere close it.
const menus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The demo bar stays as one left it, within this visit.
const bar = document.querySelector("details[data-demo]");
if (bar) {
  const kept = sessionStorage.getItem("demo-bar");
  bar.open = kept ? kept === "open" : matchMedia("(min-width: 60rem)").matches;
  bar.addEventListener("toggle", () => sessionStorage.setItem("demo-bar", bar.open ? "open" : "closed"));
}

// After a form failed, the list of what is wrong is read first.
document.querySelector("[data-focus]")?.focus();

// A second press of a button that sends is not a second order (the server knows too; this only looks calmer).
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 4000);
});
window.addEventListener("pageshow", () => { for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent; });

// A print button is shown only where printing can be asked for.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
