// Warns before the session ends, offers to stay, and says plainly when it has ended. Asks the server before each
// warning, because another tab may have stayed already; tabs also tell each other.
(() => {
  const { clock } = window.rollout;
  const dialog = document.getElementById("session");
  // unsent.js says whether something waits (hasUnsent) and what to do once one is back (onReturn).
  const session = { who: dialog?.dataset.who ?? "", check: async () => "unknown", ended: () => {}, onReturn: () => {}, hasUnsent: () => false };
  window.rollout.session = session;
  if (!dialog) return;

  const { url, back } = dialog.dataset;
  const warnBefore = Number(dialog.dataset.warn) * 1000;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("session") : null;
  let { token } = dialog.dataset;
  let endsAt = 0;
  let timer;

  const say = (name) => {
    dialog.querySelectorAll("[data-say]").forEach((part) => {
      part.hidden = part.dataset.say !== name;
      const title = part.querySelector("[data-title]");
      if (part.hidden) title.removeAttribute("id");
      else title.id = "session_title";
    });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-say]:not([hidden]) .button").focus();
  };

  // Signing in again changes the form token: the forms of this page get the new one.
  const renew = (fresh) => {
    if (!fresh || fresh === token) return;
    token = fresh;
    document.body.setAttribute("hx-headers", JSON.stringify({ "x-csrftoken": token }));
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((input) => { input.value = token; });
  };

  const plan = (left) => {
    endsAt = Date.now() + left * 1000;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, endsAt - warnBefore - Date.now()));
  };

  const ask = async (method = "GET") => {
    const headers = method === "POST" ? { "X-CSRFToken": token } : {};
    const response = await fetch(url, { method, headers, cache: "no-store" });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return response.json();
  };

  // "same", "other", "ended"; "unknown" without a connection.
  session.check = async () => {
    let answer;
    try { answer = await ask(); } catch { return "unknown"; }
    if (!answer.who) return "ended";
    if (answer.who !== session.who) return "other";
    renew(answer.token);
    plan(answer.left);
    return "same";
  };

  session.ended = (why) => {
    clearTimeout(timer);
    if (why === "other") { say("other"); return; }
    const unsent = session.hasUnsent();
    const here = unsent ? back : location.pathname + location.search;
    dialog.querySelectorAll("[data-sign-in]").forEach((link) => { link.search = `?next=${encodeURIComponent(here)}`; });
    say(unsent ? "unsent" : "ended");
  };

  const look = async () => {
    const found = await session.check();
    const left = endsAt - Date.now();
    if (found === "ended" || found === "other" || left <= 0) { session.ended(found); return; }
    if (found === "same" && left > warnBefore) return;
    dialog.querySelector("[data-until]").textContent = clock(new Date(endsAt));
    say("warning");
    clearTimeout(timer);
    timer = setTimeout(look, left + 1000);
  };

  const stay = async () => {
    const problem = dialog.querySelector("[data-problem]");
    try {
      const found = await session.check();
      if (found === "ended" || found === "other") { session.ended(found); return; }
      plan((await ask("POST")).left);
    } catch {
      problem.hidden = false;
      return;
    }
    problem.hidden = true;
    dialog.close();
    tell();
  };

  const tell = () => channel?.postMessage({ who: session.who });
  channel?.addEventListener("message", async ({ data }) => {
    if (data.who !== session.who || !(dialog.open || session.hasUnsent())) return;
    if ((await session.check()) !== "same" || endsAt - Date.now() <= warnBefore) return;
    if (dialog.open) dialog.close();
    session.onReturn();
  });

  dialog.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) stay();
    if (event.target.closest("[data-close]")) dialog.close();
  });
  // A computer that slept has not counted.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !dialog.open && Date.now() > endsAt - warnBefore) look();
  });

  plan(Number(dialog.dataset.left));
  tell();
})();
