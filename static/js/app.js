// What plain HTML cannot do. Every page works without this file.
(() => {
  const body = document.body;

  const inform = (text) => {
    const place = document.getElementById("messages");
    if (!place || !text) return;
    const toast = document.createElement("p");
    toast.className = "toast error";
    toast.textContent = text;
    place.replaceChildren(toast);
    place.scrollIntoView({ block: "nearest" });
  };

  // After an invalid form: to the summary of what is wrong.
  const toSummary = (root) => (root.matches?.("[data-error-summary]") ? root : root.querySelector?.("[data-error-summary]"))?.focus();

  const ready = (root) => {
    root.querySelectorAll?.("[data-dismiss]").forEach((button) => { button.hidden = false; });
    toSummary(root);
  };
  ready(document);
  document.addEventListener("htmx:afterSettle", (event) => ready(event.detail.elt));

  // The time as the server writes it: "2:20 a.m.", "9 a.m.", "noon".
  const clock = (now) => {
    const lang = document.documentElement.lang;
    if (!lang.startsWith("en")) return new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }).format(now);
    const hour = now.getHours();
    const minute = now.getMinutes();
    if (!minute && hour % 12 === 0) return hour ? "noon" : "midnight";
    return `${hour % 12 || 12}${minute ? `:${String(minute).padStart(2, "0")}` : ""} ${hour < 12 ? "a.m." : "p.m."}`;
  };

  // "Saved 2:03 p.m.": said only once the server has said so.
  const state = (form, name) => {
    const place = form?.querySelector("[data-saved]");
    if (!place) return false;
    const text = place.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`];
    place.dataset.state = name;
    place.textContent = name === "saved" ? [`${text} ${clock(new Date())}`, place.dataset.note].filter(Boolean).join(", ") : text;
    return true;
  };
  const formOf = (event) => event.detail.elt.closest("form");
  const writes = (event) => event.detail.requestConfig?.verb !== "get";
  document.addEventListener("htmx:beforeSend", (event) => { if (writes(event)) state(formOf(event), "saving"); });
  document.addEventListener("htmx:afterRequest", (event) => { if (writes(event)) state(formOf(event), event.detail.successful ? "saved" : "failed"); });
  document.addEventListener("htmx:sendError", () => inform(body.dataset.lost));
  document.addEventListener("htmx:responseError", () => inform(body.dataset.failed));

  // A confirmation is a popover without this file and a true modal dialog with it.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[popovertarget]");
    const dialog = opener && document.getElementById(opener.getAttribute("popovertarget"));
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      if (opener.getAttribute("popovertargetaction") === "hide") dialog.close();
      else dialog.showModal();
    }
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
    if (event.target instanceof HTMLDialogElement) event.target.close();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
})();
