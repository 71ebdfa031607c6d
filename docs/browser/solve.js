// The shipped Sudoku specialist in a browser: onnxruntime-web runs one segment of its network
// after another; the search around it and the checker are below, as in the engine.

const RUNTIME = "https://cdn.jsdelivr.net/npm/onnxruntime-web@1.30.0/dist/";
const HASHES = {
  "ort.wasm.bundle.min.mjs": "sha384-PLWz+nHEVHpjwBsO0YVdvQj6n5814Iv8E3b8FG0Rp/uIAtjFMCKOpP66iPzedrIG",
  "ort-wasm-simd-threaded.wasm": "sha384-vjBJ1z7qrhkTyYsNqKeF6c7N+nOJSU94czEo+tvZcu8G75JparGq9kB+kTnEUNVM",
};
const WIDEST = 8; // starts that think together at most

async function fetched(name) {
  const reply = await fetch(RUNTIME + name, { integrity: HASHES[name] });
  if (!reply.ok) throw new Error(`${name}: HTTP ${reply.status}`);
  return reply.arrayBuffer();
}

async function load() {
  const [code, wasm, model, about] = await Promise.all([
    fetched("ort.wasm.bundle.min.mjs"),
    fetched("ort-wasm-simd-threaded.wasm"),
    fetch(new URL("model.onnx", import.meta.url)).then((reply) => reply.arrayBuffer()),
    fetch(new URL("model.json", import.meta.url)).then((reply) => reply.json()),
  ]);
  const ort = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  ort.env.wasm.wasmBinary = wasm;
  ort.env.wasm.numThreads = 1; // more need headers that a plain file server does not send
  const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
  return { ort, session, about };
}

// --- the rules -----------------------------------------------------------------------------

const UNITS = [...Array(9).keys()].flatMap((n) => {
  const nine = [...Array(9).keys()];
  const [top, left] = [3 * Math.floor(n / 3), 3 * (n % 3)];
  return [
    nine.map((c) => 9 * n + c),
    nine.map((r) => 9 * r + n),
    nine.map((k) => 9 * (top + Math.floor(k / 3)) + left + (k % 3)),
  ];
});

/** Whether `answer` keeps what is given and holds each digit once in every unit. */
export function passes(given, answer) {
  if (given.some((digit, at) => digit && digit !== answer[at])) return false;
  return UNITS.every((unit) => new Set(unit.map((at) => answer[at])).size === 9)
    && answer.every((digit) => digit >= 1 && digit <= 9);
}

// --- the search: one plain start, then others from another side ------------------------------

