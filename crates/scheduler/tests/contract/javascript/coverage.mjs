// Which methods and options of the SDK were used, against which there are. What an SDK has and
// no law uses is a failure, unless it stands in a list with its reason.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sdk from "@upstash/qstash";

/** What is left out, and why. */
const LEFT_OUT = {
  "Client.chat": "language models behind Upstash's own proxy, which this server is not",
  "Client.workflow": "Upstash Workflow is another product",
  "Receiver.verifyWithKey": "private",
  "Receiver.verifyBodyAndUrl": "private",
};
const EXPORTS_LEFT_OUT = {
  Chat: "as Client.chat",
  QstashChatRatelimitError: "as Client.chat",
  setupAnalytics: "as Client.chat",
  QStashWorkflowAbort: "as Client.workflow",
  QStashWorkflowError: "as Client.workflow",
  formatWorkflowError: "as Client.workflow",
  QstashRatelimitError: "this server has no limit of requests per second",
  upstash: "language models of Upstash itself; refused, and a law says so",
};

const inside = new AsyncLocalStorage();
const known = new Set();
const used = new Set();
const options = new Map();

/** Notes from now on which methods of a class the laws themselves call, and with which options. */
function watch(name, prototype) {
  for (const [method, found] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (method === "constructor") continue;
    known.add(`${name}.${method}`);
    const kind = "value" in found ? "value" : "get";
    const watched = function (...values) {
      if (!inside.getStore()) {
        used.add(`${name}.${method}`);
        values.flat().forEach((value) => noteOptions(`${name}.${method}`, value));
      }
      return inside.run(true, () => found[kind].apply(this, values));
    };
    Object.defineProperty(prototype, method, { ...found, [kind]: watched });
  }
}

function noteOptions(method, value, prefix = "") {
  if (value === null || typeof value !== "object") return;
  const names = options.get(method) ?? options.set(method, new Set()).get(method);
  for (const [name, inner] of Object.entries(value)) {
    names.add(prefix + name);
    if (["flowControl", "redact", "filter"].includes(name)) noteOptions(method, inner, `${name}.`);
  }
}

export function noteExport(...names) {
  names.forEach((name) => used.add(`export ${name}`));
}

export function watchAll(client, receiver) {
  const watched = {
    Client: client,
    UrlGroups: client.urlGroups,
    DLQ: client.dlq,
    Messages: client.messages,
    Schedules: client.schedules,
    FlowControlApi: client.flowControl,
    Queue: client.queue(),
    Receiver: receiver,
  };
  const parts = Object.entries(watched).map(([name, one]) => [name, Object.getPrototypeOf(one)]);
  // The prototypes first: to reach them, getters are called that are watched afterwards.
  parts.forEach(([name, prototype]) => watch(name, prototype));
  noteExport(...Object.keys(watched));
}

const folder = dirname(fileURLToPath(import.meta.resolve("@upstash/qstash")));
const types = readFileSync(
  join(folder, readdirSync(folder).find((file) => /^client-.*\.d\.ts$/.test(file))),
  "utf8",
);

/** The names of a type's fields, as the SDK's declarations tell them. */
function fieldsOf(type) {
  const begin = types.search(new RegExp(`^type ${type}\\b`, "m"));
  assert.notEqual(begin, -1, `the SDK declares ${type}`);
  const rest = types.slice(begin + 1);
  const declaration = rest.slice(0, rest.search(/^(type|declare|export) /m));
  const fields = [...declaration.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name);
  assert.notEqual(fields.length, 0, `${type} has fields`);
  return fields;
}

const under = (prefix, names) => names.map((name) => `${prefix}.${name}`);
const FLOW_CONTROL = under("flowControl", fieldsOf("FlowControl"));
const REDACT = ["redact.body", "redact.header"];
const UNIVERSAL = under("filter", fieldsOf("UniversalFilterFields"));
const IDENTITY = under("filter", fieldsOf("QStashIdentityFields"));
const HOST_AND_PATH = under("filter", fieldsOf("HostPathFilterFields"));
const DLQ_FILTERS = [...UNIVERSAL, ...IDENTITY, ...under("filter", fieldsOf("DLQResponseFields"))];
const withoutMessageId = IDENTITY.filter((name) => name !== "filter.messageId");

/** Which options some law must give to one of some methods. */
const OPTIONS = [
  [
    ["Client.publish", "Client.publishJSON", "Client.batch", "Client.batchJSON"],
    [...fieldsOf("PublishRequest"), ...fieldsOf("PublishBatchRequest"), ...FLOW_CONTROL, ...REDACT],
  ],
  [
    ["Schedules.create"],
    [...fieldsOf("CreateScheduleRequest"), "retryDelay", "flowControl.key", ...REDACT],
  ],
  [
    ["Messages.cancel"],
    ["messageIds", "all", "count", ...UNIVERSAL, ...withoutMessageId, ...HOST_AND_PATH],
  ],
  [
    ["Client.logs"],
    ["messageIds", "cursor", "count", ...UNIVERSAL, ...IDENTITY, ...HOST_AND_PATH, "filter.state"],
  ],
  [["DLQ.listMessages"], ["count", "cursor", "dlqIds", ...DLQ_FILTERS]],
  [["DLQ.delete"], ["dlqIds", "all", "count", "filter.label"]],
  [["DLQ.retry"], ["dlqIds", "all", "count", "filter.label"]],
  [["FlowControlApi.pin"], fieldsOf("PinFlowControlOptions")],
  [["FlowControlApi.unpin"], fieldsOf("UnpinFlowControlOptions")],
  [["Queue.upsert"], fieldsOf("UpsertQueueRequest")],
  [["Receiver.verify"], fieldsOf("VerifyRequest")],
  [["new Client"], fieldsOf("ClientConfig")],
  [["new Receiver"], fieldsOf("ReceiverConfig")],
];

export function noteConstructor(name, config) {
  noteOptions(`new ${name}`, config);
}

/** Fails when the SDK has something that no law used. */
export function assertAllWasUsed() {
  const unused = [...known].filter((method) => !used.has(method) && !(method in LEFT_OUT));
  for (const name of Object.keys(sdk)) {
    if (!used.has(`export ${name}`) && !(name in EXPORTS_LEFT_OUT)) unused.push(`export ${name}`);
  }
  for (const [methods, wanted] of OPTIONS) {
    const given = new Set(methods.flatMap((method) => [...(options.get(method) ?? [])]));
    const missing = wanted.filter((option) => !given.has(option));
    unused.push(...missing.map((option) => `${option} of ${methods.join(", ")}`));
  }
  assert.deepEqual(unused, [], "every method and every option of the SDK is used by some law");
  for (const name of Object.keys(LEFT_OUT)) assert.ok(known.has(name), `${name} is no longer there`);
  for (const name of Object.keys(EXPORTS_LEFT_OUT)) assert.ok(name in sdk, `${name} is gone`);
  return known.size - Object.keys(LEFT_OUT).length;
}
