"""The official Python SDK as publisher and receiver, with its plain and its asynchronous client.
Exits 0 when every promise holds and every method and parameter of the SDK was used."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "python"))
sys.dont_write_bytecode = True

import coverage  # noqa: E402
import messages  # noqa: E402
import settings  # noqa: E402
import stage  # noqa: E402

coverage.watch_all()
for kind, client in stage.clients().items():
    for law in messages.LAWS + settings.LAWS:
        try:
            law(client)
        except BaseException:
            print(f"{law.__name__} does not hold with the {kind} client", file=sys.stderr)
            raise
print(f"the Python SDK is satisfied: {coverage.assert_all_was_used()} methods")
