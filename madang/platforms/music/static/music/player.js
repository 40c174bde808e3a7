/* The player: one bar that goes on playing while you walk through the pages of music. Everything it does is also a link or a button on a page.
   What was heard is told to the server when it counts; without a network it is kept here and told later, under the same name, so that it counts once. */
const bar = document.getElementById("player");
const say = (name) => bar.dataset[name] || "";
const KEPT = "madang.music.untold", STATE = "madang.music.queue", LOUD = -18;
const part = (what) => bar.querySelector(what);
const sounds = [new Audio(), new Audio()];
let current = 0, queue = [], place = 0, now = null, agreed = false, told = false, heard = 0, last = 0, begun = null, next = null, token = 0, live = false;

/* The co-op's clock, which in a demo may have been moved, by this machine's own. */
const ahead = (Date.parse(say("now")) || Date.now()) - Date.now();
const moment = () => new Date(Date.now() + ahead).toISOString();
const sound = () => sounds[current];
const store = (key, value) => { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a full or closed store: the queue is not remembered */ } };
const stored = (key, otherwise) => { try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; } };
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

async function ask(path, body) {
  const how = body === undefined ? {} : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": say("csrf") } };
  const answer = await fetch(path, { credentials: "same-origin", ...how });
  const found = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw Object.assign(new Error(found.message || String(answer.status)), { told: true });
  return found;
}

function tell(message, button, act, link) {
  const box = part(".player-say");
  box.hidden = !message;
  box.querySelector("span").textContent = message || "";
  const [key, door] = [box.querySelector("button"), box.querySelector("a")];
  key.hidden = !button; key.textContent = button || ""; key.onclick = act || null;
  door.hidden = !link; if (link) { door.href = link[0]; door.textContent = link[1]; }
}

/* --- what was heard ------------------------------------------------------------------------------------------------------------ */
function name() { return crypto.randomUUID ? crypto.randomUUID() : `${Date.now()}-${Math.random()}`; }

async function report(play) {
  if (!say("signed")) return;
  const waiting = stored(KEPT, []);
  if (play) waiting.push(play);
  if (!waiting.length) return;
  store(KEPT, waiting);
  let done;
  try {
    done = await ask("/api/music/plays", { plays: waiting.slice(0, 100).map(({ key, track, at, seconds }) => ({ key, track, at, seconds })), agreed: waiting.some((one) => one.agreed) });
  } catch (error) {
    if (!error.told) tell(say("lost"));
    else store(KEPT, []);
    return;
  }
  store(KEPT, stored(KEPT, []).filter((one) => !done.plays.some((row) => row.key === one.key)));
  for (const row of done.plays) {
    if (row.message && play && row.key === play.key) { tell(row.message, "", null, row.state === "wallet" || row.state === "cap" ? ["/music/wallet/", say("wallet")] : null); if (row.state === "wallet" || row.state === "cap") sound().pause(); }
  }
  document.dispatchEvent(new CustomEvent("music:counted", { detail: done }));
}

function hearing() {
  const at = sound().currentTime;
  const step = at - last;
  last = at;
  if (step > 0 && step < 2) heard += step;
  if (!told && now && heard >= now.counts_after) {
    told = true;
    report({ key: begun.key, track: now.id, at: begun.at, seconds: Math.ceil(heard), agreed });
  }
  draw();
}

/* --- playing -------------------------------------------------------------------------------------------------------------------- */
async function go(index, { start = true, from = 0 } = {}) {
  const mine = ++token;
  if (index < 0 || index >= queue.length) { sound().pause(); return; }
  place = index;
  let found;
  try { found = next && next.id === queue[index] ? next : await look(queue[index]); } catch (error) { tell(error.told ? error.message : say("lost")); return; }
  if (mine !== token) return;
  now = found; next = null; told = false; heard = 0; last = from; agreed = false;
  begun = { key: name(), at: moment() };
  show();
  if (now.in_the_way === "asks" && start) {
    tell(`${now.message} ${now.said}`, `${say("asks")} (${now.said})`, () => { agreed = true; tell(""); begin(from); });
    return;
  }
  tell(!say("signed") ? say("preview") : now.in_the_way ? now.message : "", "", null, !say("signed") ? [say("door"), say("door") ? "→" : ""] : now.in_the_way ? ["/music/wallet/", say("wallet")] : null);
  if (start) begin(from); else { ready(sound(), now); sound().currentTime = from; }
}

