// Only one page of rows is ever in the document, so ten thousand answers cost no more than fifty.
const PAGE = 50, table = document.querySelector("#answer-table tbody"), filters = document.getElementById("answer-filters");
const heads = [...document.querySelectorAll("#answer-table thead th")].map(head => head.textContent);
const answers = JSON.parse(document.getElementById("answer-data").textContent);
const texts = answers.map(row => row.flat().join(" ").toLowerCase());
let chosen = [], first = 0;
const cell = (label, parts, language) => {
  const made = document.createElement("td");
  made.dataset.label = label;
  if (language) made.lang = language;
  parts.forEach(([text, style], place) => {
    if (!text) return;
    const span = document.createElement("span");
    span.textContent = (place ? " " : "") + text;
    if (style) span.className = style;
    made.append(span);
  });
  return made;
};
const line = ([key, speaker, language, emotion, transcript, ...systems]) => {
  const made = document.createElement("tr");
  made.append(cell(heads[0], [[key], [speaker, "soft"]]), cell(heads[1], [[emotion || "unlabelled"]]), cell(heads[2], [[transcript]], language));
  systems.forEach(([predicted, answer], place) => {
    const style = !emotion || predicted === null ? "" : predicted === emotion ? "ok" : "no";
    made.append(cell(heads[3 + place], predicted === null ? [["not answered"]] : [[predicted || "unparsed", `mark ${style}`], [answer]], language));
  });
  return made;
};
const show = () => {
  table.replaceChildren(...chosen.slice(first, first + PAGE).map(index => line(answers[index])));
  document.getElementById("answer-place").textContent = chosen.length ? `${first + 1} to ${Math.min(first + PAGE, chosen.length)} of ${chosen.length}` : "none";
  document.getElementById("earlier").disabled = first === 0;
  document.getElementById("later").disabled = first + PAGE >= chosen.length;
};
const choose = () => {
  const wanted = Object.fromEntries(new FormData(filters)), text = wanted.text.trim().toLowerCase();
  chosen = [];
  answers.forEach((row, index) => {
    const right = row[3] && row.at(-1)[0] === row[3] ? "right" : "wrong";
    if ((!wanted.emotion || row[3] === wanted.emotion) && (!wanted.verdict || wanted.verdict === right) && (!text || texts[index].includes(text))) chosen.push(index);
  });
  first = 0;
  show();
};
const turn = step => { first = Math.max(0, Math.min(first + step, PAGE * Math.floor((chosen.length - 1) / PAGE))); show(); };
document.getElementById("earlier").addEventListener("click", () => turn(-PAGE));
document.getElementById("later").addEventListener("click", () => turn(PAGE));
filters.addEventListener("submit", event => event.preventDefault());
filters.addEventListener("input", choose);
choose();
