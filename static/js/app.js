// What plain HTML cannot do. Every page works without this file.
(() => {
  const body = document.body;

  const inform = (text) => {
    const place = document.getElementById("messages");
    if (!place || !text) return;
    const toast = document.getElementById("blank-toast").content.firstElementChild.cloneNode(true);
    toast.querySelector("span").textContent = text;
    toast.querySelector("[data-dismiss]").hidden = false;
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

  // The time as the server writes it: "2:20 a.m.", "9 a.m.", "noon"; in Spanish "9:00 a.m.", "12:00 p.m.".
  const clock = (now) => {
    const english = document.documentElement.lang.startsWith("en");
    const hour = now.getHours();
    const minute = now.getMinutes();
    if (english && !minute && hour % 12 === 0) return hour ? "noon" : "midnight";
    const rest = minute || !english ? `:${String(minute).padStart(2, "0")}` : "";
    return `${hour % 12 || 12}${rest} ${hour < 12 ? "a.m." : "p.m."}`;
  };

  window.rollout = { clock, inform };

  // Forms that save themselves say their own state (unsent.js); everything else is told up here.
  const speaks = (elt) => elt.closest("form")?.querySelector("[data-saved]");
  document.addEventListener("htmx:sendError", (event) => { if (!speaks(event.detail.elt)) inform(body.dataset.lost); });
  document.addEventListener("htmx:responseError", (event) => { if (!speaks(event.detail.elt)) inform(body.dataset.failed); });

  // Pages of a survey leave nothing behind: not their address, not a picture of themselves for the Back button.
  const isPrivate = Boolean(document.querySelector("meta[name=leaves][content=nothing]"));
  const forgetAddress = () => { try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* no storage, nothing kept */ } };
  forgetAddress();
  addEventListener("pagehide", (event) => {
    forgetAddress();
    if (isPrivate && event.persisted) body.replaceChildren();
  });
  addEventListener("pageshow", (event) => { if (isPrivate && event.persisted) location.reload(); });

  // Installable, with a page for when there is no connection. Another language is another worker.
  addEventListener("load", () => {
    const worker = `/sw.js?lang=${document.documentElement.lang}`;
    navigator.serviceWorker?.register(worker, { updateViaCache: "all" }).catch(() => {});
  });

  // On a phone the tabs go past the edge: the one of this page comes into view.
  document.querySelectorAll(".tabs [aria-current]").forEach((tab) => {
    const row = tab.parentElement;
    row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - 48;
  });

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
