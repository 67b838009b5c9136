"""How long the pages take: each asked for again and again, while the town has open incidents."""

from __future__ import annotations

from answerable.console.bench.closed import percentiles
from answerable.console.bench.wire import BenchRefused, Line, Target

PAGES = ("/board", "/board/map", "/units", "/standards", "/record", "/incidents/{incident}",
         "/api/board", "/api/incidents/{incident}", "/api/events?after=0&limit=100")  # fmt: skip


def page_times(target: Target, incident: str, times: int) -> dict[str, object]:
    """Return the time of each page over one connection. Raises BenchRefused."""
    line = Line(target)
    told: dict[str, object] = {}
    try:
        for page in PAGES:
            request = target.request("GET", page.format(incident=incident))
            took = []
            for _ in range(times):
                answer = line.ask(request)
                if answer.status != 200:
                    raise BenchRefused(
                        f"Not measured. {page} answered {answer.status}: {answer.body[:160]!r}. "
                        "Look at the server's log."
                    )
                took.append(answer.took_s)
            numbers = percentiles(took)
            told[page] = {"p50_ms": numbers["p50_ms"], "p99_ms": numbers["p99_ms"],
                          "bytes": len(answer.body)}  # fmt: skip
    finally:
        line.close()
    return told
