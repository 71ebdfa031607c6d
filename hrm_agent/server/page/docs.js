"use strict";
// Shows openapi.json as a page. Everything is written as text.

const at = (id) => document.getElementById(id);

function make(tag, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = String(text);
  return element;
}

function fold(summary, ...inside) {
  const details = make("details");
  details.append(make("summary", summary), ...inside);
  return details;
}

function shown(operation) {
  const section = make("section");
  section.append(make("p", operation.description || operation.summary || ""));
  const body = operation.requestBody && operation.requestBody.content["application/json"];
  if (body) section.append(fold("Request", make("pre", JSON.stringify(body.schema, null, 2))));
  const statuses = make("dl");
  for (const [status, answer] of Object.entries(operation.responses)) {
    statuses.append(make("dt", status), make("dd", answer.description));
  }
  section.append(fold("Responses", statuses));
  return section;
}

async function start() {
  const api = await (await fetch("openapi.json")).json();
  at("title").textContent = api.info.title + " " + api.info.version;
  for (const [path, operations] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      at("paths").append(make("h2", method.toUpperCase() + " " + path), shown(operation));
    }
  }
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    at("shapes").append(fold(name, make("pre", JSON.stringify(schema, null, 2))));
  }
}

start().catch(() => { at("title").textContent = "The server cannot be reached."; });
