"use strict";
// Shows openapi.json as a page: every path with its parameters. Everything is written as text.

const at = (id) => document.getElementById(id);

function make(tag, text, ...inside) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = String(text);
  element.append(...inside);
  return element;
}

const fold = (summary, ...inside) => make("details", undefined, make("summary", summary), ...inside);

// Text with `code` in back-ticks.
function words(text) {
  const parts = String(text || "").split("`");
  return make("p", undefined, ...parts.map((part, n) => n % 2 ? make("code", part) : part));
}

function kind(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const several = schema.anyOf || schema.oneOf;
  if (several) return several.filter((one) => one.type !== "null").map(kind).join(" | ");
  if (schema.type === "array") return "list of " + kind(schema.items || {});
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  const range = least === undefined && most === undefined ? "" : ` ${least ?? "…"} to ${most ?? "…"}`;
  return (schema.type || "anything") + range;
}

function fields(schema) {
  const rows = Object.entries(schema.properties || {}).map(([name, one]) => {
    const needed = (schema.required || []).includes(name) ? " (required)" : "";
    const told = make("dd", undefined, make("code", kind(one)), needed);
    if (one.default !== undefined && one.default !== null && typeof one.default !== "object") {
      told.append(`, default ${JSON.stringify(one.default)}`);
    }
    if (one.description) told.append(words(one.description));
    return [make("dt", undefined, make("code", name)), told];
  });
  return rows.length ? make("dl", undefined, ...rows.flat()) : words("No fields of its own.");
}

function shown(operation, shapes) {
  const section = make("section", undefined, words(operation.description || operation.summary));
  const body = operation.requestBody && operation.requestBody.content["application/json"];
  if (body) section.append(make("h3", "Body"), fields(shapes[kind(body.schema)] || body.schema));
  for (const one of operation.parameters || []) {
    section.append(make("p", undefined, make("code", one.name), ` in the ${one.in}: ${kind(one.schema)}`));
  }
  const statuses = Object.entries(operation.responses).flatMap(([status, answer]) =>
    [make("dt", status), make("dd", answer.description)]);
  section.append(fold("Responses", make("dl", undefined, ...statuses)));
  return section;
}

async function start() {
  const api = await (await fetch("openapi.json")).json();
  const shapes = api.components.schemas;
  at("title").textContent = api.info.title + " " + api.info.version;
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const place = `${method}${path}`.replace(/\W+/g, "-");
      const heading = make("h2", `${method.toUpperCase()} ${path}`);
      heading.id = place;
      const link = make("a", `${method.toUpperCase()} ${path}`);
      link.href = `#${place}`;
      at("contents").append(make("li", undefined, link, ` ${operation.summary || ""}`));
      at("paths").append(heading, shown(operation, shapes));
    }
  }
  for (const [name, schema] of Object.entries(shapes)) {
    at("shapes").append(make("h3", name), words(schema.description), fields(schema));
  }
}

start().catch(() => { at("title").textContent = "The server cannot be reached."; });
