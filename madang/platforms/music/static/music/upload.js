/* Files on their way in: pieces of under a megabyte, each told where it begins. A broken connection goes on where it was. */
const PIECE = 960 * 1024;
const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function send(box, file, line) {
  const shown = line.querySelector("progress"), note = line.querySelector(".meta");
  const headers = { "X-CSRFToken": box.dataset.csrf };
  const begun = await fetch(box.dataset.upload, { method: "POST", credentials: "same-origin", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify({ name: file.name, length: file.size }) });
  const upload = await begun.json();
  if (!begun.ok) { note.textContent = upload.message || String(begun.status); note.className = "error"; return false; }
  let got = upload.got, tries = 0;
  while (got < file.size) {
    try {
      const answer = await fetch(upload.url, { method: "PATCH", credentials: "same-origin", headers: { ...headers, "Upload-Offset": String(got), "Content-Type": "application/offset+octet-stream" }, body: file.slice(got, got + PIECE) });
      const told = await answer.json();
      if (answer.status === 409 && told.code !== "offset") { note.textContent = told.message; note.className = "error"; return false; }
      if (!answer.ok) { got = (await (await fetch(upload.url, { credentials: "same-origin" })).json()).got; throw new Error("again"); }
      got = told.got; tries = 0; note.textContent = "";
    } catch {
      tries += 1;
      note.textContent = box.dataset.broken;
      await wait(Math.min(30, 2 ** tries));
      try { got = (await (await fetch(upload.url, { credentials: "same-origin" })).json()).got ?? got; } catch { /* still no network */ }
    }
    shown.value = got / file.size;
  }
  note.textContent = box.dataset.whole;
  return true;
}

document.querySelectorAll("[data-upload]").forEach((box) => {
  const list = box.querySelector(".uploads");
  box.querySelector("input[type=file]").addEventListener("change", async (event) => {
    const files = [...event.target.files].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    list.hidden = false;
    const lines = files.map((file) => {
      const line = document.createElement("li");
      line.append(Object.assign(document.createElement("span"), { textContent: file.name }), " ", Object.assign(document.createElement("progress"), { max: 1, value: 0 }), " ", Object.assign(document.createElement("span"), { className: "meta" }));
      list.append(line);
      return line;
    });
    let whole = true;
    for (const [number, file] of files.entries()) whole = (await send(box, file, lines[number])) && whole;
    if (whole) location.reload();
  });
});
if (document.querySelector(".pill-persimmon") && document.querySelector("[data-upload]")) {
  /* Something is still being prepared: look again in a while, unless somebody is typing or sending. */
  setTimeout(() => { if (document.querySelector(".uploads")?.hidden && !document.activeElement?.matches("input, textarea, select")) location.reload(); }, 8000);
}
