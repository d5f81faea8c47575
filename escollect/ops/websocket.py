"""daphne's side of a socket: close codes of ours, little work a frame, a line that can be full.

The application finds the line of its socket in the scope's extensions.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.defer import Deferred

from escollect.domain.codes import Close
from escollect.infra import line
from escollect.infra.draining import drain
from escollect.ops.frames import read_text, write_text

CLOSES = {
    WebSocketProtocol.CLOSE_STATUS_CODE_PROTOCOL_ERROR: Close.ABUSE,
    WebSocketProtocol.CLOSE_STATUS_CODE_INVALID_PAYLOAD: Close.ABUSE,
    WebSocketProtocol.CLOSE_STATUS_CODE_MESSAGE_TOO_BIG: Close.ABUSE,
    WebSocketProtocol.CLOSE_STATUS_CODE_INTERNAL_ERROR: Close.INTERNAL,
}
"""What the websocket layer closes with on its own, in the codes that our clients know."""
PAGE_SECONDS = 5.0
"""How long a page may take that was asked for before the end began."""
CUT_SECONDS = 2.0


class _Flush:
    """The sockets with something to send when this turn of the loop is over; one call for all of them."""

    def __init__(self) -> None:
        self._sockets: list[OurWebSocket] = []

    def add(self, one: OurWebSocket) -> None:
        if not self._sockets:
            asyncio.get_running_loop().call_soon(self._run)
        self._sockets.append(one)

    def _run(self) -> None:
        sockets, self._sockets = self._sockets, []
        for one in sockets:
            one.flush()


_flush = _Flush()


class OurWebSocket(WebSocketProtocol):  # type: ignore[misc]  # daphne has no types
    """A socket of the live protocol.

    Its every close has a code of ours, however broken the frame was. It is the line of its application, and
    the producer that Twisted asks to pause when the client does not read. Where autobahn describes every
    packet in words that nobody logs, it does not.
    """

    on_drain: Callable[[], None] | None = None
    on_text: Callable[[str], bool] | None = None
    full = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gathered: list[bytes] = []

    def sendCloseFrame(  # noqa: N802  the layer's name
        self,
        code: int | None = None,
        reasonUtf8: bytes | None = None,  # noqa: N803
        isReply: bool = False,  # noqa: N803
    ) -> None:
        """Send the close; called by the layer below for what it refuses itself."""
        self.flush()
        # A producer that is paused would keep the connection open.
        self.transport.unregisterProducer()
        ours = code if code is None or isReply else int(CLOSES.get(code, code))
        super().sendCloseFrame(code=ours, reasonUtf8=reasonUtf8, isReply=isReply)

    def onOpen(self) -> None:  # noqa: N802
        """Take the place of the HTTP channel, which stops reading when the client does."""
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)
        super().onOpen()

    def push(self, text: str) -> bool:
        """Send a text at once; False when the line is full from now on."""
        if self.state == self.STATE_OPEN:
            if not self.gathered:
                _flush.add(self)
            self.gathered.append(write_text(text))
        return not self.full

    def flush(self) -> None:
        """Send what one turn of the loop gathered, past the reactor while nothing waits in the transport."""
        data, self.gathered = b"".join(self.gathered), []
        transport = self.transport
        if self.state != self.STATE_OPEN:
            return
        if transport.connected and not transport.dataBuffer and not transport._tempDataBuffer:  # noqa: SLF001
            sent = transport.writeSomeData(data)
            # A broken connection is for the reactor to find out.
            data = data[sent:] if isinstance(sent, int) else data
        if data:
            transport.write(data)

    def pauseProducing(self) -> None:  # noqa: N802
        """Twisted: the client does not read."""
        self.full = True

    def resumeProducing(self) -> None:  # noqa: N802
        """Twisted: everything was sent."""
        self.full = False
        if self.on_drain is not None:
            self.on_drain()

    def stopProducing(self) -> None:  # noqa: N802
        """Twisted: the connection is lost; the application is told by daphne."""
        self.on_drain = self.on_text = None

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Read what came: plain texts here, anything else in the layer below."""
        at = 0
        while self._is_between_messages() and (found := read_text(data, at)) is not None:
            text, at = found
            self._take(text)
        if at < len(data):
            self._dataReceived(data[at:])

    def _is_between_messages(self) -> bool:
        return (
            self.state == self.STATE_OPEN
            and not self.data
            and self.current_frame is None
            and not self.inside_message
        )

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        """Hand a frame to the application."""
        if isBinary:
            super().onMessage(payload, isBinary)
        else:
            self._take(payload.decode())

    def _take(self, text: str) -> None:
        if self.muted:
            return
        self.last_ping = time.time()
        if self.on_text is None or not self.on_text(text):
            self.application_queue.put_nowait({"type": "websocket.receive", "text": text})


class OurServer(Server):  # type: ignore[misc]
    """daphne with sockets of ours; the scope of each has its line.

    At the end it takes no new connections, says goodbye to the sockets and lets pages be finished, in this
    order; daphne itself would cut everything at once.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.ports: list[Any] = []

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Make the application of a connection."""
        if scope["type"] == "websocket":
            scope["extensions"] = {line.EXTENSION: protocol}
        return super().create_application(protocol, scope)

    def use_our_sockets(self) -> None:
        """To be called when the factory is there, before the first connection."""
        self.ws_factory.protocol = OurWebSocket
        # A dropped connection would look like a bad line, and the client would come back for ever.
        self.ws_factory.setProtocolOptions(failByDrop=False)

    def listen_success(self, port: Any) -> None:
        """Remember a port that is listened on."""
        super().listen_success(port)
        self.ports.append(port)

    def kill_all_applications(self) -> Deferred[None]:
        """Called before the reactor stops, which waits for the result."""
        return Deferred.fromFuture(asyncio.ensure_future(self._end()))

    async def _end(self) -> None:
        for port in self.ports:
            port.stopListening()
        await drain()
        await self._wait(PAGE_SECONDS)
        for task in self._get_running():
            task.cancel()
        await self._wait(CUT_SECONDS)

    async def _wait(self, seconds: float) -> None:
        running = self._get_running()
        if running:
            await asyncio.wait(running, timeout=seconds)

    def _get_running(self) -> list[asyncio.Future[Any]]:
        found = [details.get("application_instance") for details in self.connections.values()]
        return [task for task in found if task is not None and not task.done()]
