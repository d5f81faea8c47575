"""Frames in bytes: whole texts are read at once, and anything else is left to the full websocket layer."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.ops.frames import LIMIT, read_text, write_text

KEY = b"\x11\xa7\x00\xfe"


def mask(payload: bytes, key: bytes = KEY) -> bytes:
    return bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


def client_frame(payload: bytes, first: int = 0x81, key: bytes = KEY) -> bytes:
    """A masked frame, as a browser sends it."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, 0x80 | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, size)
    return head + key + mask(payload, key)


@given(
    texts=st.lists(st.text(max_size=400), max_size=4),
    key=st.binary(min_size=4, max_size=4),
    cut=st.integers(0),
)
def test_whole_texts_are_read_in_order_and_the_rest_is_left(texts: list[str], key: bytes, cut: int) -> None:
    frames = [client_frame(text.encode(), key=key) for text in texts]
    data = b"".join(frames)
    data = data[: cut % (len(data) + 1)]
    whole, size = 0, 0
    while whole < len(frames) and size + len(frames[whole]) <= len(data):
        size += len(frames[whole])
        whole += 1
    at, found = 0, []
    while (read := read_text(data, at)) is not None:
        text, at = read
        found.append(text)
    assert (found, at) == (texts[:whole], size)


@given(st.text(max_size=70_000))
def test_what_is_written_is_a_frame_of_that_text(text: str) -> None:
    data = write_text(text)
    payload = text.encode()
    head = {True: 2}.get(len(payload) < 126, 4 if len(payload) < 1 << 16 else 10)
    assert data[0] == 0x81
    assert data[head:] == payload
    sizes = {2: data[1], 4: int.from_bytes(data[2:4]), 10: int.from_bytes(data[2:10])}
    assert sizes[head] == len(payload)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81",
        client_frame(b"hello", first=0x01),
        client_frame(b"hello", first=0x80),
        client_frame(b"hello", first=0x82),
        client_frame(b"hello", first=0x88),
        client_frame(b"hello", first=0x89),
        client_frame(b"hello", first=0xC1),
        b"\x81\x05hello",
        client_frame(b"\xff\xfe"),
        client_frame(b"\xed\xa0\x80"),
        client_frame(b"\xc3"),
        struct.pack("!BBH", 0x81, 0x80 | 126, 5) + KEY + mask(b"hello"),
        client_frame(b"x" * (LIMIT + 1)),
        client_frame(b"x" * (1 << 16)),
    ],
    ids=[
        "nothing",
        "half-a-head",
        "first-of-several",
        "continuation",
        "binary",
        "close",
        "ping",
        "compressed",
        "unmasked",
        "no-utf-8",
        "surrogate",
        "cut-character",
        "long-size-for-a-short-text",
        "too-large",
        "eight-bytes-of-size",
    ],
)
def test_anything_else_is_for_the_layer_below(data: bytes) -> None:
    assert read_text(data, 0) is None


def test_the_largest_text_is_read() -> None:
    text = "x" * LIMIT
    assert read_text(client_frame(text.encode()), 0) == (text, LIMIT + 8)
