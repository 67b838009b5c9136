"""The service report: how long callers waited, by group of kinds and by final priority.

Definitions (the published reference tables' own): a call's received, opened, dispatched and first
arrival are the earliest of its rows; quantiles interpolate linearly over the calls where both
times exist, in seconds; the shares within 5 and 10 minutes are of calls with an arrival, the share
dispatched within 2 minutes is of all calls; shares are rounded to four places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.float64]


class CallFact(msgspec.Struct, frozen=True, gc=False):
    """One call as the measures need it. Times are UTC microseconds, None where there is none."""

    call: str
    group: str
    priority: str
    received_us: int | None
    opened_us: int | None
    dispatched_us: int | None
    arrived_us: int | None
    unit_rows: int


class ServiceRow(msgspec.Struct, frozen=True):
    """One row of the service report; the field names are the reference's column names.

    A quantile or share of no calls at all is None.
    """

    call_type_group: str
    final_priority: str
    calls: int
    unit_rows: int
    calls_with_arrival: int
    p50_received_entry_s: float | None
    p50_entry_dispatch_s: float | None
    p90_received_dispatch_s: float | None
    p50_received_first_arrival_s: float | None
    p90_received_first_arrival_s: float | None
    share_arrival_within_5min: float | None
    share_within_10min: float | None
    share_dispatch_within_2min: float | None


def service_report(calls: Iterable[CallFact]) -> list[ServiceRow]:
    """Return the report over ``calls``, ordered by group, then priority."""
    cells: dict[tuple[str, str], list[CallFact]] = {}
    for call in calls:
        cells.setdefault((call.group, call.priority), []).append(call)
    return [_row(*cell, cells[cell]) for cell in sorted(cells)]


def _row(group: str, priority: str, calls: Sequence[CallFact]) -> ServiceRow:
    received, opened, sent, arrived = (
        np.array([np.nan if t is None else t for t in times], np.float64)
        for times in zip(
            *((c.received_us, c.opened_us, c.dispatched_us, c.arrived_us) for c in calls),
            strict=True,
        )
    )
    # Microseconds since 1970 are exact in float64; seconds with a fraction would not be.
    to_dispatch, to_arrival = (sent - received) / 1e6, (arrived - received) / 1e6
    return ServiceRow(
        call_type_group=group,
        final_priority=priority,
        calls=len(calls),
        unit_rows=sum(call.unit_rows for call in calls),
        calls_with_arrival=int(np.count_nonzero(~np.isnan(arrived))),
        p50_received_entry_s=_quantile((opened - received) / 1e6, 0.5),
        p50_entry_dispatch_s=_quantile((sent - opened) / 1e6, 0.5),
        p90_received_dispatch_s=_quantile(to_dispatch, 0.9),
        p50_received_first_arrival_s=_quantile(to_arrival, 0.5),
        p90_received_first_arrival_s=_quantile(to_arrival, 0.9),
        share_arrival_within_5min=_share(_known(to_arrival), 300),
        share_within_10min=_share(_known(to_arrival), 600),
        share_dispatch_within_2min=_share(to_dispatch, 120),
    )


def _known(seconds: Seconds) -> Seconds:
    return seconds[~np.isnan(seconds)]


def _quantile(seconds: Seconds, q: float) -> float | None:
    """Return a linear quantile of the known values, or None when there are none."""
    known = _known(seconds)
    return float(np.quantile(known, q, method="linear")) if len(known) else None


def _share(seconds: Seconds, within_s: float) -> float | None:
    """Return the share of all values that are known and at most ``within_s``, to four places."""
    if not len(seconds):
        return None
    return round(float(np.count_nonzero(seconds <= within_s)) / len(seconds), 4)
