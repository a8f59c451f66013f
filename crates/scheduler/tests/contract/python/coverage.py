"""Which methods and parameters of the SDK were used, against which there are. What the SDK has
and no law uses is a failure."""

import contextvars
import functools
import inspect

import qstash
from qstash import dlq, flow_control_api, log, message

PARTS = ["message", "url_group", "queue", "schedule", "signing_key", "log", "dlq", "flow_control"]
# What a law must put into a parameter that is a dictionary.
SHAPES = {
    "MessageApi.batch": message.BatchRequest,
    "MessageApi.batch_json": message.BatchJsonRequest,
    "LogApi.list filter": log.LogFilter,
    "DlqApi.list filter": dlq.DlqFilter,
    "FlowControlApi.pin": flow_control_api.PinFlowControlOptions,
    "FlowControlApi.unpin": flow_control_api.UnpinFlowControlOptions,
}
INNER = {
    "flow_control": message.FlowControl,
    "redact": message.Redact,
    "api": message.LlmApi,
}
# Of BatchJsonRequest the SDK's own conversion loses this one.
LEFT_OUT = {"MessageApi.batch_json retry_delay": "convert_to_batch_messages does not pass it on"}

inside = contextvars.ContextVar("inside", default=False)
wanted, used = set(), set()


def note(name, value):
    used.add(name)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for key, inner in one.items():
                used.add(f"{name} {key}")
                if key in INNER or key == "filter":
                    note(key if key in INNER else f"{name} {key}", inner)


def watch(owner, function, name):
    parameters = [each for each in inspect.signature(function).parameters if each != "self"]
    wanted.add(name)
    wanted.update(f"{name} {each}" for each in parameters)

    def noted(args, named):
        used.add(name)
        given = inspect.signature(function).bind(*args, **named).arguments
        for key, value in given.items():
            if key != "self":
                used.add(f"{name} {key}")
                note(key if key in INNER else f"{name} {key}", value)
                if f"{name} {key}" not in SHAPES and name in SHAPES:
                    note(name, value)

    def enter(args, named):
        if not inside.get():
            noted(args, named)
        return inside.set(True)

    @functools.wraps(function)
    def watched(*args, **named):
        token = enter(args, named)
        try:
            return function(*args, **named)
        finally:
            inside.reset(token)

    @functools.wraps(function)
    async def watched_asynchronous(*args, **named):
        token = enter(args, named)
        try:
            return await function(*args, **named)
        finally:
            inside.reset(token)

    asynchronous = inspect.iscoroutinefunction(function)
    setattr(owner, function.__name__, watched_asynchronous if asynchronous else watched)


def watch_all():
    """Notes from now on what the laws themselves call, of both kinds of client."""
    kinds = {"": qstash.QStash("x", base_url="http://x"), "Async": None}
    kinds["Async"] = qstash.AsyncQStash("x", base_url="http://x")
    for prefix, client in kinds.items():
        parts = [part for part in vars(client) if part != "http"]
        assert sorted(parts) == sorted(PARTS), f"the SDK has other parts: {parts}"
        for part in parts:
            owner = type(getattr(client, part))
            name = owner.__name__.removeprefix(prefix)
            for function in list(vars(owner).values()):
                if inspect.isfunction(function) and not function.__name__.startswith("_"):
                    watch(owner, function, f"{prefix}{name}.{function.__name__}")
    watch(qstash.Receiver, qstash.Receiver.verify, "Receiver.verify")
    for name, shape in SHAPES.items():
        wanted.update(f"{name} {key}" for key in shape.__annotations__)
    for name, shape in INNER.items():
        wanted.update(f"{name} {key}" for key in shape.__annotations__)


def assert_all_was_used():
    unused = sorted(wanted - used - set(LEFT_OUT))
    assert not unused, f"no law uses: {unused}"
    assert set(LEFT_OUT) <= wanted, "a reason that is no longer needed"
    return sum(1 for name in wanted if "." in name and " " not in name)
