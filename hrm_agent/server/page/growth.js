"use strict";
// Shows v1/growth and v1/growth/doubtful, and sends what its buttons say. Everything is written as text, never as markup.

const at = (id) => document.getElementById(id);
const EVERY = 5000; // milliseconds between looks

function make(tag, text, attributes) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = String(text);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  return element;
}

function tell(text, className) {
  at("status").textContent = text;
  at("status").className = className || "";
}

const percent = (share) => share === undefined ? "–" : (100 * share).toFixed(1) + " %";

async function call(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (at("key").value.trim()) headers.Authorization = "Bearer " + at("key").value.trim();
  const response = await fetch(path, { method: body ? "POST" : "GET", headers,
    body: body && JSON.stringify(body) });
  const said = await response.json();
  if (response.ok) return said;
  if (response.status === 401) {
    at("enter").hidden = false;
    at("key").focus();
  }
  throw new Error(said.error.message);
}

function button(name, action, version, about) {
  const made = make("button", action === "rollback" ? "roll back" : action,
    { type: "button", "aria-label": action + " " + name + (version ? " " + version : "") });
  made.title = about;
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await call("v1/growth/" + encodeURIComponent(name), version ? { action, version } : { action });
      await look();
      tell("✓ " + name + ": " + action + " " + (version || ""), "good");
    } catch (error) {
      made.disabled = false;
      tell("✗ " + error.message, "bad");
    }
  });
  return made;
}

function table(one) {
  const made = make("table", undefined, { class: "figures" }), head = made.createTHead().insertRow();
  for (const title of ["version", "state", "trials", "sure", "right", "at least", "unfamiliar",
    "demoted", ""]) head.append(make("th", title, { scope: "col" }));
  const body = made.createTBody();
  for (const version of one.versions) {
    const row = body.insertRow(), right = version.measure === "checked" ? " checked" : " agreed";
    row.append(make("th", version.version, { scope: "row" }));
    for (const cell of [version.state, version.trials ?? "–", percent(version.acceptance),
      percent(version.accuracy) + (version.accuracy === undefined ? "" : right),
      percent(version.accuracy_low), percent(version.unfamiliar), version.demotions]) {
      row.append(make("td", cell));
    }
    const doing = row.appendChild(make("td"));
    if (version.state !== "promoted") {
      doing.append(button(one.name, "promote", version.version, "let this version answer"));
    }
  }
  return made;
}

function section(one) {
  const made = make("section", undefined, { "aria-label": one.name });
  made.append(make("h2", one.name));
  const answers = one.answers ? "Version " + one.answers + " answers." : "The LLM answers.";
  made.append(make("p", answers + (one.candidate
    ? " " + one.candidate + " waits and is tried beside it." : "")));
  const wide = make("div", undefined, { class: "holder" });
  wide.append(table(one));
  const row = make("div", undefined, { class: "row" });
  if (one.answers) row.append(button(one.name, "demote", null, "let the LLM answer"));
  row.append(button(one.name, "rollback", null, "let the version before answer"));
  const history = make("details"), list = make("ol");
  history.append(make("summary", "History"), list);
  for (const choice of one.history.slice().reverse()) {
    list.append(make("li", choice.when + ", " + (choice.version || "none") + ": " + choice.reason));
  }
  made.append(wide, row, history);
  return made;
}

function doubted(row) {
  const made = make("li"), doing = make("div", undefined, { class: "row" });
  const written = typeof row.answer === "string" ? row.answer : JSON.stringify(row.answer);
  made.append(make("pre", row.question), make("p", "→ " + written));
  const own = make("input", undefined, { "aria-label": "the right answer", placeholder: "the right answer" });
  const judge = (label, body) => {
    const one = make("button", label, { type: "button" });
    one.addEventListener("click", async () => {
      try {
        await call("v1/feedback", { id: row.id, ...body() });
        made.remove();
      } catch (error) {
        tell("✗ " + error.message, "bad");
      }
    });
    doing.append(one);
  };
  judge("right", () => ({ right: true }));
  judge("wrong", () => ({ right: false }));
  doing.append(own);
  judge("correct", () => ({ answer: typeof row.answer === "string" ? own.value : JSON.parse(own.value) }));
  made.append(doing);
  return made;
}

async function review() {
  const said = await call("v1/growth/doubtful");
  at("doubtful").hidden = !said.data.length;
  at("doubtful").querySelector("ol").replaceChildren(...said.data.map(doubted));
}

async function look() {
  const said = await call("v1/growth");
  at("enter").hidden = !at("key").value;
  const counts = Object.entries(said.recorded).map(([what, count]) => count + " " + what);
  at("recorded").textContent = counts.length ? "Recorded calls: " + counts.join(", ") + "." : "";
  const open = new Set([...document.querySelectorAll("section details[open]")]
    .map((one) => one.parentElement.getAttribute("aria-label")));
  at("specialists").replaceChildren(...said.data.map(section));
  for (const one of at("specialists").children) {
    one.querySelector("details").open = open.has(one.getAttribute("aria-label"));
  }
  if (!said.recording) tell("This server records nothing: start it with hrm-agent serve --record.");
  else if (!said.data.length) tell("Nothing grows yet: hrm-agent distil lists what could.");
  else tell("");
}

const show = () => look().catch((error) => tell(error.message, "bad"));
const showAll = () => show().then(review).catch(() => {}); // what look could not do is told
at("enter").addEventListener("submit", (event) => { event.preventDefault(); showAll(); });
// A page that somebody works in with the keyboard is left as it is.
setInterval(() => {
  if (!document.hidden && !at("specialists").contains(document.activeElement)) show();
}, EVERY);
showAll();
