// Marks of the plan's picture can be dragged to another day, or moved by arrow keys. What moves with them is shown
// by the milestone's own page before anything is saved; without this file that page is reached from the list.
(() => {
  const holder = document.querySelector("[data-plan]");
  const picture = holder?.querySelector("svg");
  const marks = picture ? [...picture.querySelectorAll("[data-move]")] : [];
  if (!marks.length) return;
  const DAY = 86400000;
  const EDGE = 2; // per cent kept free at both ends of the axis, as in chart_parts.EDGE
  const start = Date.parse(holder.dataset.first);
  const days = (Date.parse(holder.dataset.last) - start) / DAY;
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeZone: "UTC" });
  const hint = holder.parentElement.querySelector("[data-plan-hint]");
  hint.hidden = false;
  hint.id = "plan-hint";

  const frame = document.createElement("div");
  frame.className = "plan-drag";
  picture.replaceWith(frame);
  const said = document.createElement("output");
  said.className = "plan-day";
  said.hidden = true;
  frame.append(picture, said);

  const perDay = () => (picture.clientWidth * (1 - (2 * EDGE) / 100)) / days;
  const middle = (mark) => parseFloat(mark.getAttribute("cy") || mark.getAttribute("y")) + (mark.hasAttribute("cy") ? 0 : 6);

  const handle = (mark) => {
    const { move: url, on, title } = mark.dataset;
    const begin = Date.parse(on);
    const button = document.createElement("button");
    let away = 0;
    let from = null;

    const show = () => {
      const label = away ? `${title}: ${words.format(begin + away * DAY)}` : mark.dataset.words;
      button.setAttribute("aria-label", label);
      button.style.left = `calc(${EDGE}% + ${100 - 2 * EDGE}% * ${((begin - start) / DAY + away) / days})`;
      said.hidden = !away;
      said.textContent = label;
      button.toggleAttribute("data-moved", away !== 0);
    };
    const put = (value) => { away = value; show(); };

    button.type = "button";
    button.className = "plan-handle";
    button.style.top = `${middle(mark)}px`;
    button.setAttribute("aria-describedby", hint.id);
    button.addEventListener("pointerdown", (event) => { from = event.clientX; button.setPointerCapture(event.pointerId); });
    button.addEventListener("pointermove", (event) => { if (from !== null) put(Math.round((event.clientX - from) / perDay())); });
    button.addEventListener("pointerup", () => { from = null; });
    button.addEventListener("pointercancel", () => { from = null; put(0); });
    button.addEventListener("blur", () => put(0));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7 }[event.key];
      if (step) put(away + step);
      else if (event.key === "Escape") put(0);
      else return;
      event.preventDefault();
    });
    button.addEventListener("click", () => {
      const day = new Date(begin + away * DAY).toISOString().slice(0, 10);
      location.assign(away ? `${url}?on=${day}` : url);
    });
    frame.append(button);
    show();
  };
  marks.forEach(handle);
})();
