"use strict";
const page = JSON.parse(document.getElementById("page").textContent);
const clips = [...document.querySelectorAll("script.clip")].map((node) => JSON.parse(node.textContent));
const buttons = [...document.querySelectorAll("#labels button")];
const player = document.getElementById("player");
const shelf = `emo-emilia-review/${page.sheet}/${page.reviewer}`;
const answers = new Map();
let place = 0;

function show(id, text) {
  document.getElementById(id).textContent = text;
}

function restore() {
  try {
    const kept = JSON.parse(localStorage.getItem(shelf) || "{}");
    const known = new Set(clips.map((clip) => clip.index));
    for (const [index, answer] of Object.entries(kept.answers || {})) {
      if (known.has(index)) answers.set(index, answer);
    }
    place = Math.min(Math.max(kept.place || 0, 0), clips.length - 1);
  } catch (error) {
    show("warning", `Earlier answers cannot be read (${error.message}).`);
  }
}

function keep() {
  try {
    localStorage.setItem(shelf, JSON.stringify({ place, answers: Object.fromEntries(answers) }));
  } catch (error) {
    show("warning", `This browser keeps nothing (${error.message}): save to a file before you close the page.`);
  }
}

function render() {
  const clip = clips[place];
  const unsure = [...answers.values()].filter((answer) => answer === "unsure").length;
  show("progress", `${answers.size} of ${clips.length} answered, ${unsure} unsure`);
  show("place", `${place + 1} / ${clips.length} · ${clip.language}`);
  show("text", clip.text);
  document.getElementById("bar").value = answers.size;
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(answers.get(clip.index) === button.dataset.answer));
  }
}

function play() {
  player.play().catch(() => {});
}

function go(target, sound = true) {
  if (target < 0 || target >= clips.length) return;
  place = target;
  player.src = clips[place].audio;
  keep();
  render();
  if (sound) play();
}

function answer(label) {
  answers.set(clips[place].index, label);
  keep();
  render();
  if (place + 1 < clips.length) go(place + 1);
}

function nextOpen() {
  for (let step = 1; step <= clips.length; step += 1) {
    const target = (place + step) % clips.length;
    if (!answers.has(clips[target].index)) return go(target);
  }
}

function again() {
  player.currentTime = 0;
  play();
}

const keys = {
  " ": () => (player.paused ? play() : player.pause()),
  r: again,
  u: () => answer("unsure"),
  n: nextOpen,
  ArrowLeft: () => go(place - 1),
  ArrowRight: () => go(place + 1),
  0: () => answer("unsure"),
};
page.emotions.forEach((emotion, number) => {
  keys[number + 1] = () => answer(emotion);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!Object.hasOwn(keys, name)) return;
  event.preventDefault();
  keys[name]();
});
for (const button of buttons) button.addEventListener("click", () => answer(button.dataset.answer));
document.getElementById("back").addEventListener("click", keys.ArrowLeft);
document.getElementById("next").addEventListener("click", keys.ArrowRight);
document.getElementById("open").addEventListener("click", nextOpen);
// A focused button would take the space bar for itself.
document.addEventListener("click", () => document.activeElement?.blur());

function rows() {
  return clips.map((clip) => ({ index: clip.index, answer: answers.get(clip.index) || "" }));
}

function asJson() {
  return `${JSON.stringify({ sheet: page.sheet, reviewer: page.reviewer, answers: rows() }, null, 1)}\n`;
}

function asCsv() {
  const lines = rows().map((row) => [page.sheet, page.reviewer, row.index, row.answer].join(","));
  return `sheet,reviewer,index,answer\n${lines.join("\n")}\n`;
}

function save(text, suffix, kind) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = `review_${page.reviewer}_${page.sheet}.${suffix}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  const open = clips.length - answers.size;
  show("warning", open ? `Saved; ${open} are still open.` : "");
}
document.getElementById("save-json").addEventListener("click", () => save(asJson(), "json", "application/json"));
document.getElementById("save-csv").addEventListener("click", () => save(asCsv(), "csv", "text/csv"));

restore();
go(place, false);
