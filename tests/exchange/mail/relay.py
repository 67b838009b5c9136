"""A relay that listens on the loopback and speaks enough SMTP (RFC 5321) to be handed a letter."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Takes letters, or refuses them with a line: ``refuses`` names the verb and the answer."""

    refuses: dict[str, str] = field(default_factory=dict)
    letters: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _peer = self._socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as wire:
                self._talk(wire)

    def _talk(self, wire) -> None:
        def say(line: str) -> None:
            wire.write(f"{line}\r\n".encode())
            wire.flush()

        say("220 here")
        while line := wire.readline():
            said = line.decode().strip()
            self.heard.append(said)
            verb = said.partition(" ")[0].upper()
            if verb in self.refuses:
                say(self.refuses[verb])
            elif verb == "DATA":
                say("354 go on")
                body = b""
                while (part := wire.readline()) != b".\r\n":
                    body += part
                self.letters.append(body)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")
