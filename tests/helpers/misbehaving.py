"""An endpoint on loopback that misbehaves on demand, over real sockets.

A `Fault` gets the connection and does with it what it likes: drip, hang, cut,
reset. Nothing here knows of the client under test.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CANARY = "sk-canary-7f3a9c51d2"
"""The key that every test uses and that must never be seen again."""


@dataclass
class Heard:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: Any


Fault = Callable[[asyncio.StreamWriter, Heard], Awaitable[None]]


@dataclass
class Endpoint:
    """A server whose answers are scripted: one for each chat request, the last one for the rest."""

    script: list[Fault] = field(default_factory=list)
    models: tuple[str, ...] = ("tiny",)
    heard: list[Heard] = field(default_factory=list)
    url: str = ""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def chats(self) -> list[Heard]:
        """The chat requests so far."""
        return [one for one in self.heard if one.path.endswith("/chat/completions")]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                heard = await self._read(reader)
                self.heard.append(heard)
                if heard.path.endswith("/models"):
                    listed = {"data": [{"id": name} for name in self.models]}
                    await respond(json.dumps(listed).encode())(writer, heard)
                    continue
                self.arrived.set()
                fault = self.script[min(len(self.chats), len(self.script)) - 1]
                await fault(writer, heard)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.hung_up.set()
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Heard:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (s.partition(":") for s in lines)
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Heard(first.split()[1], headers, json.loads(body) if body else None)


class Running:
    """An endpoint for the time of an `async with`."""

    async def __aenter__(self) -> Endpoint:
        self.connections: set[asyncio.Task[None]] = set()
        one = Endpoint()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(one.serve(reader, writer))
            self.connections.add(task)

        self.server = await asyncio.start_server(connected, "127.0.0.1", 0)
        one.url = f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}/v1"
        return one

    async def __aexit__(self, *_: object) -> None:
        self.server.close()
        for task in self.connections:
            task.cancel()
        await asyncio.gather(*self.connections, return_exceptions=True)


def completion(text: str = "hello", **more: Any) -> bytes:
    """A good body."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    return json.dumps({"choices": [choice], "model": "tiny", "usage": usage, **more}).encode()


def events(*pieces: str, end: bool = True) -> bytes:
    """A good stream of text, or one without its end."""
    chunks: list[Any] = [{"choices": [{"index": 0, "delta": {"content": one}}]} for one in pieces]
    if end:
        chunks += [
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": len(pieces)}},
        ]
    text = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks)
    return (text + ("data: [DONE]\n\n" if end else "")).encode()


def head(
    status: int = 200, headers: Mapping[str, str] | None = None, kind: str = "application/json"
) -> bytes:
    """A status line and headers."""
    lines = {"content-type": kind, **(headers or {})}
    rest = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Whatever\r\n{rest}\r\n".encode()


def respond(body: bytes, status: int = 200, **headers: str) -> Fault:
    """Answer properly, with whatever this is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        writer.write(head(status, {"content-length": str(len(body)), **named}) + body)
        await writer.drain()

    return fault


def good(text: str = "hello") -> Fault:
    """Answer as a good endpoint does, streaming or not, with or without a schema."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        if heard.body.get("stream"):
            await stream(events(*text.split(" ")))(writer, heard)
        else:
            await respond(completion(text))(writer, heard)

    return fault


def stream(body: bytes, then: Fault | None = None) -> Fault:
    """Stream this; then end the connection, or do something else."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        writer.write(head(headers={"connection": "close"}, kind="text/event-stream") + body)
        await writer.drain()
        await (then or close)(writer, heard)

    return fault


def raw(body: bytes, then: Fault | None = None) -> Fault:
    """Write these bytes, then end the connection, or do something else."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        writer.write(body)
        await writer.drain()
        await (then or close)(writer, heard)

    return fault


async def close(writer: asyncio.StreamWriter, heard: Heard) -> None:
    """End the connection."""
    raise ConnectionAbortedError


async def half_close(writer: asyncio.StreamWriter, heard: Heard) -> None:
    """Send no more, but go on listening."""
    writer.write_eof()
    await hang(writer, heard)


async def reset(writer: asyncio.StreamWriter, heard: Heard) -> None:
    """Tear the connection down with an RST."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise ConnectionAbortedError


async def hang(writer: asyncio.StreamWriter, heard: Heard) -> None:
    """Say nothing for ever."""
    await asyncio.get_running_loop().create_future()


def drip(body: bytes, every: float = 0.02) -> Fault:
    """One byte at a time."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        writer.write(head(headers={"content-length": str(len(body))}))
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(every)

    return fault


def flood(chunk: bytes, times: int, kind: str = "application/json") -> Fault:
    """More than anyone wants, without saying how much."""

    async def fault(writer: asyncio.StreamWriter, heard: Heard) -> None:
        writer.write(head(headers={"connection": "close"}, kind=kind))
        for _ in range(times):
            writer.write(chunk)
            await writer.drain()
        await close(writer, heard)

    return fault
