"""Publishing, reading, cancelling; dead letters."""

import base64
import json
import time

from qstash.chat import custom, openai
from qstash.errors import QStashError
from qstash.log import LogState

from stage import CURRENT, ELSEWHERE, HERE, NEXT, delivered, deliveries, eventually, fresh, refused
from qstash import Receiver

HOUR_MS = 3_600_000


def publishes_and_receives(client):
    url = f"{HERE}/hook?a=1&b=%20"
    published = client.message.publish_json(
        url=url, body={"text": "gr\u00fc\u00df dich"}, headers={"X-Kind": "post"}, method="PUT"
    )
    assert not published.deduplicated
    method, path, headers, body = delivered(published.message_id)
    assert (method, path) == ("PUT", "/hook?a=1&b=%20")
    assert headers["Content-Type"] == "application/json" and headers["X-Kind"] == "post"
    pair = client.signing_key.get()
    receiver = Receiver(current_signing_key=pair.current, next_signing_key=pair.next)
    signature = headers["Upstash-Signature"]
    receiver.verify(signature=signature, body=body.decode(), url=url, clock_tolerance=0)

    def logged():
        logs = client.log.list(filter={"message_id": published.message_id}).logs
        wanted = [LogState.DELIVERED, LogState.ACTIVE, LogState.CREATED]
        return [line.state for line in logs] == wanted and logs

    assert eventually("the log", logged)[0].response_status == 200


EVERYTHING = {
    "content_type": "text/plain",
    "method": "PATCH",
    "headers": {"X-Open": "shown", "X-Secret": "hidden"},
    "callback_headers": {"Retries": "1", "Forward-X-Kind": "callback"},
    "failure_callback_headers": {"Method": "PUT", "Forward-X-Kind": "failure"},
    "retries": 7,
    "retry_delay": "1000 * (1 + retried)",
    "callback": f"{HERE}/callback",
    "failure_callback": f"{HERE}/failure",
    "timeout": "30s",
    "redact": {"header": ["X-Secret"]},
}
LATER = {"delay": "1d2h", "not_before": int(time.time()) + 3600}


def assert_everything(client, message_id, label, *, retry_delay=True):
    message = client.message.get(message_id)
    assert (message.method, message.max_retries) == ("PATCH", 7)
    assert message.label == label
    if retry_delay:
        assert message.retry_delay_expression == "1000 * (1 + retried)"
    assert message.callback == f"{HERE}/callback"
    assert message.failure_callback == f"{HERE}/failure"
    assert message.callback_headers == {"X-Kind": ["callback"]}
    assert message.failure_callback_headers == {"X-Kind": ["failure"]}
    assert message.headers["X-Open"] == ["shown"]
    assert message.headers["X-Secret"][0].startswith("REDACTED:")
    assert message.caller_ip == "127.0.0.1" and message.created_at <= time.time() * 1000
    log = client.log.list(filter={"message_id": message_id, "state": LogState.CREATED}).logs[0]
    assert log.timeout == 30_000 and log.headers["X-Open"] == ["shown"]
    assert log.callback_headers == {"X-Kind": ["callback"]}
    if retry_delay:
        assert log.retry_delay_expression == "1000 * (1 + retried)"
    return message


def keeps_every_option(client):
    label = fresh("options")
    flow = {"key": label, "parallelism": 3, "rate": 4, "period": "1h30m3s"}
    ids = [
        client.message.publish(
            url=ELSEWHERE,
            body="everything",
            deduplication_id=fresh("id"),
            content_based_deduplication=False,
            flow_control=flow,
            label=label,
            **LATER,
            **EVERYTHING,
        ).message_id
    ]
    without_type = {k: v for k, v in EVERYTHING.items() if k != "content_type"}
    ids.append(
        client.message.publish_json(
            url=ELSEWHERE,
            body={"a": 1},
            deduplication_id=fresh("id"),
            content_based_deduplication=False,
            flow_control=flow,
            label=label,
            **LATER,
            **without_type,
        ).message_id
    )
    for message_id in ids:
        message = assert_everything(client, message_id, label)
        assert message.not_before == LATER["not_before"] * 1000
        kept = message.flow_control
        assert (kept.key, kept.parallelism, kept.rate, kept.period) == (label, 3, 4, 5403)
    hidden = client.message.publish(url=ELSEWHERE, body=b"\0\xff", delay=60, redact={"body": True})
    assert client.message.get(hidden.message_id).body.startswith("REDACTED:")
    binary = client.message.publish(url=ELSEWHERE, body=b"\0\xff", delay=60)
    assert base64.b64decode(client.message.get(binary.message_id).body_base64) == b"\0\xff"
    only = {"key": label, "parallelism": 2}
    last = client.message.publish(url=ELSEWHERE, body="x", delay="1h", flow_control=only)
    kept = client.message.get(last.message_id).flow_control
    assert (kept.parallelism, kept.rate, kept.period) == (2, None, 1)
    ids += [hidden.message_id, binary.message_id, last.message_id]
    assert client.message.cancel_many(ids) == len(ids)


