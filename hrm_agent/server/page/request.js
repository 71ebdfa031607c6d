"use strict";
// What is asked: a text, or the fields of one specialist's problem, and the same as code.
// The fields come from the specialist's schema. Everything is written as text, never as markup.

const Ask = (() => {
  const at = (id) => document.getElementById(id);
  const known = new Map();

  function make(tag, text, attributes) {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = String(text);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== undefined && value !== null) element.setAttribute(name, String(value));
    }
    return element;
  }

  const chosen = () => known.get(at("example").value);
  const byFields = () => Boolean(chosen()) && at("as-fields").checked;

  // The kind of a field: several kinds are one if only "nothing" is added.
  function kindOf(shape) {
    const kinds = (shape.anyOf || [shape]).filter((one) => one.type !== "null");
    return kinds.length === 1 ? { ...shape, ...kinds[0] } : { ...shape, type: "several" };
  }

  function inputFor(name, shape, value) {
    const id = "field-" + name, kind = kindOf(shape);
    const about = { id, name, "data-kind": kind.type || "text" };
    if (shape.description) about["aria-describedby"] = id + "-about";
    if (kind.enum) {
      const select = make("select", undefined, { ...about, "data-kind": "enum" });
      select.append(...kind.enum.map((one) => make("option", one, { value: JSON.stringify(one) })));
      if (value !== undefined) select.value = JSON.stringify(value);
      return select;
    }
    if (kind.type === "boolean") {
      const box = make("input", undefined, { ...about, type: "checkbox" });
      box.checked = value === true;
      return box;
    }
    if (kind.type === "number" || kind.type === "integer") {
      const box = make("input", undefined, { ...about, type: "number",
        step: kind.type === "integer" ? 1 : "any", min: kind.minimum, max: kind.maximum });
      if (value !== undefined && value !== null) box.value = String(value);
      return box;
    }
    if (kind.type === "string" && !(typeof value === "string" && value.includes("\n"))) {
      return make("input", undefined, { ...about, type: "text", value: value ?? "" });
    }
    const area = make("textarea", undefined, { ...about, "data-kind": kind.type === "string"
      ? "string" : "json", rows: 6, spellcheck: "false" });
    area.value = typeof value === "string" ? value : rowsOf(value);
    return area;
  }

  // JSON with a row of a grid on a line of its own.
  function rowsOf(value) {
    if (value === undefined) return "";
    const deep = Array.isArray(value) && value.every((row) => Array.isArray(row)
      && row.every((cell) => typeof cell !== "object"));
    return deep ? "[" + value.map((row) => JSON.stringify(row)).join(",\n ") + "]"
      : JSON.stringify(value, null, 1);
  }

  function range(shape) {
    const kind = kindOf(shape);
    if (kind.minimum === undefined && kind.maximum === undefined) return "";
    return " (" + (kind.minimum ?? "…") + " to " + (kind.maximum ?? "…") + ")";
  }

  function showFields(one) {
    const needed = new Set(one.arguments.required || []);
    at("fields").replaceChildren(...Object.entries(one.arguments.properties || {})
      .map(([name, shape]) => {
        const row = make("div", undefined, { class: "field" });
        const input = inputFor(name, shape, (one.example || {})[name]);
        row.append(make("label", name + (needed.has(name) ? "" : " (optional)") + range(shape),
          { for: input.id }), input);
        if (shape.description) {
          row.append(make("p", shape.description, { class: "quiet", id: input.id + "-about" }));
        }
        return row;
      }));
  }

  function valueOf(input) {
    const kind = input.dataset.kind;
    if (kind === "boolean") return input.checked;
    if (input.value.trim() === "") return undefined;
    if (kind === "enum") return JSON.parse(input.value);
    if (kind === "number" || kind === "integer") return Number(input.value);
    if (kind === "string" || kind === "text") return input.value;
    try { return JSON.parse(input.value); } catch { return input.value; } // the server reads more
  }

  function pick() {
    const one = chosen();
    at("picked").hidden = !one;
    if (one) {
      at("about").textContent = one.description.split("\n\n")[0];
      at("query").value = one.asked;
      at("query").scrollTop = 0;
      const flat = Object.values(one.arguments.properties || {}).every((shape) =>
        ["number", "integer", "string", "boolean"].includes(kindOf(shape).type) || shape.enum);
      at(flat || !one.asked ? "as-fields" : "as-text").checked = true;
      showFields(one);
    }
    arrange();
  }

  function arrange() {
    at("fields").hidden = !byFields();
    at("text").hidden = byFields();
    showCode();
  }

  // The body of a request to v1/solve; null if there is nothing to ask.
  function body() {
    const asked = { query: at("query").value };
    if (byFields()) {
      const inputs = [...at("fields").querySelectorAll("[name]")];
      const values = inputs.map((input) => [input.name, valueOf(input)]);
      asked.query = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    } else if (!asked.query.trim()) {
      return null;
    }
    if (chosen()) asked.task = chosen().name;
    if (at("effort").value) asked.limits = { effort: at("effort").value };
    return asked;
  }

  const quoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";

  function python(value, room = "") {
    if (value === null) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (typeof value === "string" && value.includes("\n") && !/\\|"""|"$/.test(value)) {
      return "\"\"\"\n" + value + "\n\"\"\"";
    }
    if (typeof value !== "object") return JSON.stringify(value);
    const items = Array.isArray(value) ? value.map((item) => python(item, room + "    "))
      : Object.entries(value).map(([key, item]) => JSON.stringify(key) + ": "
        + python(item, room + "    "));
    const [open, close] = Array.isArray(value) ? "[]" : "{}";
    const line = open + items.join(", ") + close;
    if (line.length + room.length < 80) return line;
    return open + "\n" + items.map((item) => room + "    " + item + ",\n").join("") + room + close;
  }

  const CODE = {
    curl(asked) {
      const key = at("key").value ? " \\\n  -H \"Authorization: Bearer $HRM_KEY\"" : "";
      return "curl " + new URL("v1/solve", location.href) + " \\\n"
        + "  -H 'Content-Type: application/json'" + key + " \\\n  -d " + quoted(JSON.stringify(asked));
    },
    Python(asked) {
      const more = (asked.task ? ", task=" + JSON.stringify(asked.task) : "")
        + (asked.limits ? ", policy=Policy(effort=" + JSON.stringify(asked.limits.effort) + ")" : "");
      return "from hrm_agent import " + (asked.limits ? "Policy, " : "") + "Router\n\n"
        + "query = " + python(asked.query) + "\n"
        + "answer = Router.solve_sync(query" + more + ")\n"
        + "print(answer.status)\nprint(answer)";
    },
    LangChain(asked) {
      const tool = typeof asked.query === "object" && asked.task;
      return "from langchain.agents import create_agent\n"
        + "from hrm_agent.integrations.langchain import " + (tool ? "as_tool" : "HRMMiddleware")
        + "\n\n" + (tool
        ? "tool = as_tool(" + JSON.stringify(asked.task) + ")\n"
          + "print(tool.invoke(" + python(asked.query) + "))\n"
          + "agent = create_agent(\"openai:gpt-5-mini\", tools=[tool])"
        : "agent = create_agent(\"openai:gpt-5-mini\", middleware=[HRMMiddleware()])\n"
          + "query = " + python(asked.query) + "\n"
          + "end = agent.invoke({\"messages\": [{\"role\": \"user\", \"content\": query}]})\n"
          + "print(end[\"messages\"][-1].text)");
    },
  };

  function showCode() {
    const asked = body(), how = document.querySelector("input[name=code]:checked").value;
    at("snippet").textContent = asked ? CODE[how](asked) : "Write a question first.";
    at("copied").textContent = "";
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(at("snippet").textContent);
      at("copied").textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(at("snippet"));
      at("copied").textContent = "Selected: press Ctrl+C.";
    }
  }

  function offer(specialists) {
    known.clear();
    for (const one of specialists) known.set(one.name, one);
    at("example").replaceChildren(make("option", "any – the text decides", { value: "" }),
      ...specialists.map((one) => make("option", one.title, { value: one.name })));
    pick();
  }

  at("example").addEventListener("change", pick);
  for (const id of ["as-text", "as-fields"]) at(id).addEventListener("change", arrange);
  for (const id of ["query", "fields", "effort", "code"]) at(id).addEventListener("input", showCode);
  at("copy").addEventListener("click", copy);
  showCode();
  return { body, offer, taught: () => known.size };
})();
