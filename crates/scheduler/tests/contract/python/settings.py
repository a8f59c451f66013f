"""Queues, schedules, URL groups, flow control, keys; errors."""

import time

from qstash import Receiver
from qstash.errors import DailyMessageLimitExceededError, QStashError, SignatureError

from messages import EVERYTHING
from stage import ELSEWHERE, FREE, HERE, clients, delivered, eventually, fresh, refused


def queues(client):
    name = fresh("queue")
    client.queue.upsert(name, parallelism=2, paused=True)
    published = client.message.enqueue_json(queue=name, url=f"{HERE}/queue", body={"n": 1})
    queue = client.queue.get(name)
    assert (queue.name, queue.lag, queue.paused, queue.parallelism) == (name, 1, True, 2)
    assert queue.created_at > 0 and queue.updated_at >= queue.created_at
    assert name in [queue.name for queue in client.queue.list()]
    client.queue.resume(name)
    assert delivered(published.message_id)[3] == b'{"n": 1}'
    client.queue.pause(name)
    assert client.queue.get(name).paused
    client.queue.delete(name)
    assert "queue not found" in str(refused(QStashError, lambda: client.queue.get(name)))


def schedules(client):
    name = fresh("schedule")
    options = {
        **{key: value for key, value in EVERYTHING.items() if key != "content_type"},
        "destination": f"{HERE}/schedule",
        "cron": "CRON_TZ=Europe/Berlin 30 2 * * *",
        "schedule_id": name,
        "delay": "90s",
        "queue": name,
        "flow_control": {"key": name, "parallelism": 1},
        "label": name,
    }
    creates = (
        (client.schedule.create_json, {"body": {"n": 1}}, '{"n": 1}'),
        (client.schedule.create, {"body": "x", "content_type": "text/plain"}, "x"),
    )
    for create, more, body in creates:
        assert create(**options, **more) == name
        schedule = client.schedule.get(name)
        assert schedule.cron == "CRON_TZ=Europe/Berlin 30 2 * * *"
        assert (schedule.destination, schedule.body) == (f"{HERE}/schedule", body)
        assert (schedule.label, schedule.queue, schedule.method) == (name, name, "PATCH")
        assert (schedule.retries, schedule.delay, schedule.paused) == (7, 90, False)
        assert schedule.retry_delay_expression == "1000 * (1 + retried)"
        assert schedule.callback == f"{HERE}/callback"
        assert schedule.callback_headers == {"X-Kind": ["callback"]}
        assert schedule.failure_callback_headers == {"X-Kind": ["failure"]}
        assert schedule.headers["X-Secret"][0].startswith("REDACTED:")
        assert schedule.flow_control.parallelism == 1
        assert schedule.next_schedule_time > time.time() * 1000
    assert [one.schedule_id for one in client.schedule.list()] == [name]
    client.schedule.pause(name)
    assert client.schedule.get(name).paused
    client.schedule.resume(name)
    assert not client.schedule.get(name).paused
    client.schedule.delete(name)
    refused(QStashError, lambda: client.schedule.get(name))
    bad = refused(QStashError, lambda: client.schedule.create(destination=HERE, cron="never"))
    assert "Invalid cron expression" in str(bad)


def url_groups(client):
    name = fresh("group")
    client.url_group.delete(name)
    client.url_group.upsert_endpoints(
        name, endpoints=[{"url": f"{HERE}/group/1", "name": "one"}, {"url": f"{HERE}/group/2"}]
    )
    group = client.url_group.get(name)
    assert [endpoint.name for endpoint in group.endpoints] == ["one", None]
    assert name in [one.name for one in client.url_group.list()]
    published = client.message.publish_json(url_group=name, body={"n": 1})
    assert len(published) == 2
    for one in published:
        assert delivered(one.message_id)[2]["Upstash-Topic-Name"] == name
    client.url_group.remove_endpoints(name, endpoints=[{"name": "one"}])
    assert len(client.url_group.get(name).endpoints) == 1
    client.url_group.delete(name)
    refused(QStashError, lambda: client.url_group.get(name))
    unknown = refused(QStashError, lambda: client.message.publish(url_group=name, body="x"))
    assert f"topic {name} not found" in str(unknown)


def flow_control(client):
    key = fresh("flow")
    client.flow_control.pause(key)
    published = client.message.publish(
        url=f"{HERE}/flow", body="x", flow_control={"key": key, "parallelism": 1}
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
    assert client.flow_control.get_global_parallelism().parallelism_max > 0


def rotates_keys(client):
    before = client.signing_key.get()
    receiver = Receiver(current_signing_key=before.current, next_signing_key=before.next)
    after = client.signing_key.rotate()
    assert after.current == before.next and after.next not in (before.current, before.next)
    url = f"{HERE}/rotated"
    published = client.message.publish(url=url, body="x")
    _, _, headers, body = delivered(published.message_id)
    # The receiver still holds the pair of before: its next key is the current one now.
    signed = {"signature": headers["Upstash-Signature"], "body": body.decode(), "url": url}
    receiver.verify(**signed)
    for changed in ({"body": "y"}, {"url": url + "x"}, {"signature": signed["signature"][:-2] + "AA"}):
        refused(SignatureError, lambda: receiver.verify(**{**signed, **changed}))


def tells_the_limits_of_a_plan(client):
    free = clients(FREE, retry=False)["sync"]
    element = {"url": ELSEWHERE, "body": "x", "delay": "1h"}
    far = refused(QStashError, lambda: free.message.publish(**{**element, "delay": "8d"}))
    assert "quota maxDelay exceeded, current limit: 604800" in str(far)
    try:
        assert len(free.message.batch([element] * 1000)) == 1000
    except DailyMessageLimitExceededError:
        pass  # The other client was here before.
    limit = refused(DailyMessageLimitExceededError, lambda: free.message.publish(**element))
    assert (limit.limit, limit.remaining) == ("1000", "0")
    assert int(limit.reset) > time.time()


def refuses_a_wrong_token(client):
    for stranger in clients(token="wrong", retry=False).values():
        reason = refused(QStashError, lambda: stranger.schedule.list())
        assert "401" in str(reason) and "unable to authenticate: invalid token" in str(reason)


LAWS = [
    queues,
    schedules,
    url_groups,
    flow_control,
    rotates_keys,
    tells_the_limits_of_a_plan,
    refuses_a_wrong_token,
]