def enqueues_with_every_option(client):
    queue = fresh("queue")
    client.queue.upsert(queue, parallelism=1, paused=True)
    options = {**EVERYTHING, "label": queue}
    enqueued = client.message.enqueue(
        queue=queue,
        url=ELSEWHERE,
        body="x",
        deduplication_id=fresh("id"),
        content_based_deduplication=False,
        **options,
    )
    message = assert_everything(client, enqueued.message_id, queue)
    assert (message.queue, message.body) == (queue, "x")
    options.pop("content_type")
    enqueued = client.message.enqueue_json(
        queue=queue,
        url=ELSEWHERE,
        body={"a": 1},
        deduplication_id=fresh("id"),
        content_based_deduplication=False,
        **options,
    )
    assert assert_everything(client, enqueued.message_id, queue).body == '{"a": 1}'
    group = fresh("group")
    client.url_group.upsert_endpoints(group, endpoints=[{"url": ELSEWHERE}])
    for enqueue in (client.message.enqueue, client.message.enqueue_json):
        assert len(enqueue(queue=queue, url_group=group, body="x")) == 1
    provider = {"name": "llm", "provider": openai("t")}
    for enqueue in (client.message.enqueue, client.message.enqueue_json):
        enqueue(queue=queue, api=provider, body="x", callback=HERE)
    client.queue.delete(queue)


def batches(client):
    label, queue, group = fresh("batch"), fresh("batch"), fresh("batch")
    client.queue.upsert(queue, paused=True)
    client.url_group.upsert_endpoints(group, endpoints=[{"url": f"{HERE}/batch/group"}])
    flow = {"key": label, "rate": 4, "period": 2}
    everything = {
        **EVERYTHING,
        **LATER,
        "url": ELSEWHERE,
        "label": label,
        "deduplication_id": fresh("id"),
        "content_based_deduplication": True,
        "flow_control": flow,
    }
    provider = {"name": "llm", "provider": custom(HERE, "their-token")}
    for batch, body, arrives in (
        (client.message.batch, "x", b"x"),
        (client.message.batch_json, {"n": 1}, b'{"n": 1}'),
    ):
        everything = {**everything, "deduplication_id": fresh("id"), "body": body}
        answers = batch(
            [
                {"url": f"{HERE}/batch/1", "body": body},
                everything,
                {"url_group": group, "body": body},
                {"url": ELSEWHERE, "queue": queue, "body": body},
                {"api": provider, "body": body},
            ]
        )
        assert delivered(answers[0].message_id)[3] == arrives
        # The SDK's own conversion to JSON loses the retry delay.
        kept = arrives == b"x"
        message = assert_everything(client, answers[1].message_id, label, retry_delay=kept)
        assert message.flow_control.period == 2
        assert [one.url for one in answers[2]] == [f"{HERE}/batch/group"]
        assert client.message.get(answers[3].message_id).queue == queue
        _, path, headers, _ = delivered(answers[4].message_id)
        assert path == "/v1/chat/completions"
        assert headers["Authorization"] == "Bearer their-token"
        client.message.cancel(answers[1].message_id)
        refused(QStashError, lambda: client.message.get(answers[1].message_id))
    client.queue.delete(queue)


def deduplicates(client):
    def publish():
        return client.message.publish(
            url=ELSEWHERE, body=label, delay=3600, content_based_deduplication=True
        )

    label = fresh("once")
    first, second = publish(), publish()
    assert second.message_id == first.message_id and second.deduplicated
    reason = refused(
        QStashError,
        lambda: client.message.publish(url=ELSEWHERE, body="x", deduplication_id="a:b"),
    )
    assert "cannot contain ':'" in str(reason)
    client.message.cancel(first.message_id)


def publishes_to_groups_and_apis(client):
    group = fresh("group")
    client.url_group.upsert_endpoints(group, endpoints=[{"url": f"{HERE}/g"}])
    for publish in (client.message.publish, client.message.publish_json):
        (published,) = publish(url_group=group, body="x")
        assert published.url == f"{HERE}/g"
        delivered(published.message_id)
        api = {"name": "llm", "provider": custom(f"{HERE}/v1/chat/completions", "t")}
        called = publish(api=api, body="x", callback=f"{HERE}/callback")
        assert delivered(called.message_id)[1] == "/v1/chat/completions"
        assert called.message_id in {told["sourceMessageId"] for told in callbacks(called)}


def callbacks(published):
    def told():
        bodies = [json.loads(body) for _, path, _, body in list(deliveries) if path == "/callback"]
        ids = [body["sourceMessageId"] for body in bodies]
        return published.message_id in ids and bodies

    return eventually("the callback", told)


