"use strict";
// Sends what request.js puts together to v1/solve, reads the events and shows them.
// Everything that came from outside is written as text, never as markup.

const at = (id) => document.getElementById(id);
const key = at("key"), moment = at("moment");
let running = null;
let parts = [];
let following = true; // until somebody takes the slider

function make(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = String(text);
  if (className) element.className = className;
  return element;
}

function headers() {
  const given = { "Content-Type": "application/json" };
  if (key.value.trim()) given.Authorization = "Bearer " + key.value.trim();
  return given;
}

function tell(text, className) {
  at("status").textContent = text;
  at("status").className = className || "";
}

function fact(name, value) {
  at("facts").append(make("dt", name), make("dd", value));
}

// The first field that is a rectangle of small things, as rows; null if there is none.
function gridOf(model) {
  if (!model || typeof model !== "object") return null;
  for (const value of Object.values(model)) {
    const rows = Array.isArray(value) && value.length > 1 && value.length <= 64
      ? value.map((row) => typeof row === "string" ? Array.from(row) : row) : [];
    const even = rows.every((row) => Array.isArray(row) && row.length === rows[0].length
      && row.every((cell) => ["number", "string"].includes(typeof cell)
        && String(cell).length <= 3));
    if (rows.length && even && rows[0].length > 1 && rows[0].length <= 64) return rows;
  }
  return null;
}

const blank = (cell) => cell === 0 || cell === "0" || cell === "." || cell === " ";

// A task that draws one character for each cell, as mazes do, is shown by its characters.
function cellsOf(model, shown) {
  const rows = gridOf(model);
  const lines = (shown || "").split("\n").map((line) => Array.from(line));
  const plan = rows !== null && lines.length === rows.length
    && lines.every((line) => line.length === rows[0].length);
  return { rows: plan ? lines : rows, plan };
}

const sameSize = (one, other) => one !== null && other !== null
  && one.length === other.length && one[0].length === other[0].length;

function drawGrid(part, thought, before) {
  const givens = cellsOf(part.problem, part.shown);
  const now = thought && thought.solution ? cellsOf(thought.solution, thought.shown) : givens;
  const last = before && before.solution ? cellsOf(before.solution, before.shown) : givens;
  if (!sameSize(givens.rows, now.rows) || givens.plan !== now.plan) return null;
  const table = make("table", undefined, "grid");
  const width = now.rows[0].length;
  if (now.rows.length === 9 && width === 9) table.classList.add("boxes");
  if (width > 12) table.classList.add(width > 20 ? "tiny" : "small");
  if (now.plan) table.classList.add("plan");
  let found = 0;
  now.rows.forEach((row, r) => {
    const line = table.insertRow();
    row.forEach((cell, c) => {
      const box = line.insertCell(), given = givens.rows[r][c];
      const fresh = blank(given) && !blank(cell);
      const moved = thought && sameSize(last.rows, now.rows) && last.rows[r][c] !== cell;
      if (fresh) found += 1;
      if (now.plan) {
        box.className = cell === "#" ? "wall" : fresh ? "way" : blank(cell) ? "" : "given";
        if (moved && !fresh) box.classList.add("left");
        box.textContent = box.classList.contains("given") ? cell : "";
      } else {
        box.className = !blank(given) ? "given" : fresh ? "found" : "";
        box.textContent = blank(cell) ? "" : String(cell);
      }
      if (moved && fresh) box.classList.add("moved");
    });
  });
  const filled = thought ? found + " cells found" : "as given";
  table.setAttribute("aria-label", part.task + ", " + now.rows.length + " by " + width + ", " + filled);
  return table;
}

// A solution of a few labels and numbers is shown as such; null for anything else.
function fieldsOf(solution) {
  const fields = Object.entries(solution || {});
  if (!fields.length || fields.some(([, value]) => typeof value === "object")) return null;
  const list = make("dl", undefined, "labels");
  for (const [name, value] of fields) list.append(make("dt", name), make("dd", value));
  return list;
}

