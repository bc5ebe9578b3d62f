#!/usr/bin/env node
// Prints the types of scenarios and of the admin API's answers, made from openapi.json.

import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

/** The schemas that the package shows, with their names there. */
const SHOWN = {
  Scenario: "Scenario",
  Rule: "Rule",
  OverrideRule: "OverrideRule",
  Expectation: "Expectation",
  Override: "Override",
  Entry: "JournalEntry",
  Message: "Message",
  Clock: "Clock",
  Verdict: "Verdict",
};
/** What a schema says that its type cannot. */
const BEYOND_TYPES = [
  "allOf", "not", "if", "then", "else", "dependentRequired", "pattern", "minItems", "maxItems", "uniqueItems", "default", "examples",
];

const text = readFileSync(new URL("../../../openapi.json", import.meta.url), "utf8");
const { schemas } = JSON.parse(text).components;

function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref) return referred(schema);
  const { properties, prefixItems, ...rest } = schema;
  // The alternatives of an object say which of its properties come together.
  const left = [...BEYOND_TYPES, ...(properties ? ["anyOf", "oneOf"] : [])];
  const result = each(Object.fromEntries(Object.entries(rest).filter(([name]) => !left.includes(name))));
  if (properties) result.properties = each(properties);
  if (prefixItems) Object.assign(result, { items: plain(prefixItems), minItems: prefixItems.length, maxItems: prefixItems.length });
  return result;
}

function each(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, plain(value)]));
}

/** An object becomes a type with a name; anything else is written where it is used, with its description there. */
function referred({ $ref, ...rest }) {
  const name = $ref.split("/").at(-1);
  if (schemas[name].properties) return { $ref: `#/definitions/${name}` };
  return { ...plain(schemas[name]), ...rest };
}

const definitions = each(schemas);
for (const [name, schema] of Object.entries(definitions)) schema.title = SHOWN[name] ?? `${name}Schema`;
const root = {
  title: "Schemas",
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(Object.keys(SHOWN).map((name) => [name, { $ref: `#/definitions/${name}` }])),
  definitions,
};
const options = {
  bannerComment: "// Generated from openapi.json by tests/packages/node/types.mjs.",
  style: { printWidth: 120 },
};
process.stdout.write(await compile(root, root.title, options));
