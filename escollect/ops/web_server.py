"""The web process: daphne on one port, the same in the embedded and in the production shape."""

import gc
import http.client
import socket
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

# First of all: daphne installs the reactor that Twisted must use.
from escollect.ops.websocket import OurServer  # isort: skip

from channels.routing import get_default_application
from django.conf import settings

MESSAGE_BYTES = 32 * 1024
PING_SECONDS = 15
PONG_SECONDS = 30
BACKLOG = 2048
ANSWER_SECONDS = 60.0
GC_THRESHOLD = 50_000
SWITCH_SECONDS = 0.0005


class PortInUse(Exception):
    """Something else listens on the port."""


def check_port(host: str, port: int) -> None:
    """Raise `PortInUse` with what to do when the port cannot be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"PORT {port} on {host} is not free ({error.strerror}). Set PORT to another number."
            raise PortInUse(message) from error


def run(host: str, port: int, *, behind_proxy: bool, on_answer: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `on_answer` is called (from a thread) once /healthz answers.

    `behind_proxy` takes the client's address and scheme from the X-Forwarded headers, which is only right
    when a proxy of ours sets them.
    """

    def watch() -> None:
        server.use_our_sockets()
        threading.Thread(target=_announce, args=(host, port, on_answer), daemon=True).start()

    server = OurServer(
        application=get_default_application(),
        endpoints=[f"tcp:port={port}:interface={host}:backlog={BACKLOG}"],
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        websocket_timeout=-1,
        websocket_max_message_size=MESSAGE_BYTES,
        websocket_max_frame_size=MESSAGE_BYTES,
        proxy_forwarded_address_header="X-Forwarded-For" if behind_proxy else None,
        proxy_forwarded_proto_header="X-Forwarded-Proto" if behind_proxy else None,
        server_name="escollect",
        verbosity=0,
        ready_callable=watch,
    )
    # What was loaded so far lives as long as the process: the collector need not look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    # The thread that stores must not wait 5 ms for the loop after each answer of the database.
    sys.setswitchinterval(SWITCH_SECONDS)
    server.run()


def _announce(host: str, port: int, on_answer: Callable[[], None]) -> None:
    address = "127.0.0.1" if host == "0.0.0.0" else host
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        if _answers(address, port):
            on_answer()
            return
        time.sleep(0.05)


def _answers(address: str, port: int) -> bool:
    public = urlsplit(settings.PUBLIC_URL)
    headers = {"Host": public.netloc, "X-Forwarded-Proto": public.scheme}
    connection = http.client.HTTPConnection(address, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers=headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
