"""Whether the service is well: for a machine that watches it, and for the page of health.

Nothing of any call is looked at; what is told is about the record, the disk, the time and the
program.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from answerable.console.language import _
from answerable.console.serve.check import Check, Found, worst
from answerable.console.serve.settings import Health
from answerable.kernel.hub import QUEUE_MAX
from answerable.kernel.store import CannotRecord, CommitFailed

if TYPE_CHECKING:
    from answerable.console.front import Front

MB = 1024 * 1024
PLENTY = 4
"""So many times the least free space, and there is nothing to watch."""
LAG_S = 1.0
JUMPED_S = 3600
"""A jump of the clock is shown for an hour."""


def checks(front: Front) -> list[Check]:
    """Return every check, the gravest matters first."""
    limits = front.service.settings.health if front.service else Health()
    found = [_record(front), _disk(front, limits)]
    if front.demo is None:
        found.append(_alarms(front, limits))
    found += [_clock(front, limits), _loop(front)] if front.service else []
    return [*found, *(check() for check in front.checks)]


def ready(front: Front) -> tuple[bool, dict[str, Any]]:
    """Return whether the centre can take calls, and all checks as JSON has them."""
    found = checks(front)
    well = worst(found) is not Found.UNWELL
    told = []
    for check in found:
        means, instead = check.said()
        told.append({"name": check.name, "found": check.found, "means": means, "instead": instead})
    return well, {"ready": well, "checks": told}


def _record(front: Front) -> Check:
    if front.hub.broken:
        return Check(
            name="record", found=Found.UNWELL,
            means=_("The record failed ({why}); nothing is taken."),
            values={"why": front.hub.broken},
            instead=_("The service starts again by itself; look at the disk if it does not."),
        )  # fmt: skip
    try:
        front.hub.store.ready()
    except (CannotRecord, CommitFailed) as refusal:
        return Check(
            name="record", found=Found.UNWELL,
            means=_("The record takes nothing: {why}"), values={"why": str(refusal)},
            instead=_("Do that first; nothing that was acknowledged is lost."),
        )  # fmt: skip
    return Check(
        name="record", found=Found.WELL, means=_("The record takes what is sent to it."),
    )  # fmt: skip


def _disk(front: Front, limits: Health) -> Check:
    path: Path | None = getattr(front.hub.store, "path", None)
    if path is None:
        return Check(name="disk", found=Found.WELL, means=_("The record is not on a disk."))
    place = os.statvfs(path.parent)
    free_mb = place.f_bavail * place.f_frsize // MB
    values: dict[str, object] = {"free_mb": free_mb, "least_mb": limits.disk_free_mb}
    if place.f_flag & os.ST_RDONLY:
        return Check(
            name="disk", found=Found.UNWELL, means=_("The disk has become read-only."),
            instead=_("Look at the system log for disk errors."),
        )  # fmt: skip
    if free_mb < limits.disk_free_mb:
        return Check(
            name="disk", found=Found.UNWELL, values=values,
            means=_("{free_mb} MB are free; below {least_mb} MB it is nearly full."),
            instead=_("Free some space, or move the record to a larger disk."),
        )  # fmt: skip
    if free_mb < limits.disk_free_mb * PLENTY:
        return Check(
            name="disk", found=Found.WATCH, values=values, means=_("{free_mb} MB are free."),
            instead=_("See to more space before it falls below {least_mb} MB."),
        )  # fmt: skip
    return Check(name="disk", found=Found.WELL, values=values, means=_("{free_mb} MB are free."))


def _alarms(front: Front, limits: Health) -> Check:
    due_us = front.hub.next_alarm_us()
    late_s = 0.0 if due_us is None else (front.now_us() - due_us) / 1_000_000
    if late_s > limits.alarm_late_s:
        return Check(
            name="alarms", found=Found.UNWELL, values={"late_s": f"{late_s:.1f}"},
            means=_("An alarm has been due for {late_s} s and has not rung."),
            instead=_("Look at the log; keep the promises by hand until the service is well."),
        )  # fmt: skip
    return Check(name="alarms", found=Found.WELL, means=_("Alarms ring on time."))


def _clock(front: Front, limits: Health) -> Check:
    assert front.service is not None
    watch, ahead_s = front.service.clock_watch, front.service.ahead_s()
    if ahead_s > 1.0:
        return Check(
            name="clock", found=Found.UNWELL if ahead_s > limits.clock_off_s else Found.WATCH,
            values={"ahead_s": f"{ahead_s:.0f}"},
            means=_("The record's time is {ahead_s} s ahead of the machine's clock."),
            instead=_("See to the machine's time service; durations and alarms are right."),
        )  # fmt: skip
    last = watch.last if watch else None
    if last is not None and front.now_us() - last.at_us < JUMPED_S * 1_000_000:
        return Check(
            name="clock", found=Found.WATCH, values={"by_s": f"{last.by_s:+.1f}"},
            means=_("The machine's clock was set by {by_s} s within the last hour."),
            instead=_("See to the machine's time service."),
        )  # fmt: skip
    return Check(name="clock", found=Found.WELL, means=_("The machine's clock runs evenly."))


def _loop(front: Front) -> Check:
    assert front.service is not None
    lag_s, waiting = front.service.pulse.lag_s, front.service.waiting()
    if lag_s > LAG_S or waiting > QUEUE_MAX // 2:
        return Check(
            name="load", found=Found.WATCH, values={"lag_s": f"{lag_s:.1f}", "waiting": waiting},
            means=_("The program was {lag_s} s behind; {waiting} commands are waiting."),
            instead=_("Look at what else this machine is doing."),
        )  # fmt: skip
    return Check(name="load", found=Found.WELL, means=_("The program answers at once."))
