// A slider anyone can move. Without this script the number and its button do the same.
const wait = 250;

for (const form of document.querySelectorAll("form[data-slider]")) {
  const range = form.querySelector("[data-slider-range]");
  const number = form.querySelector("input[name=try]");
  const words = form.querySelector("[data-slider-words]");
  const rows = form.querySelector("[data-slider-rows]");
  const note = form.querySelector("[data-slider-note]");
  const error = form.querySelector("[data-slider-error]");
  const propose = form.querySelector("[data-slider-propose]");
  let timer = 0;
  let newest = 0;

  const show = (answer) => {
    error.hidden = true;
    words.textContent = answer.words;
    note.textContent = answer.note;
    propose.href = answer.propose;
    if (!rows) return;
    rows.replaceChildren(...answer.rows.map((row) => {
      const line = document.createElement("tr");
      const label = document.createElement("th");
      label.scope = "row";
      label.textContent = row.label;
      line.append(label);
      for (const figure of [row.before, row.after]) {
        const cell = document.createElement("td");
        cell.className = "num";
        cell.textContent = figure;
        line.append(cell);
      }
      return line;
    }));
  };

  const ask = async () => {
    const mine = ++newest;
    try {
      const answer = await fetch(`${form.dataset.slider}?value=${encodeURIComponent(number.value)}`, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (mine !== newest) return;
      if (answer.ok) show(told);
      else {
        error.textContent = told.message;
        error.hidden = false;
      }
    } catch {
      form.querySelector("[data-slider-button]").hidden = false;
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };

  range.hidden = false;
  form.querySelector("[data-slider-button]").hidden = true;
  range.addEventListener("input", () => { number.value = range.value; soon(); });
  number.addEventListener("input", () => { range.value = number.value; soon(); });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); ask(); });
}