function draw(part, index) {
  const thought = part.thoughts[index], before = part.thoughts[index - 1];
  const picture = drawGrid(part, thought, before) || fieldsOf(thought && thought.solution)
    || make("pre", (thought && thought.shown) || part.shown || "");
  part.holder.replaceChildren(picture);
  const final = part.status && index === part.thoughts.length - 1; // earlier ones are no answers
  part.said.textContent = final ? part.status : thought ? "after segment " + thought.segment : "";
  part.said.className = !final ? "quiet" : GOOD.includes(part.status) ? "good" : "bad";
}

function drawMoment() {
  const index = Number(moment.value);
  let said = "";
  for (const part of parts) {
    const last = Math.min(index, part.thoughts.length - 1);
    draw(part, last);
    const thought = part.thoughts[last];
    if (thought) {
      said = thought.segment + ", confidence " + thought.confidence.toFixed(2);
    }
  }
  at("moment-said").textContent = said;
}

// Thinking is faster than anybody can look: pictures follow at their own pace, in
// longer steps where many wait, and at once for people who want no motion.
const PACE = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140;
let playing = 0;

function stopPlaying() {
  clearInterval(playing);
  playing = 0;
}

function step() {
  const left = Number(moment.max) - Number(moment.value);
  if (left <= 0) return stopPlaying();
  moment.value = String(Number(moment.value) + (PACE ? 1 + Math.floor(left / 40) : left));
  drawMoment();
}

function play() {
  const most = Math.max(0, ...parts.map((part) => part.thoughts.length - 1));
  moment.max = String(most);
  at("player").hidden = most < 1;
  if (most === 0) drawMoment();
  if (!playing && following) playing = setInterval(step, PACE);
}

const count = (number, thing) => number + " " + thing + (number === 1 ? "" : "s");

const GOOD = ["verified", "accepted", "answered"];
const MEANING = {
  verified: "checked, and right",
  accepted: "not checkable, but of high confidence",
  answered: "by the language model",
  unverified: "a best effort that is not known to be right",
  abstained: "nobody here can take it",
  failed: "no solution was found",
};

// What helps after an answer that is none; the commands are those of the README.
function advise(data) {
  const reason = data.parts.map((part) => part.reason).join(" "), advice = [];
  if (GOOD.includes(data.status)) return advice;
  if (data.status === "unverified" || data.status === "failed") {
    advice.push("Choose the effort max and solve again: the search takes longer then.");
  }
  if (data.status === "abstained" && /no LLM/.test(reason)) {
    advice.push("For open questions, give the server a language model: start it with "
      + "HRM_AGENT_BASE_URL=http://localhost:11434/v1 hrm-agent serve");
  }
  if (data.status === "abstained") {
    if (Ask.taught()) advice.push("For a problem, pick its specialist above and fill in the fields.");
    advice.push("For a task of your own, teach a specialist from about 1,000 examples: "
      + "hrm-agent train examples.csv --label COLUMN --name my-task");
  }
  if (/not in training|outside/.test(reason)) {
    advice.push("Use values that training covered, or train again with examples of the new ones.");
  }
  return advice;
}