async function look(id) { return { id, ...(await ask(`/api/music/tracks/${id}/next`)) }; }

function ready(audio, track) {
  const kind = audio.canPlayType("audio/ogg; codecs=opus") ? "opus" : "aac";
  const address = `${track.sound}?format=${kind}`;
  if (!audio.src.endsWith(address)) { audio.src = address; audio.preload = "auto"; }
  /* As loud as every other track; a peak never passes full scale, for it is only ever turned down. */
  audio.volume = track.lufs === null ? 1 : Math.min(1, 10 ** ((LOUD - track.lufs / 100) / 20));
}

function begin(from = 0) {
  live = true;
  ready(sound(), now);
  if (sound().currentTime !== from) sound().currentTime = from;
  sound().play().catch(() => paint());
  remember();
}

/* The next track is fetched before this one ends, into the other element, and starts in the same moment: no gap. */
async function prefetch() {
  if (next || place + 1 >= queue.length) return;
  try { next = await look(queue[place + 1]); } catch { return; }
  if (!next.in_the_way) ready(sounds[1 - current], next);
}

function ended() {
  if (place + 1 >= queue.length) { paint(); return; }
  if (next && !next.in_the_way && say("signed")) {
    current = 1 - current; token += 1; place += 1;
    now = next; next = null; told = false; heard = 0; last = 0; agreed = false;
    begun = { key: name(), at: moment() };
    sound().currentTime = 0;
    sound().play().catch(() => paint());
    show(); remember();
  } else { go(place + 1); }
}

sounds.forEach((audio, which) => {
  const mine = (act) => () => { if (which === current) act(); };
  audio.addEventListener("timeupdate", mine(() => { hearing(); if (audio.duration - audio.currentTime < 12) prefetch(); if (Math.floor(audio.currentTime) % 5 === 0) remember(); }));
  audio.addEventListener("ended", mine(() => { if (!told && now && audio.currentTime * 1000 >= now.duration - 1500) { hearing(); } ended(); }));
  for (const event of ["play", "pause"]) audio.addEventListener(event, mine(paint));
});

/* --- showing -------------------------------------------------------------------------------------------------------------------- */
function show() {
  bar.hidden = false;
  document.body.classList.add("has-player");
  part(".player-title").textContent = now.title;
  part(".player-title").href = `/music/releases/${now.release}/`;
  part(".player-artist").textContent = now.artist;
  part(".player-price").textContent = now.owned ? say("free") : now.said + (now.steps > 1 && now.price ? ` · ${say("nth").replace("{n}", now.nth).replace("{of}", now.steps)}` : "");
  draw(); paint();
  if ("mediaSession" in navigator) navigator.mediaSession.metadata = new MediaMetadata({ title: now.title, artist: now.artist, artwork: [{ src: `/music/covers/${now.release}.jpg`, sizes: "1200x1200", type: "image/jpeg" }] });
}

function paint() {
  const playing = !sound().paused;
  bar.classList.toggle("is-playing", playing);
  part("[data-do=toggle]").setAttribute("aria-label", say(playing ? "pause" : "play"));
  document.querySelectorAll("[data-track]").forEach((row) => row.classList.toggle("is-now", Boolean(now) && Number(row.dataset.track) === now.id));
}

function draw() {
  const canvas = part("canvas"), pen = canvas.getContext("2d"), wave = now?.waveform || [];
  const whole = (now?.duration || 0) / 1000, done = whole ? sound().currentTime / whole : 0;
  const style = getComputedStyle(bar);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  const count = Math.min(200, wave.length), width = canvas.width / Math.max(1, count);
  for (let bucket = 0; bucket < count; bucket += 1) {
    const high = Math.max(2, (Math.max(...wave.slice(Math.floor(bucket * wave.length / count), Math.floor((bucket + 1) * wave.length / count))) / 255) * canvas.height);
    pen.fillStyle = style.getPropertyValue(bucket / count < done ? "--pine" : "--edge");
    pen.fillRect(bucket * width, (canvas.height - high) / 2, Math.max(1, width - 1.2), high);
  }
  part("input").value = String(Math.round(done * 1000));
  part("input").setAttribute("aria-valuetext", clock(sound().currentTime));
  part(".player-time").textContent = whole ? `${clock(sound().currentTime)} / ${clock(whole)}` : "";
}