function randomness(seed) {
  let state = seed >>> 0;
  const draw = () => { // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const shuffled = (items) => {
    const left = [...items];
    for (let at = left.length - 1; at > 0; at--) {
      const other = Math.floor(draw() * (at + 1));
      [left[at], left[other]] = [left[other], left[at]];
    }
    return left;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return { draw, shuffled, normal };
}

/** One of the symmetries of a Sudoku: where each cell comes from, and what digits are called. */
function symmetry({ draw, shuffled }) {
  const lines = () => shuffled([0, 1, 2]).flatMap((band) => shuffled([0, 1, 2]).map((n) => 3 * band + n));
  const [rows, columns, across] = [lines(), lines(), draw() < 0.5];
  const from = rows.flatMap((r) => columns.map((c) => (across ? 9 * c + r : 9 * r + c)));
  return { from, names: [0, ...shuffled([1, 2, 3, 4, 5, 6, 7, 8, 9])] };
}

function begin(given, answers, search, random, plain) {
  const start = { tokens: [...given], noise: plain ? search.first_noise : search.noise, answer: null };
  if (plain) return { ...start, from: given.map((_, at) => at), names: [...Array(10).keys()] };
  if (answers.length && search.guesses) { // a few cells of an earlier answer, as if they were given
    const earlier = answers[Math.floor(random.draw() * answers.length)];
    const blanks = random.shuffled(given.flatMap((digit, at) => (digit ? [] : [at])));
    const count = 1 + Math.floor(random.draw() * search.guesses);
    for (const at of blanks.slice(0, count)) start.tokens[at] = earlier[at];
  }
  return { ...start, ...symmetry(random) };
}

/** The answer at each cell of the problem, from logits of one row. */
function read(logits, row, { from, names }, count) {
  const back = new Map(names.map((name, digit) => [name, digit]));
  const answer = new Array(81);
  for (let at = 0; at < 81; at++) {
    const first = (row * 81 + at) * count;
    let best = 1;
    for (let token = 2; token < count; token++) {
      if (logits[first + token] > logits[first + best]) best = token;
    }
    answer[from[at]] = back.get(best - 1);
  }
  return answer;
}

/**
 * Solve a Sudoku of 81 digits, 0 for a blank.
 * Returns the answer, whether the checker passed it, and what it took.
 */
export async function solve({ ort, session, about }, given, { seed = 1, tell = () => {} } = {}) {
  const { search, states, tokens: { positions, count } } = about;
  const random = randomness(seed);
  const size = states.positions * states.size;
  const answers = [];
  let [begun, segments, wide] = [0, 0, 1];
  const began = performance.now();
  const result = (answer, verified) =>
    ({ answer, verified, starts: begun, segments, ms: performance.now() - began });
  while (begun <= search.restarts) {
    const rows = Math.min(wide, search.restarts + 1 - begun);
    const starts = Array.from({ length: rows }, (_, n) =>
      begin(given, answers, search, random, begun + n === 0));
    begun += rows;
    wide = Math.min(WIDEST, 2 * wide);
    const ids = starts.flatMap((s) => s.from.map((at) => s.names[s.tokens[at]] + 1));
    const feeds = { tokens: new ort.Tensor("int64", BigInt64Array.from(ids, BigInt), [rows, positions]) };
    for (const name of ["z_H", "z_L"]) {
      const first = about.first[name];
      const state = new Float32Array(rows * size);
      for (let at = 0; at < state.length; at++) {
        const noise = starts[Math.floor(at / size)].noise;
        state[at] = first[at % states.size] + (noise ? noise * random.normal() : 0);
      }
      feeds[name] = new ort.Tensor("float32", state, [rows, states.positions, states.size]);
    }
    for (let segment = 0; segment < search.segments; segment++) {
      const said = await session.run(feeds);
      segments += rows;
      for (const [row, start] of starts.entries()) {
        start.answer = read(said.logits.data, row, start, count);
        if (passes(given, start.answer)) return result(start.answer, true);
      }
      tell(starts[0].answer);
      [feeds.z_H, feeds.z_L] = [said.z_H_next, said.z_L_next];
    }
    answers.push(...starts.map((start) => start.answer));
  }
  return result(answers[0], false);
}

// --- the page ------------------------------------------------------------------------------

function show(grid, given, answer) {
  grid.replaceChildren(...[...Array(9).keys()].map((r) => {
    const row = document.createElement("tr");
    row.append(...[...Array(9).keys()].map((c) => {
      const cell = document.createElement("td");
      const at = 9 * r + c;
      cell.textContent = answer[at] || "";
      if (given[at]) cell.className = "given";
      return cell;
    }));
    return row;
  }));
}

function start(page) {
  const [form, text, status, grid] = ["form", "input", "[role=status]", "tbody"]
    .map((name) => page.querySelector(name));
  let loading;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const cells = text.value.replace(/\s/g, "");
    if (!/^[1-9.0_*-]{81}$/.test(cells)) {
      status.textContent = `${cells.length} cells; a Sudoku has 81: digits, and dots for blanks.`;
      return;
    }
    const given = [...cells].map((mark) => Number(mark) || 0);
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      status.textContent = "Loading the runtime and the model …";
      const model = await (loading ??= load());
      status.textContent = "Thinking …";
      const found = await solve(model, given, { tell: (answer) => show(grid, given, answer) });
      show(grid, given, found.answer);
      const took = `${found.starts} start${found.starts > 1 ? "s" : ""}, ${found.segments} segments, `
        + `${Math.round(found.ms)} ms`;
      status.textContent = found.verified ? `Verified: ${took}.` : `Not solved: ${took}.`;
    } catch (error) {
      loading = undefined;
      status.textContent = `This did not work: ${error.message}`;
    } finally {
      button.disabled = false;
    }
  });
}

const page = document.getElementById("sudoku");
if (page) start(page);
