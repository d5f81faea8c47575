"""The fault proxy breaks what it says it breaks."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.support.processes import free_port
from tests.support.proxy import FaultProxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that says back what it hears."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer(line: socket.socket) -> None:
            with line:
                while data := line.recv(4096):
                    line.sendall(data)

        def serve() -> None:
            while True:
                try:
                    line, _address = server.accept()
                except OSError:
                    return
                threading.Thread(target=_quietly, args=(answer, line), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def _quietly(answer: object, line: socket.socket) -> None:
    try:
        answer(line)  # type: ignore[operator]
    except OSError:
        return


@pytest.fixture
def proxy(echo: int) -> Iterator[FaultProxy]:
    """A proxy in front of it, with a second backend that nobody listens on."""
    built = FaultProxy([echo, free_port()])
    yield built
    built.stop()


def dial(proxy: FaultProxy) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", proxy.port), timeout=5)
    line.sendall(b"hello")
    assert line.recv(100) == b"hello"
    return line


def test_a_backend_that_refuses_is_passed_over(proxy: FaultProxy) -> None:
    for _time in range(6):
        dial(proxy).close()


def test_a_reset_is_an_error_for_the_client_and_new_lines_work(proxy: FaultProxy) -> None:
    with dial(proxy) as line:
        proxy.reset(1.0)
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert proxy.broken == 1
    dial(proxy).close()


def test_a_half_open_line_swallows_everything_until_the_network_heals(proxy: FaultProxy) -> None:
    with dial(proxy) as line:
        proxy.freeze(1.0)
        line.sendall(b"anybody?")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.recv(100)
        dial(proxy).close()
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            line.recv(100)


def test_a_slow_reader_gets_everything_slowly(proxy: FaultProxy) -> None:
    with dial(proxy) as line:
        proxy.slow_down(1.0, 1000.0)
        began = time.monotonic()
        line.sendall(b"x" * 300)
        received = b""
        while len(received) < 300:
            received += line.recv(100)
        assert time.monotonic() - began > 0.25


def test_a_muted_line_carries_what_is_sent_and_swallows_what_comes_back(proxy: FaultProxy) -> None:
    with dial(proxy) as line:
        proxy.mute(1.0)
        line.sendall(b"anybody?")
        line.settimeout(0.3)
        with pytest.raises(TimeoutError):
            line.recv(100)
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            line.recv(100)


def ask(proxy: FaultProxy, head: bytes) -> bytes:
    """What comes back for the head of a request; b"" when the line is cut."""
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as line:
        line.sendall(head)
        return line.recv(100)


def test_blocked_websockets_are_refused_to_one_host_while_requests_get_through(proxy: FaultProxy) -> None:
    upgrade = b"GET / HTTP/1.1\r\nHost: here:80\r\nUpgrade: websocket\r\n\r\n"
    plain, other = b"GET / HTTP/1.1\r\nHost: here:80\r\n\r\n", upgrade.replace(b"here", b"there")
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as line:
        line.sendall(upgrade)
        assert line.recv(100) == upgrade
        proxy.block_sockets("here")
        with pytest.raises(ConnectionResetError):
            line.recv(100)
    assert ask(proxy, upgrade).startswith(b"HTTP/1.1 403 ")
    assert [ask(proxy, plain), ask(proxy, other)] == [plain, other]
    proxy.heal()
    assert ask(proxy, upgrade) == upgrade
