const RATE = 16000, state = document.getElementById("state"), results = document.getElementById("results"), recordButton = document.getElementById("record");
const make = (name, text, ...children) => { const node = document.createElement(name); if (text) node.textContent = text; node.append(...children); return node; };

// What the browser can decode goes as 16 kHz mono WAV, so that formats the server cannot read work too; the rest goes as it is.
const encoded = async blob => {
  try {
    const decoded = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await blob.arrayBuffer());
    return wav(mono(decoded));
  } catch { return blob; }
};
const mono = audio => {
  const mixed = new Float32Array(audio.length);
  for (let channel = 0; channel < audio.numberOfChannels; channel += 1) audio.getChannelData(channel).forEach((value, place) => { mixed[place] += value / audio.numberOfChannels; });
  return mixed;
};
const wav = samples => {
  const view = new DataView(new ArrayBuffer(44 + 4 * samples.length));
  const text = (place, word) => [...word].forEach((letter, index) => view.setUint8(place + index, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 4 * samples.length, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true);
  view.setUint16(20, 3, true); view.setUint16(22, 1, true); view.setUint32(24, RATE, true); view.setUint32(28, 4 * RATE, true);
  view.setUint16(32, 4, true); view.setUint16(34, 32, true); text(36, "data"); view.setUint32(40, 4 * samples.length, true);
  samples.forEach((value, place) => view.setFloat32(44 + 4 * place, value, true));
  return new Blob([view], { type: "audio/wav" });
};

const bars = probabilities => {
  const box = make("div"); box.className = "bars";
  for (const [emotion, share] of Object.entries(probabilities).sort((one, other) => other[1] - one[1])) {
    const fill = make("div"); fill.className = "fill"; fill.style.width = `${100 * share}%`;
    const track = make("div", "", fill); track.className = "track";
    const bar = make("div", "", track, make("span", share.toFixed(2))); bar.className = "bar";
    box.append(make("span", emotion), bar);
  }
  return box;
};
const show = (name, blob, found) => {
  if (found.problem) {
    const problem = make("p", found.problem); problem.className = "problem";
    results.prepend(make("article", "", make("header", "", make("h3", "not recognised"), make("small", name)), problem));
    return;
  }
  const audio = make("audio"); audio.controls = true; audio.src = URL.createObjectURL(blob); audio.setAttribute("aria-label", name);
  const card = make("article", "", make("header", "", make("h3", found.emotion ?? "no emotion named"), make("small", `${name}, ${found.seconds.toFixed(1)} s`)), audio);
  if (found.probabilities) card.append(bars(found.probabilities));
  for (const said of [found.heard, found.answer, found.rationale]) if (said) card.append(make("p", said));
  results.prepend(card);
};
const ask = async (name, blob) => {
  state.textContent = `listening to ${name} ...`;
  const explain = document.getElementById("explain")?.checked ? 1 : 0;
  try {
    const reply = await fetch(`/recognize?explain=${explain}`, { method: "POST", body: await encoded(blob) });
    if (!reply.ok) throw new Error(`${reply.status} ${reply.statusText}`);
    show(name, blob, await reply.json());
    state.textContent = "";
  } catch (error) { state.textContent = `${name}: ${error.message}; is the program behind this page still running?`; }
};
const askAll = async files => { for (const file of files) await ask(file.name, file); };

document.getElementById("files").addEventListener("change", event => askAll([...event.target.files]));
const drop = document.getElementById("drop");
for (const kind of ["dragover", "dragleave", "drop"]) drop.addEventListener(kind, event => { event.preventDefault(); drop.classList.toggle("over", kind === "dragover"); });
drop.addEventListener("drop", event => askAll([...event.dataTransfer.files]));

let recorder = null;
const finish = () => { if (recorder?.state === "recording") recorder.stop(); };
const start = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const pieces = [], began = performance.now();
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = event => pieces.push(event.data);
  recorder.onstop = () => {
    clearInterval(clock);
    stream.getTracks().forEach(track => track.stop());
    recordButton.textContent = "Record"; recordButton.classList.remove("recording");
    ask("your recording", new Blob(pieces, { type: recorder.mimeType }));
  };
  const clock = setInterval(() => {
    const seconds = (performance.now() - began) / 1000;
    recordButton.textContent = `Stop (${Math.floor(seconds)} s)`;
    if (seconds > LONGEST - 1) finish();
  }, 250);
  recorder.start();
  recordButton.textContent = "Stop"; recordButton.classList.add("recording");
};
recordButton.addEventListener("click", () => {
  if (recorder?.state === "recording") finish();
  else start().catch(error => { state.textContent = `No recording: ${error.message}. Allow the microphone, or choose a file.`; });
});
