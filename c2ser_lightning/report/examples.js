const form = document.getElementById("filters"), cards = [...document.querySelectorAll("article")];
const apply = () => {
  const wanted = Object.entries(Object.fromEntries(new FormData(form))).filter(([, value]) => value);
  let shown = 0;
  for (const card of cards) { card.hidden = !wanted.every(([name, value]) => card.dataset[name] === value); shown += !card.hidden; }
  document.getElementById("shown").textContent = `${shown} of ${cards.length} shown`;
};
form.addEventListener("input", apply);
apply();
document.addEventListener("play", event => { for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause(); }, true);
