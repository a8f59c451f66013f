// The token leaves the address bar, and the history with it, as soon as it is known.
const token = new URLSearchParams(location.search).get("qstash_token");
history.replaceState(null, "", location.pathname + location.hash);

const byId = (id) => document.getElementById(id);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

async function ask(path, method = "GET") {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(path, { method, headers, referrerPolicy: "no-referrer" });
  const text = await response.text();
  if (response.ok) return text && JSON.parse(text);
  let words = text;
  try {
    words = JSON.parse(text).error;
  } catch {
    // It is no JSON: its words are told as they are.
  }
  throw new Error(`${method} ${path.split("?")[0]} answered ${response.status}: ${words}`);
}

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const time = (ms) => (ms ? clock.format(new Date(ms)) : "");
const short = (text, most) => (text?.length > most ? `${text.slice(0, most)}\u2026` : text);
const ENDED = ["DELIVERED", "FAILED", "CANCELED"];

/** The log's lines, newest first, as messages with their newest state. */
function messagesOf(lines) {
  const messages = new Map();
  for (const line of lines) {
    const known = messages.get(line.messageId);
    const message = known ?? { ...line, newest: line.time, attempts: 0 };
    message.attempts += line.state === "ACTIVE" ? 1 : 0;
    message.responseStatus ??= line.responseStatus;
    message.error ??= line.error;
    messages.set(line.messageId, message);
  }
  return [...messages.values()].slice(0, 50);
}

function due(message) {
  if (message.state === "RETRY") return `again ${time(message.nextDeliveryTime)}`;
  if (message.state !== "CREATED") return time(message.newest);
  if (message.queueName) return `in queue ${message.queueName}`;
  return `due ${time(message.notBefore)}`;
}

const pausing = (path, isPaused) =>
  isPaused ? [["Resume", "POST", `${path}/resume`]] : [["Pause", "POST", `${path}/pause`]];
const paused = (isPaused) => (isPaused ? "paused" : "");
const escaped = encodeURIComponent;

const SECTIONS = [
  {
    id: "messages",
    title: "Messages",
    path: "/v2/events?count=500&bodies=false",
    rows: (page) => messagesOf(page.events),
    key: (m) => m.messageId,
    columns: {
      State: (m) => ({ state: m.state }),
      When: (m) => ({ word: due(m) }),
      Destination: (m) => ({ text: m.url }),
      Message: (m) => ({ log: m.messageId }),
      Attempts: (m) => m.attempts || "",
      Answer: (m) => m.responseStatus || short(m.error, 80),
    },
    actions: (m) =>
      ENDED.includes(m.state)
        ? []
        : [["Cancel", "DELETE", `/v2/messages/${escaped(m.messageId)}`, "Really cancel?"]],
    none: () => [
      "Nothing was published yet. Try ",
      make("code", {
        textContent:
          `curl -X POST -H "Authorization: Bearer $QSTASH_TOKEN" -d hello ` +
          `${location.origin}/v2/publish/${location.protocol}//localhost:3000/`,
      }),
    ],
  },
  {
    id: "dead-letters",
    title: "Dead letters",
    path: "/v2/dlq?count=50",
    rows: (page) => page.messages,
    key: (m) => m.dlqId,
    columns: {
      When: (m) => ({ word: time(Number(m.dlqId.split("-")[0])) }),
      Destination: (m) => ({ text: m.url }),
      Message: (m) => ({ log: m.messageId }),
      Answer: (m) => ({ text: `${m.responseStatus || "none"} ${short(m.responseBody, 120) ?? ""}` }),
    },
    actions: (m) => [
      ["Retry", "POST", `/v2/dlq/retry/${escaped(m.dlqId)}`],
      ["Delete", "DELETE", `/v2/dlq/${escaped(m.dlqId)}`, "Really delete?"],
    ],
    none: () => ["No message was given up."],
  },
  {
    id: "schedules",
    title: "Schedules",
    path: "/v2/schedules",
    rows: (list) => list,
    key: (s) => s.scheduleId,
    columns: {
      Schedule: (s) => s.scheduleId,
      Cron: (s) => ({ word: s.cron }),
      Destination: (s) => ({ text: s.destination }),
      Next: (s) => (s.isPaused ? { state: "paused" } : { word: time(s.nextScheduleTime) }),
      Last: (s) => ({ word: time(s.lastScheduleTime) }),
      Outcome: (s) => s.error ?? Object.values(s.lastScheduleStates ?? {}).join(", "),
    },
    actions: (s) => pausing(`/v2/schedules/${escaped(s.scheduleId)}`, s.isPaused),
    none: () => ["There are no schedules."],
  },
  {
    id: "queues",
    title: "Queues",
    path: "/v2/queues",
    rows: (list) => list,
    key: (q) => q.name,
    columns: {
      Queue: (q) => q.name,
      Waiting: (q) => q.lag,
      "At once": (q) => q.parallelism,
      State: (q) => ({ state: paused(q.paused) }),
    },
    actions: (q) => pausing(`/v2/queues/${escaped(q.name)}`, q.paused),
    none: () => ["There are no queues. One is made by the first message that is put into it."],
  },
  {
    id: "flow-control",
    title: "Flow control",
    path: "/v2/flowControl",
    rows: (list) => list,
    key: (f) => f.flowControlKey,
    columns: {
      Key: (f) => f.flowControlKey,
      Waiting: (f) => f.waitListSize,
      "At once": (f) => (f.parallelismMax ? `${f.parallelismCount} of ${f.parallelismMax}` : ""),
      Rate: (f) => (f.rateMax ? `${f.rateCount} of ${f.rateMax} in ${f.ratePeriod} s` : ""),
      State: (f) => ({ state: paused(f.isPaused) }),
    },
    actions: (f) => pausing(`/v2/flowControl/${escaped(f.flowControlKey)}`, f.isPaused),
    none: () => ["No message asked for flow control."],
  },
];

