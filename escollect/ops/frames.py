"""Websocket frames in bytes (RFC 6455, section 5.2), as far as nearly all of ours need it."""

from __future__ import annotations

import struct

TEXT = 0x81
"""The first byte of a text frame that is whole: FIN, no extension, opcode 1."""
MASKED = 0x80
SHORT, MEDIUM = 126, 1 << 16
LONG = 127
KEY_BYTES = 4
LIMIT = 16 * 1024
"""Larger frames are refused anyway, so nobody needs them fast."""


def write_text(text: str) -> bytes:
    """An unmasked text frame, as a server sends it."""
    payload = text.encode()
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < MEDIUM:
        return struct.pack("!BBH", TEXT, SHORT, size) + payload
    return struct.pack("!BBQ", TEXT, LONG, size) + payload


def read_text(data: bytes, at: int) -> tuple[str, int] | None:
    """The text of the frame at byte `at` and where the next one begins.

    None unless that is a whole, masked text frame of at most 16 KiB in valid UTF-8: whatever else it is,
    somebody who knows all of the protocol has to look at it.
    """
    if len(data) < at + 2 or data[at] != TEXT:
        return None
    size, start = data[at + 1] - MASKED, at + 2
    if size == SHORT:
        size, start = int.from_bytes(data[start : start + 2]), start + 2
        if not SHORT <= size <= LIMIT:
            return None
    elif not 0 <= size < SHORT:
        return None
    begin = start + KEY_BYTES
    end = begin + size
    if len(data) < end:
        return None
    key = data[start:begin] * (size // KEY_BYTES + 1)
    plain = int.from_bytes(data[begin:end]) ^ int.from_bytes(key[:size])
    try:
        return plain.to_bytes(size).decode(), end
    except UnicodeDecodeError:
        return None
