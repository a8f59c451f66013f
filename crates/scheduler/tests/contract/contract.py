"""The official Python SDK as publisher and receiver. Exits 0 when every promise holds."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from qstash import QStash, Receiver
from qstash.errors import QStashError, SignatureError
from qstash.log import LogState

BASE = os.environ["QSTASH_URL"]
client = QStash(os.environ["QSTASH_TOKEN"], base_url=BASE)
receiver = Receiver(
    current_signing_key=os.environ["QSTASH_CURRENT_SIGNING_KEY"],
    next_signing_key=os.environ["QSTASH_NEXT_SIGNING_KEY"],
)
deliveries = []


class Destination(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        deliveries.append((self.command, self.path, self.headers, body))
        self.send_response(500 if self.path.startswith("/fails") else 200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"answer")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


def eventually(what, probe):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain: {what}")


def delivered(message_id):
    def find():
        for delivery in deliveries:
            if delivery[2]["Upstash-Message-Id"] == message_id:
                return delivery

    return eventually(f"delivery of {message_id}", find)


def refused(error, call):
    try:
        call()
    except error as reason:
        return str(reason)
    raise AssertionError("was not refused")


def publishes_and_receives(here):
    url = f"{here}/hook?a=1&b=%20"
    published = client.message.publish_json(
        url=url, body={"text": "gr\u00fc\u00df dich"}, headers={"X-Kind": "post"}, method="PUT"
    )
    method, path, headers, body = delivered(published.message_id)
    assert (method, path) == ("PUT", "/hook?a=1&b=%20")
    assert headers["Content-Type"] == "application/json" and headers["X-Kind"] == "post"
    signature = headers["Upstash-Signature"]
    receiver.verify(signature=signature, body=body, url=url)
    for changed in (
        {"body": body + " "},
        {"url": url + "x"},
        {"signature": signature[:-2] + "AA"},
        {"signature": signature.replace(".", ".A", 1)},
    ):
        request = {"signature": signature, "body": body, "url": url, **changed}
        refused(SignatureError, lambda: receiver.verify(**request))

    def logged():
        logs = client.log.list(filter={"message_id": published.message_id}).logs
        return [line.state for line in logs] == [
            LogState.DELIVERED,
            LogState.ACTIVE,
            LogState.CREATED,
        ]

    eventually("the log", logged)


def batches(here):
    answers = client.message.batch_json(
        [
            {"url": f"{here}/batch/1", "body": {"n": 1}},
            {"url": f"{here}/batch/2", "body": {"n": 2}, "delay": "1h"},
        ]
    )
    assert delivered(answers[0].message_id)[3] == '{"n": 1}'
    message = client.message.get(answers[1].message_id)
    assert message.url == f"{here}/batch/2" and message.body == '{"n": 2}'
    client.message.cancel(answers[1].message_id)
    refused(QStashError, lambda: client.message.get(answers[1].message_id))


def deduplicates(here):
    def publish():
        return client.message.publish(
            url=f"{here}/once", body="x", delay=3600, content_based_deduplication=True
        )

    first, second = publish(), publish()
    assert second.message_id == first.message_id and second.deduplicated
    reason = refused(
        QStashError,
        lambda: client.message.publish(url=f"{here}/x", body="x", deduplication_id="a:b"),
    )
    assert "cannot contain ':'" in reason
    client.message.cancel(first.message_id)


def reads_and_cancels(here):
    def publish():
        return client.message.publish(
            url=f"{here}/later",
            body="later",
            not_before=int(time.time()) + 3600,
            retries=7,
            retry_delay="1000 * (1 + retried)",
            timeout="30s",
            callback=f"{here}/callback",
            failure_callback=f"{here}/failure",
            flow_control={"key": "contract-py", "parallelism": 2},
            label="contract-py",
        ).message_id

    ids = [publish() for _ in range(4)]
    message = client.message.get(ids[0])
    assert (message.body, message.max_retries, message.label) == ("later", 7, "contract-py")
    assert message.retry_delay_expression == "1000 * (1 + retried)"
    assert message.callback == f"{here}/callback"
    assert message.failure_callback == f"{here}/failure"
    flow = message.flow_control
    assert (flow.key, flow.parallelism, flow.rate, flow.period) == ("contract-py", 2, None, 1)
    logs = client.log.list(filter={"label": "contract-py", "state": LogState.CREATED}).logs
    assert len(logs) == 4 and logs[0].retry_delay_expression == "1000 * (1 + retried)"
    assert logs[0].timeout == 30_000
    assert client.flow_control.get("contract-py").key == "contract-py"
    assert client.message.cancel_many(ids[:2]) == 2
    assert client.message.cancel_all() == 2
    pages, cursor = 0, None
    while True:
        page = client.log.list(cursor=cursor, count=3, filter={"label": "contract-py"})
        pages, cursor = pages + 1, page.cursor
        if cursor is None:
            break
    assert pages == 4, pages


def dead_letters(here):
    ids = [
        client.message.publish(url=f"{here}/fails/{n}", body="x", retries=0).message_id
        for n in range(2)
    ]

    def listed():
        letters = client.dlq.list().messages
        return letters if {letter.message_id for letter in letters} >= set(ids) else None

    letters = [letter for letter in eventually("dead letters", listed) if letter.message_id in ids]
    assert letters[0].response_status == 500 and letters[0].response_body == "answer"
    assert client.dlq.get(letters[0].dlq_id).message_id == letters[0].message_id
    client.dlq.delete(letters[0].dlq_id)
    refused(QStashError, lambda: client.dlq.get(letters[0].dlq_id))
    assert client.dlq.delete_many([letters[1].dlq_id]) == 1


def queues(here):
    client.queue.upsert("contract-py", parallelism=2, paused=True)
    published = client.message.enqueue_json(
        queue="contract-py", url=f"{here}/queue", body={"n": 1}
    )
    queue = client.queue.get("contract-py")
    assert (queue.name, queue.lag, queue.paused, queue.parallelism) == ("contract-py", 1, True, 2)
    assert "contract-py" in [queue.name for queue in client.queue.list()]
    client.queue.resume("contract-py")
    assert delivered(published.message_id)[3] == '{"n": 1}'
    client.queue.pause("contract-py")
    client.queue.delete("contract-py")
    refused(QStashError, lambda: client.queue.get("contract-py"))


def schedules(here):
    schedule_id = client.schedule.create_json(
        destination=f"{here}/schedule",
        cron="CRON_TZ=Europe/Berlin 30 2 * * *",
        schedule_id="contract-py",
        body={"n": 1},
        retries=5,
        delay="90s",
        timeout="30s",
        label="contract-py",
        flow_control={"key": "contract-py-schedule", "parallelism": 1},
    )
    assert schedule_id == "contract-py"
    schedule = client.schedule.get(schedule_id)
    assert schedule.cron == "CRON_TZ=Europe/Berlin 30 2 * * *"
    assert schedule.destination == f"{here}/schedule"
    assert schedule.body == '{"n": 1}' and schedule.label == "contract-py"
    assert (schedule.retries, schedule.delay, schedule.paused) == (5, 90, False)
    assert schedule.flow_control.parallelism == 1
    assert schedule.next_schedule_time > time.time() * 1000
    assert [one.schedule_id for one in client.schedule.list()] == ["contract-py"]
    client.schedule.pause(schedule_id)
    assert client.schedule.get(schedule_id).paused
    client.schedule.resume(schedule_id)
    assert not client.schedule.get(schedule_id).paused
    client.schedule.delete(schedule_id)
    refused(QStashError, lambda: client.schedule.get(schedule_id))
    bad = refused(QStashError, lambda: client.schedule.create(destination=here, cron="never"))
    assert "invalid cron" in bad


def url_groups(here):
    name = "contract-py"
    client.url_group.delete(name)
    client.url_group.upsert_endpoints(
        name, endpoints=[{"url": f"{here}/group/1", "name": "one"}, {"url": f"{here}/group/2"}]
    )
    group = client.url_group.get(name)
    assert [endpoint.name for endpoint in group.endpoints] == ["one", None]
    assert [one.name for one in client.url_group.list()] == [name]
    published = client.message.publish_json(url_group=name, body={"n": 1})
    assert len(published) == 2
    for one in published:
        assert delivered(one.message_id)[2]["Upstash-Topic-Name"] == name
    client.url_group.remove_endpoints(name, endpoints=[{"name": "one"}])
    assert len(client.url_group.get(name).endpoints) == 1
    client.url_group.delete(name)
    refused(QStashError, lambda: client.url_group.get(name))


def flow_control(here):
    key = "contract-py-flow"
    client.flow_control.pause(key)
    published = client.message.publish(
        url=f"{here}/flow", body="x", flow_control={"key": key, "parallelism": 1}
    )
    eventually("the wait list", lambda: client.flow_control.get(key).wait_list_size == 1)
    assert client.flow_control.get(key).is_paused
    client.flow_control.pin(key, {"parallelism": 2, "rate": 7, "period": 30})
    pinned = client.flow_control.get(key)
    assert (pinned.parallelism_max, pinned.rate_max, pinned.rate_period) == (2, 7, 30)
    assert pinned.is_pinned_parallelism and pinned.is_pinned_rate
    client.flow_control.unpin(key, {"parallelism": True, "rate": True})
    assert not client.flow_control.get(key).is_pinned_rate
    client.flow_control.reset_rate(key)
    client.flow_control.resume(key)
    delivered(published.message_id)


def rotates_keys(here):
    before = client.signing_key.get()
    after = client.signing_key.rotate()
    assert after.current == before.next and after.next != before.next
    published = client.message.publish(url=f"{here}/rotated", body="x")
    _, _, headers, body = delivered(published.message_id)
    # The receiver still holds the pair of before: its next key is the current one now.
    receiver.verify(
        signature=headers["Upstash-Signature"], body=body, url=f"{here}/rotated"
    )


destination = ThreadingHTTPServer(("127.0.0.1", 0), Destination)
threading.Thread(target=destination.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{destination.server_address[1]}"
for law in (
    publishes_and_receives,
    batches,
    deduplicates,
    reads_and_cancels,
    dead_letters,
    queues,
    schedules,
    url_groups,
    flow_control,
    rotates_keys,
):
    law(address)
print("the Python SDK is satisfied")