function build(section) {
  const headings = [...Object.keys(section.columns), ""];
  const head = headings.map((name) => make("th", { textContent: name, scope: "col" }));
  section.count = make("span", { className: "count" });
  section.body = make("tbody");
  section.table = make("table", {}, make("thead", {}, make("tr", {}, ...head)), section.body);
  section.empty = make("p", { className: "none" }, ...section.none());
  section.shown = new Map();
  const title = make("h2", {}, section.title, section.count);
  const wide = make("div", { className: "wide" }, section.table);
  const parts = make("section", { id: section.id, ariaLabel: section.title }, title, wide);
  parts.append(section.empty);
  document.querySelector("main").append(parts);
  const link = make("a", { href: `#${section.id}`, textContent: section.title });
  document.querySelector("nav").append(link);
}

/** Rows are kept from one look to the next, so that nothing moves under a focus or a pointer. */
function show(section, rows) {
  section.count.textContent = rows.length || "";
  section.table.hidden = rows.length === 0;
  section.empty.hidden = rows.length > 0;
  const before = section.shown;
  section.shown = new Map();
  rows.forEach((row, place) => {
    const key = section.key(row);
    const line = before.get(key) ?? make("tr");
    before.delete(key);
    fill(section, line, row);
    section.shown.set(key, line);
    if (section.body.rows[place] !== line) {
      section.body.insertBefore(line, section.body.rows[place] ?? null);
    }
  });
  for (const gone of before.values()) leave(section, gone);
}

/** Whoever stood on a row that goes stands on the one that takes its place. */
function leave(section, gone) {
  const focused = gone.contains(document.activeElement);
  const place = gone.sectionRowIndex;
  gone.remove();
  if (!focused) return;
  const row = section.body.rows[place] ?? section.body.rows[place - 1];
  const next = row?.querySelector(".actions button") ?? row?.querySelector("button");
  (next ?? document.querySelector(`nav a[href="#${section.id}"]`)).focus();
}

function fill(section, line, row) {
  const wanted = Object.values(section.columns).map((read) => read(row) ?? "");
  wanted.forEach((value, index) => {
    const cell = line.cells[index] ?? line.insertCell();
    const told = JSON.stringify(value);
    if (cell.told === told) return;
    cell.told = told;
    cell.replaceChildren(content(cell, value));
  });
  const actions = section.actions(row);
  const cell = line.cells[wanted.length] ?? line.insertCell();
  const told = JSON.stringify(actions);
  if (cell.told === told) return;
  cell.told = told;
  cell.className = "actions";
  const focused = cell.contains(document.activeElement);
  cell.replaceChildren(...actions.map((action) => button(section.key(row), action)));
  if (focused) cell.querySelector("button")?.focus();
}

function content(cell, value) {
  if (typeof value !== "object") return String(value);
  cell.className = value.text === undefined ? "word" : "text";
  // What was a state may be a time now.
  delete cell.dataset.state;
  if (value.text !== undefined) return value.text;
  if (value.state !== undefined) cell.dataset.state = value.state;
  if (value.log === undefined) return value.word ?? value.state.toLowerCase().replace("_", " ");
  const open = make("button", { className: "link", textContent: short(value.log, 16) });
  open.title = `The log of ${value.log}`;
  open.onclick = () => openLog(value.log).catch(complain);
  return open;
}

/** What cannot be undone asks once more. */
function button(key, [label, method, path, question]) {
  const made = make("button", { textContent: label, ariaLabel: `${label} ${key}` });
  const reset = () => {
    made.textContent = label;
    made.classList.remove("sure");
  };
  made.onblur = reset;
  made.onclick = async () => {
    if (made.ariaBusy === "true") return;
    if (question && made.textContent === label) {
      made.textContent = question;
      made.classList.add("sure");
      return;
    }
    reset();
    // Not disabled: that would take the focus away.
    made.ariaBusy = "true";
    try {
      await ask(path, method);
      byId("problem").hidden = true;
    } catch (error) {
      complain(error);
    }
    made.ariaBusy = "false";
    await refresh();
  };
  return made;
}

async function openLog(messageId) {
  const { events } = await ask(`/v2/events?count=200&bodies=false&messageId=${escaped(messageId)}`);
  byId("log-title").textContent = messageId;
  const body = document.querySelector("#log tbody");
  body.replaceChildren();
  for (const event of events) {
    const row = body.insertRow();
    const cells = [time(event.time), event.state, event.responseStatus ?? event.error ?? ""];
    cells.forEach((text) => row.insertCell().append(String(text)));
    row.cells[1].dataset.state = event.state;
  }
  byId("log").showModal();
}

function complain(error) {
  byId("problem").textContent = error.message;
  byId("problem").hidden = false;
}

async function refresh() {
  const status = byId("status");
  try {
    const pages = await Promise.all(SECTIONS.map((section) => ask(section.path)));
    SECTIONS.forEach((section, index) => show(section, section.rows(pages[index])));
    status.textContent = `As of ${new Date().toLocaleTimeString()}`;
  } catch (error) {
    status.textContent = "Not up to date";
    complain(
      token ? error : new Error("This page needs its token: open it as qstash-local printed it."),
    );
    return false;
  }
  return true;
}

SECTIONS.forEach(build);
let failed = false;
for (;;) {
  if (!document.hidden) {
    const well = await refresh();
    if (well && failed) byId("problem").hidden = true;
    failed = !well;
  }
  await new Promise((again) => setTimeout(again, 2000));
}
