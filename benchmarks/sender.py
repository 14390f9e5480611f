"""The assignment's sender: one plain loop that posts messages to one peer, for some seconds.

`python -m benchmarks.sender URL SECONDS [session]`. Each message is one `requests.post` to the
peer's `/message`, and the next begins when it has its answer. With `session` it is one
`requests.Session` for all, which is what somebody writes who has read further. It prints what
it did as JSON: how many messages were answered with 200, the seconds and its own CPU time.
"""

import json
import sys
import time

import requests


def main() -> None:
    """Send until the time is over."""
    url, seconds = sys.argv[1], float(sys.argv[2])
    ask = requests.Session().post if "session" in sys.argv[3:] else requests.post
    sent = 0
    cpu, began = time.process_time(), time.perf_counter()
    while time.perf_counter() - began < seconds:
        body = {"sender": "Node1", "msg": f"message {sent}"}
        sent += ask(f"{url}/message", json=body, timeout=5).ok
    took = time.perf_counter() - began
    print(json.dumps({"sent": sent, "seconds": took, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
