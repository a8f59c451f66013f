"""What the official receiver says of tokens: `receiver.py CASES CURRENT NEXT` prints a list."""

import json
import sys

from qstash import Receiver

path, current, following = sys.argv[1:]
receiver = Receiver(current_signing_key=current, next_signing_key=following)


def believes(request):
    try:
        receiver.verify(**request)
    except Exception:
        return False
    return True


with open(path, encoding="utf-8") as file:
    print(json.dumps([believes(request) for request in json.load(file)]))