function remember() { store(STATE, { queue: queue.slice(0, 500), place, at: sound().currentTime }); }

/* --- hands ---------------------------------------------------------------------------------------------------------------------- */
const toggle = () => (sound().paused ? (now && !sound().src ? begin() : ((live = true), sound().play().catch(() => {}))) : sound().pause());
const acts = { toggle, back: () => (sound().currentTime > 4 ? (sound().currentTime = 0) : go(place - 1)), next: () => go(place + 1) };

document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-do], [data-play], [data-play-all]");
  if (key && (bar.contains(key) ? key.dataset.do : true)) {
    if (key.dataset.do && bar.contains(key)) { acts[key.dataset.do]?.(); return; }
    const rows = [...document.querySelectorAll("[data-play]")].map((one) => Number(one.dataset.play));
    if (key.hasAttribute("data-play-all")) { queue = rows; go(0); return; }
    if (key.dataset.play && !bar.contains(key)) {
      const id = Number(key.dataset.play);
      if (live && now && now.id === id) { toggle(); return; } /* what was only remembered from before begins anew here; the bar's own key goes on with it */
      queue = rows; go(rows.indexOf(id));
      return;
    }
  }
  const link = event.target.closest("a[href]");
  if (!link || bar.hidden || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link.target || link.hasAttribute("download")) return;
  const to = new URL(link.href, location.href);
  if (to.origin !== location.origin || !to.pathname.startsWith("/music/") || /\/(download|sound)\/$/.test(to.pathname)) return;
  event.preventDefault();
  walk(to.href, true);
});

/* Another page of music, without letting go of the sound. */
async function walk(address, push) {
  let answer;
  try { answer = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html" } }); } catch { location.href = address; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), main = page.getElementById("main");
  if (!main || !page.getElementById("player") || [...page.querySelectorAll("script[src]")].some((one) => !document.querySelector(`script[src="${one.getAttribute("src")}"]`))) { remember(); location.href = address; return; }
  document.getElementById("main").replaceWith(main);
  document.title = page.title;
  if (push) history.pushState({}, "", answer.url || address);
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  if (window.htmx) window.htmx.process(main);
  paint();
}
addEventListener("popstate", () => { if (!bar.hidden) walk(location.href, false); else location.reload(); });

part("input").addEventListener("input", (event) => { if (now) { sound().currentTime = (Number(event.target.value) / 1000) * (now.duration / 1000); last = sound().currentTime; } });
document.addEventListener("keydown", (event) => {
  if (!now || event.target.closest("input, textarea, select, button, summary, a, [contenteditable]") || event.metaKey || event.ctrlKey || event.altKey) return;
  const by = { " ": toggle, k: toggle, j: () => (sound().currentTime -= 10), l: () => (sound().currentTime += 10), ArrowLeft: () => (sound().currentTime -= 5), ArrowRight: () => (sound().currentTime += 5), n: acts.next, p: acts.back, m: () => (sound().muted = !sound().muted) }[event.key];
  if (by) { event.preventDefault(); by(); }
});
if ("mediaSession" in navigator) {
  for (const [name_, act] of [["play", toggle], ["pause", toggle], ["previoustrack", acts.back], ["nexttrack", acts.next], ["seekto", (to) => (sound().currentTime = to.seekTime)]]) {
    try { navigator.mediaSession.setActionHandler(name_, act); } catch { /* a key this browser does not have */ }
  }
}
addEventListener("online", () => report());
addEventListener("pagehide", remember);

const before = stored(STATE, null);
if (before?.queue?.length) { queue = before.queue; go(before.place, { start: false, from: before.at || 0 }); }
report();