def cancels(client):
    def publish():
        return client.message.publish(url=ELSEWHERE, body="x", delay="1h").message_id

    ids = [publish() for _ in range(4)]
    assert client.message.cancel_many(ids[:2]) == 2
    client.message.cancel(ids[2])
    assert "message not found" in str(refused(QStashError, lambda: client.message.cancel(ids[2])))
    assert client.message.cancel_all() >= 1
    refused(QStashError, lambda: client.message.get(ids[3]))
    states = [line.state for line in client.log.list(filter={"message_ids": ids}).logs]
    assert states.count(LogState.CANCELED) == 4


def reads_the_log(client):
    label, queue, group = fresh("log"), fresh("log"), fresh("log")
    client.queue.upsert(queue, paused=True)
    client.url_group.upsert_endpoints(group, endpoints=[{"url": ELSEWHERE}])
    url = f"{ELSEWHERE}/{label}"
    by_url = client.message.publish(url=url, body="x", delay="1h", label=label).message_id
    by_group = client.message.publish(url_group=group, body="x", delay="1h")[0].message_id
    by_queue = client.message.enqueue(queue=queue, url=ELSEWHERE, body="x").message_id
    past, future = int(time.time() * 1000) - HOUR_MS, int(time.time() * 1000) + HOUR_MS
    for filter, wanted in (
        ({"url": url}, [by_url]),
        ({"label": label}, [by_url]),
        ({"url_group": group}, [by_group]),
        ({"queue": queue}, [by_queue]),
        ({"message_ids": [by_url, by_queue]}, [by_queue, by_url]),
        ({"label": label, "schedule_id": "unknown"}, []),
        ({"label": label, "from_time": past, "to_time": future}, [by_url]),
        ({"label": label, "from_time": future}, []),
        ({"label": label, "state": LogState.CREATED}, [by_url]),
        ({"label": label, "state": LogState.IN_PROGRESS}, []),
    ):
        found = [line.message_id for line in client.log.list(filter=filter).logs]
        assert found == wanted, filter
    pages, cursor = 0, None
    while True:
        page = client.log.list(
            cursor=cursor, count=2, filter={"message_ids": [by_url, by_group, by_queue]}
        )
        pages, cursor = pages + 1, page.cursor
        if cursor is None:
            break
    assert pages == 2, pages
    client.message.cancel_many([by_url, by_group])
    client.queue.delete(queue)


def keeps_dead_letters(client):
    label, group = fresh("dlq"), fresh("dlq")
    client.url_group.upsert_endpoints(group, endpoints=[{"url": f"{HERE}/fails/g"}])
    failing = {"body": "x", "retries": 0, "label": label}
    ids = [
        client.message.publish(url=f"{HERE}/fails/1", **failing).message_id,
        client.message.publish(url_group=group, **failing)[0].message_id,
        client.message.enqueue(queue=label, url=f"{HERE}/fails/q", **failing).message_id,
    ]

    def listed():
        letters = client.dlq.list(filter={"label": label}).messages
        return letters if len(letters) == 3 else None

    letters = eventually("dead letters", listed)
    assert letters[0].response_status == 500 and letters[0].response_body == "answer"
    assert letters[0].response_headers
    now = int(time.time() * 1000)
    for filter, wanted in (
        ({"message_id": ids[0]}, [0]),
        ({"url": f"{HERE}/fails/1"}, [0]),
        ({"url_group": group}, [1]),
        ({"queue": label}, [2]),
        ({"schedule_id": "unknown"}, []),
        ({"from_time": now - HOUR_MS, "to_time": now + HOUR_MS}, [0, 1, 2]),
        ({"to_time": now - HOUR_MS}, []),
        ({"response_status": 500}, [0, 1, 2]),
        ({"response_status": 404}, []),
        ({"caller_ip": "127.0.0.1"}, [0, 1, 2]),
        ({"caller_ip": "10.9.8.7"}, []),
    ):
        found = {one.message_id for one in client.dlq.list(filter={"label": label, **filter}).messages}
        assert found == {ids[index] for index in wanted}, filter
    page = client.dlq.list(count=2, filter={"label": label})
    rest = client.dlq.list(cursor=page.cursor, filter={"label": label})
    assert (len(page.messages), len(rest.messages), rest.cursor) == (2, 1, None)
    first = client.dlq.get(letters[0].dlq_id)
    assert first.message_id == letters[0].message_id and first.dlq_id == letters[0].dlq_id
    client.dlq.delete(letters[0].dlq_id)
    refused(QStashError, lambda: client.dlq.get(letters[0].dlq_id))
    refused(QStashError, lambda: client.dlq.delete(letters[0].dlq_id))
    assert client.dlq.delete_many([letter.dlq_id for letter in letters]) == 2


LAWS = [
    publishes_and_receives,
    keeps_every_option,
    enqueues_with_every_option,
    batches,
    deduplicates,
    publishes_to_groups_and_apis,
    cancels,
    reads_the_log,
    keeps_dead_letters,
]
