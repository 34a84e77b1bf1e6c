// A file field shows that it would take what is being dragged over it. Taking it is the browser's own work.
(() => {
  const over = (event, is) => {
    const field = event.target.closest?.(".drop input[type=file]");
    if (field) field.toggleAttribute("data-over", is);
  };
  document.addEventListener("dragenter", (event) => over(event, true));
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, (event) => over(event, false));
})();
