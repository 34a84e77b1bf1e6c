// Forms that save themselves ([data-saved] inside): what the connection did not take waits here and is sent when it is
// back, in the order it was entered. It waits in memory and in the fields alone: nothing is written to the browser's
// storage, so a page that is left keeps nothing. docs/decisions says why.
(() => {
  const { clock, inform, session } = window.rollout;
  const SHORTEST = 2000;
  const LONGEST = 60000;
  const PATIENCE = 15000;
  const COMES_BACK = [0, 429, 502, 503, 504];

  const forms = new Map(); // form → { known: values as the server has them, by name; place: the state's own copy }
  const queue = []; // { elt, form, issue }: one for each element, oldest first; its fields are read when it is sent
  let sending = null;
  let stopped = false; // signed out: nothing is tried until that has changed
  let pause = SHORTEST;
  let timer;
  let leaving = null; // a form whose button waits for the queue
  let going = false; // on the way to another page, with everything sent

  // --- what is not sent yet
  const valuesOf = (form) => {
    const data = new FormData(form);
    const names = new Set([...form.elements].filter((one) => one.name && !["hidden", "submit", "button"].includes(one.type)).map((one) => one.name));
    return new Map([...names].map((name) => [name, JSON.stringify(data.getAll(name))]));
  };
  const unsentIn = (form) => [...valuesOf(form)].filter(([name, value]) => forms.get(form).known.get(name) !== value).map(([name]) => name);
  const anything = () => [...forms.keys()].some((form) => form.isConnected && unsentIn(form).length);
  const follow = (root) => root.querySelectorAll?.("form [data-saved]").forEach((place) => {
    const form = place.closest("form");
    if (!forms.has(form)) forms.set(form, { known: valuesOf(form), place: place.cloneNode() });
  });
  follow(document);
  document.addEventListener("htmx:afterSettle", (event) => follow(event.detail.elt));

  // --- said where the form says its state
  const show = (form, name) => {
    if (!form?.isConnected) return;
    let place = form.querySelector("[data-saved]");
    if (!place) { // a refusal stood in its place
      place = forms.get(form).place.cloneNode();
      (form.querySelector(".dock > div") ?? form).append(place);
    }
    const count = name === "waiting" ? unsentIn(form).length : 0;
    const key = count > 1 ? "many" : name;
    const text = (place.dataset[`text${key[0].toUpperCase()}${key.slice(1)}`] ?? "").replace("%n", count);
    const bad = ["ended", "closed", "failed"].includes(name);
    const said = name === "saved" ? [`${text} ${clock(new Date())}`, place.dataset.note].filter(Boolean).join(", ") : text;
    place.dataset.state = bad ? "failed" : name === "needs" ? "waiting" : name;
    if (place.textContent !== said) place.textContent = said;
  };

  // --- one after the other
  const next = () => {
    if (sending || stopped) return;
    clearTimeout(timer);
    sending = queue.shift() ?? null;
    if (!sending) { arrived(true); return; }
    if (sending.elt.isConnected) sending.issue();
    if (!sending.xhr) { sending = null; next(); } // its element is gone, or it asked for nothing
  };

  document.addEventListener("htmx:confirm", (event) => {
    const { elt, verb, issueRequest } = event.detail;
    const form = elt.closest("form");
    if (verb === "get" || !forms.has(form)) return;
    event.preventDefault();
    if (!queue.some((one) => one.elt === elt)) queue.push({ elt, form, issue: () => issueRequest(true) });
    if (stopped) { show(form, "ended"); back(event, true); } else next();
  });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (sending?.elt !== detail.elt) return;
    detail.timeout = PATIENCE;
    // htmx remembers the button pressed last; saving on the way must never go on, finish or send.
    [...sending.form.elements].forEach((one) => { if (one.type === "submit" && one.name) delete detail.parameters[one.name]; });
    // What was tried may have arrived though its receipt was lost: first the same once more, then what changed since.
    sending.tried?.forEach((value, name) => { if (forms.get(sending.form).known.has(name)) detail.parameters[name] = JSON.parse(value); });
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (sending?.elt !== detail.elt) return;
    sending.xhr = detail.xhr;
    if (pause === SHORTEST) show(sending.form, "saving"); // while it waits, the count stays in sight
  });
  // An ended session answers with the way to the sign-in page: going there would throw away what was typed.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = event.detail;
    if (sending?.xhr !== xhr) return;
    const target = xhr.getResponseHeader("HX-Redirect");
    sending.ended = Boolean(target) && new URL(target, location.href).searchParams.has("next");
    if (sending.ended) event.preventDefault();
    else if (target) going = true;
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!sending || sending.xhr !== detail.xhr) return;
    const values = new Map([...detail.requestConfig.formData.keys()].map((name) => [name, JSON.stringify(detail.requestConfig.formData.getAll(name))]));
    setTimeout(() => settle(detail.xhr.status, values)); // once htmx has let go of the element
  });

  const settle = async (status, values) => {
    const one = sending;
    const { form } = one;
    const { known } = forms.get(form);
    const learn = (from) => values.forEach((_value, name) => { if (known.has(name)) known.set(name, from.get(name)); });
    if (one.ended || (status === 403 && !one.renewed)) { await afterEnd(one); return; }
    if (COMES_BACK.includes(status)) { later({ ...one, tried: values }); return; }
    sending = null;
    pause = SHORTEST;
    if (status >= 200 && status < 300) {
      learn(values);
      const changed = one.tried && form.isConnected && unsentIn(form).some((name) => values.has(name));
      if (changed && !queue.some((other) => other.elt === one.elt)) queue.push({ elt: one.elt, form, issue: one.issue });
      if (!queue.some((other) => other.form === form)) show(form, "saved");
    } else {
      if (status === 410) queue.splice(0, queue.length, ...queue.filter((other) => other.form !== form));
      if (form.isConnected && [409, 410, 422].includes(status)) learn(valuesOf(form)); // answered: nothing waits any more
      show(form, { 409: "refused", 410: "closed", 422: "refused" }[status] ?? "failed");
      arrived(false);
    }
    next();
  };

  const putBack = (one) => {
    const newer = queue.findIndex((other) => other.elt === one.elt);
    if (newer >= 0) queue.splice(newer, 1);
    queue.unshift({ elt: one.elt, form: one.form, issue: one.issue, renewed: one.renewed, tried: one.tried });
    sending = null;
  };
  const later = (one) => {
    putBack(one);
    new Set(queue.map((other) => other.form)).forEach((form) => show(form, "waiting"));
    arrived(false);
    timer = setTimeout(next, pause);
    pause = Math.min(pause * 2, LONGEST);
  };
  // Signed out, or signed in again elsewhere since: with the same person's session it goes on, else it stays here.
  const afterEnd = async (one) => {
    const found = await session.check();
    if (found === "unknown") { later(one); return; }
    const again = found === "same" && !one.renewed;
    putBack({ ...one, renewed: true });
    if (again) { next(); return; }
    stopped = true;
    show(one.form, "ended");
    arrived(false);
    session.ended(found);
  };

  const back = async (event, asked = false) => {
    if (stopped) {
      const found = await session.check();
      if (found !== "same") { if (asked) session.ended(found); return; }
      stopped = false;
    }
    if (queue.length) next();
  };
  session.hasUnsent = anything;
  session.onReturn = back;
  addEventListener("online", back);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) back(); });

  // --- leaving
  const arrived = (whole) => {
    if (!leaving) return;
    const { form, submitter } = leaving;
    leaving = null;
    if (whole && !unsentIn(form).length) { going = true; form.requestSubmit(submitter); return; }
    if (form.querySelector("[data-saved]")?.dataset.state === "waiting" && !stopped && queue.length) show(form, "needs");
  };
  const reachable = async () => { try { return (await fetch("/session/", { cache: "no-store" })).ok; } catch { return false; } };

  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || going) return;
    if (form.matches(".leave")) { going = true; return; } // asking would keep somebody who wants to be gone at once
    if (leaving) { event.preventDefault(); return; }
    if (forms.has(form)) {
      unsentIn(form).forEach((name) => [...form.elements].find((one) => one.name === name)?.dispatchEvent(new Event("change", { bubbles: true })));
      if (sending || queue.length) {
        event.preventDefault();
        leaving = { form, submitter };
        if (stopped) { leaving = null; back(event, true); } else next();
        return;
      }
    }
    if (navigator.onLine) { going = forms.has(form); return; }
    // The browser believes that there is no network; on this machine alone there may be a server all the same.
    event.preventDefault();
    if (await reachable()) { going = true; form.requestSubmit(submitter); } else if (forms.has(form)) show(form, "needs");
    else inform(document.body.dataset.lost);
  });
  document.addEventListener("input", () => { going = false; });
  addEventListener("beforeunload", (event) => { if (!going && anything()) event.preventDefault(); });
})();