const shows = {
  decided(data) {
    fact("Route", data.route + (data.reason ? " – " + data.reason : ""));
    if (data.residual) fact("Also asked", data.residual);
    parts = data.problems.map((found) => {
      const holder = make("div", undefined, "holder"), title = make("h2", found.task);
      const said = make("span");
      title.append(said);
      at("pictures").append(title, holder);
      return { task: found.task, problem: found.problem, shown: found.shown,
        thoughts: [], status: "", holder, said };
    });
    tell(data.route === "none" ? "Nobody can take this." : "Thinking …");
    play();
  },
  thinking(data) {
    const part = parts[data.part];
    if (!part) return;
    part.thoughts.push(data);
    play();
  },
  checked(data) {
    fact("Check", (data.passed ? "passed" : "not passed") + " (" + data.by + ")"
      + (data.reason ? ": " + data.reason : ""));
  },
  solved(data) {
    const part = parts[data.part];
    if (!part) return;
    part.status = data.answer.status;
    if (!data.answer.solution) return drawMoment();
    const last = part.thoughts[part.thoughts.length - 1];
    part.thoughts.push({ segment: last ? last.segment : 0, solution: data.answer.solution,
      shown: data.shown, confidence: data.answer.confidence ?? 0 });
    play();
  },
  text_delta(data) {
    at("answer").append(data.text);
  },
  answer(data) {
    const good = GOOD.includes(data.status);
    tell((good ? "✓ " : "✗ ") + data.status + " – " + MEANING[data.status], good ? "good" : "bad");
    const language = data.parts.filter((part) => !part.solution)
      .map((part) => part.text || part.reason).filter(Boolean);
    at("answer").textContent = language.join("\n\n");
    fact("Time", (1000 * data.timing.total).toFixed(0) + " ms");
    fact("Spent", count(data.usage.segments, "segment") + ", "
      + count(data.usage.llm_calls, "LLM call"));
    if (data.confidence !== null) fact("Confidence", data.confidence.toFixed(2));
    at("trace").replaceChildren(...data.trace.map((step) => make("li",
      step.stage + ", " + step.by + ": " + step.outcome
      + (step.reason ? ", " + step.reason : ""))));
    at("how").hidden = false;
    const advice = advise(data);
    at("advice").replaceChildren(...advice.map((text) => make("li", text)));
    at("next").hidden = !advice.length;
  },
  error(data) {
    tell(data.error.code + ": " + data.error.message, "bad");
  },
};

function clear() {
  for (const id of ["facts", "pictures", "answer", "trace"]) at(id).replaceChildren();
  at("how").hidden = at("player").hidden = at("next").hidden = true;
  stopPlaying();
  moment.max = moment.value = "0";
  parts = [];
  following = true;
}

async function readEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    waiting += value;
    const blocks = waiting.split("\n\n");
    waiting = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => {
        const colon = line.indexOf(": ");
        return [line.slice(0, colon), line.slice(colon + 2)];
      }));
      if (Object.hasOwn(shows, fields.event)) shows[fields.event](JSON.parse(fields.data));
    }
  }
}

async function ask() {
  const asked = Ask.body();
  if (running || !asked) return;
  clear();
  tell("Asking …");
  running = new AbortController();
  at("solve").disabled = true;
  at("stop").disabled = false;
  try {
    const response = await fetch("v1/solve", { method: "POST", headers: headers(),
      body: JSON.stringify({ ...asked, stream: true }), signal: running.signal });
    if (response.ok) {
      await readEvents(response);
    } else {
      const failure = await response.json();
      if (response.status === 401) askForKey();
      shows.error(failure);
    }
  } catch (error) {
    const stopped = error.name === "AbortError";
    tell(stopped ? "Stopped." : "The server cannot be reached.", stopped ? "" : "bad");
  } finally {
    running = null;
    at("solve").disabled = false;
    at("stop").disabled = true;
  }
}

function askForKey() {
  at("key-row").hidden = false;
  key.focus();
}

async function findSpecialists() {
  const response = await fetch("v1/specialists", { headers: headers() });
  if (response.status === 401) return askForKey();
  if (!response.ok) return;
  at("key-row").hidden = !key.value;
  Ask.offer((await response.json()).data);
}

at("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
at("stop").addEventListener("click", () => running && running.abort());
key.addEventListener("change", findSpecialists);
moment.addEventListener("input", () => { following = false; stopPlaying(); drawMoment(); });
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); ask(); }
  if (event.key === "Escape" && running) running.abort();
});
findSpecialists().catch(() => tell("The server cannot be reached.", "bad"));
