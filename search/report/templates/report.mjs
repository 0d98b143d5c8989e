const rows = [...document.querySelectorAll(".row")];
const filters = [...document.querySelectorAll(".filters [name]")];
const shown = document.getElementById("shown");
function narrow() {
  let count = 0;
  for (const row of rows) {
    const fits = filters.every((filter) =>
      filter.name === "text"
        ? row.textContent.toLowerCase().includes(filter.value.toLowerCase())
        : filter.value === "" || row.dataset[filter.name] === filter.value);
    row.hidden = !fits;
    count += fits ? 1 : 0;
  }
  shown.textContent = `${count} of ${rows.length} ${shown.dataset.what ?? "rows"}`;
}
for (const filter of filters) filter.addEventListener("input", narrow);
if (shown) narrow();
