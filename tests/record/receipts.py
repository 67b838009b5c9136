"""A small record, and what its keeper hands out: openings, proofs, receipts, the whole log."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

from answerable.kernel.event import Row
from answerable.record.entry import back_of, entry_of, leaf_of, opening_of
from answerable.record.log.checkpoint import Checkpoint
from answerable.record.log.levels import Levels
from answerable.record.log.notes import Signer
from answerable.record.log.proofs import View
from answerable.record.log.tiles import TILE_WIDTH, Tile, bundle, tiles_of
from answerable.record.log.tlog_proof import TlogProof
from answerable.record.verify import RECEIPT


def row_of(position: int) -> Row:
    body = json.dumps({"call": f"c{position}", "line": "7"}, separators=(",", ":")).encode()
    cut = body.index(b',"line"')
    veil = hashlib.sha256(b"veil%d" % position).digest()
    stream, key = f"call:c{position}", f"key-{position}"
    return Row(position, stream, "intake.CallRung", 1, 9, 9, "lee", key, 1, body, cut, veil)


class Receipts:
    """The keeper of a record."""

    def __init__(self, folder: Path, events: int, signer: Signer) -> None:
        self.folder = folder
        self.rows = [row_of(position) for position in range(1, events + 1)]
        self.nodes = Levels(b"".join(map(leaf_of, self.rows)))
        self.view = View(self.nodes, events)
        self.note = signer.sign(Checkpoint(signer.verifier.name, events, self.view.root).text)

    def proof(self, position: int, *, extra: bool = False) -> Path:
        path = self.folder / f"{position}.tlog-proof"
        entry = entry_of(self.rows[position - 1]) if extra else b""
        path.write_bytes(self._proof(position, entry))
        return path

    def _proof(self, position: int, extra: bytes = b"") -> bytes:
        path = tuple(self.view.inclusion(position - 1))
        return TlogProof(position - 1, path, self.note, extra).packed

    def write(self, positions: list[int]) -> Path:
        """Write a receipt of some positions."""
        path = self.folder / f"receipt-{'-'.join(map(str, positions))}.json"
        openings = [self.opening(position) for position in positions]
        path.write_text(json.dumps({"format": RECEIPT, "version": 1, "openings": openings}))
        return path

    def opening(self, position: int) -> dict[str, object]:
        row = self.rows[position - 1]
        back = hashlib.sha256(row.veil[16:] + back_of(row)).digest()
        return {
            "position": position,
            "salt": base64.b64encode(row.veil[:16]).decode(),
            "opening": opening_of(row).decode(),
            "back": base64.b64encode(back).decode(),
            "proof": self._proof(position).decode(),
        }

    def lay(self) -> Path:
        """Lay the whole log down in a folder."""
        log = self.folder / "log"
        for tile in tiles_of(len(self.rows)):
            self._put(log, tile, bytes(self.nodes.row(8 * tile.level))
                      [tile.index * 8192 :][: tile.width * 32])  # fmt: skip
            if tile.level == 0:
                rows = self.rows[tile.index * TILE_WIDTH :][: tile.width]
                self._put(log, Tile(None, tile.index, tile.width), bundle(map(entry_of, rows)))
        (log / "checkpoint").write_bytes(self.note)
        return log

    @staticmethod
    def _put(log: Path, tile: Tile, data: bytes) -> None:
        path = log / "tile" / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
