"""What the laws share: clients of the server under test, and a destination."""

import asyncio
import itertools
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from qstash import AsyncQStash, QStash

BASE = os.environ["QSTASH_URL"]
FREE = os.environ["QSTASH_FREE_URL"]
TOKEN = os.environ["QSTASH_TOKEN"]
CURRENT = os.environ["QSTASH_CURRENT_SIGNING_KEY"]
NEXT = os.environ["QSTASH_NEXT_SIGNING_KEY"]
# A destination that nothing is sent to within these tests.
ELSEWHERE = "http://later.example"
# Every delivery as it arrived: method, path, headers, body.
deliveries = []


class Destination(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        deliveries.append((self.command, self.path, self.headers, body))
        self.send_response(500 if self.path.startswith("/fails") else 200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"answer")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


destination = ThreadingHTTPServer(("127.0.0.1", 0), Destination)
threading.Thread(target=destination.serve_forever, daemon=True).start()
HERE = f"http://127.0.0.1:{destination.server_address[1]}"


class Waiting:
    """An asynchronous client whose methods are waited for, so that one law holds for both."""

    def __init__(self, part, loop):
        self._part, self._loop = part, loop

    def __getattr__(self, name):
        found = getattr(self._part, name)
        if not callable(found):
            return Waiting(found, self._loop)
        return lambda *args, **named: self._loop.run_until_complete(found(*args, **named))


def clients(base=BASE, token=TOKEN, **named):
    """A client of each kind, by its name."""
    asynchronous = AsyncQStash(token, base_url=base, **named)
    return {
        "sync": QStash(token, base_url=base, **named),
        "async": Waiting(asynchronous, asyncio.new_event_loop()),
    }


def eventually(what, probe):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited in vain: {what}")


def delivered(message_id):
    def find():
        for delivery in list(deliveries):
            if delivery[2]["Upstash-Message-Id"] == message_id:
                return delivery

    return eventually(f"delivery of {message_id}", find)


def refused(error, call):
    try:
        call()
    except error as reason:
        return reason
    raise AssertionError("was not refused")


counter = itertools.count()


def fresh(word):
    """A word that no other law uses."""
    return f"contract-py-{word}-{next(counter)}"
