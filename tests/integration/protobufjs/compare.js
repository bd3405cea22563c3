// SPDX-License-Identifier: Apache-2.0
//
// Reads what random_messages wrote, decodes the bytes with protobufjs, and
// holds hale's JSON against what protobufjs makes of the same bytes. It also
// wants to have seen every message type and every field of proto/*.proto.
// Usage: node compare.js PROTO... < messages
"use strict";

const path = require("path");
const readline = require("readline");
const protobuf = require("protobufjs");

const OPTIONS = { longs: String, enums: String, bytes: String, json: true };

// JSON.parse makes a double of a float's shortest digits; the bytes hold the
// float. Anything else must be the same value of the same type.
function difference(type, ours, theirs, path) {
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const field = type.fields[key];
    const at = `${path}.${key}`;
    if (!field)
      return `${at}: no such field`;
    if (!(key in ours) || !(key in theirs))
      return `${at}: only ${key in ours ? "hale" : "protobufjs"} has it`;
    const wrong = differs(field, ours[key], theirs[key], at);
    if (wrong)
      return wrong;
  }
  return null;
}

function differs(field, ours, theirs, at) {
  if (field.map || field.repeated) {
    if (Array.isArray(ours) !== Boolean(field.repeated))
      return `${at}: ${field.map ? "a map" : "a list"} is something else`;
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      if (!(key in ours) || !(key in theirs))
        return `${at}[${key}]: only one side has it`;
      const wrong = value(field, ours[key], theirs[key], `${at}[${key}]`);
      if (wrong)
        return wrong;
    }
    return null;
  }
  return value(field, ours, theirs, at);
}

function value(field, ours, theirs, at) {
  const type = field.resolvedType;
  seen.add(field.fullName || at);
  if (type instanceof protobuf.Type)
    return difference(type, ours, theirs, at);
  if (field.type === "float" && typeof ours === "number")
    ours = Math.fround(ours);
  if (typeof ours === typeof theirs && Object.is(ours, theirs))
    return null;
  return `${at}: hale ${JSON.stringify(ours)}, ` +
    `protobufjs ${JSON.stringify(theirs)}`;
}

// With defaults protobufjs adds null for messages that are not there.
function withoutNulls(v) {
  if (v === null || typeof v !== "object")
    return v;
  for (const key of Object.keys(v)) {
    if (v[key] === null)
      delete v[key];
    else
      withoutNulls(v[key]);
  }
  return v;
}

function allFields(namespace, out) {
  for (const child of namespace.nestedArray || []) {
    if (child instanceof protobuf.Type)
      for (const field of child.fieldsArray)
        out.add(field.fullName);
    allFields(child, out);
  }
  return out;
}

const seen = new Set();
const root = new protobuf.Root();
// an import lies beside what imports it
root.resolvePath = (origin, target) =>
  origin ? path.join(path.dirname(origin), target) : target;
root.loadSync(process.argv.slice(2));
root.resolveAll();

function check(lines, n) {
  const [name, hex, plain, defaults] = lines;
  const type = root.lookupType(name);
  const message = type.decode(Buffer.from(hex, "hex"));
  let wrong = difference(type, JSON.parse(plain),
    type.toObject(message, OPTIONS), name);
  // protobufjs prints a proto2 field's default as if it had been set
  if (!wrong && !name.endsWith(".Presence"))
    wrong = difference(type, JSON.parse(defaults), withoutNulls(
      type.toObject(message, { ...OPTIONS, defaults: true })), name);
  if (!wrong)
    return;
  console.log(`not ok json - message ${n}: ${wrong}`);
  console.log(`# ${plain}`);
  process.exit(1);
}

let lines = [];
let n = 0;
readline.createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on("line", (line) => {
    lines.push(line);
    if (lines.length === 4) {
      check(lines, ++n);
      lines = [];
    }
  })
  .on("close", () => {
    const missed = [...allFields(root, new Set())].filter((f) => !seen.has(f));
    if (n === 0 || lines.length || missed.length) {
      console.log(`not ok json - ${n} messages, fields never seen: ${missed}`);
      process.exit(1);
    }
    console.log(`ok json - protobufjs agrees on ${n} messages, ` +
      `${seen.size} fields`);
  });
