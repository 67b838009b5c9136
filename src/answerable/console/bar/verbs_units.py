"""Verbs about units: sending them, their steps, their duty, and moving them about."""

from __future__ import annotations

from answerable.console.bar.grammar import Among, Default, Part, Sort, Verb
from answerable.console.bar.parts import (
    ANY,
    BECAUSE,
    CHOSEN,
    ON_JOB,
    REASON,
    TO,
    UNIT,
    UNITS,
    UNTIL,
    WITH,
)
from answerable.console.language import _

STEPS = {
    "ack": ("ack", "signed", "acknowledged", "签收"),
    "route": ("route", "enroute", "出警"),
    "arrive": ("arrive", "arrived", "scene", "到场"),
    "hospital": ("hospital", "transporting", "送医"),
    "athospital": ("athospital", "到院"),
    "clear": ("clear", "cleared", "完毕"),
}
"""The words for a unit's status, by the verb that brings it about."""
WHY = Part(Sort.WORDS, "why", lead=BECAUSE, led=True, need=False, title=_("reason"))
BY = Part(Sort.UNIT, "by", lead=WITH, title=_("the other unit"))
OUT = (_("mechanical trouble"), _("no crew"), _("refuelling"), _("cleaning"), _("training"))
OFF = (_("no longer needed"), _("a nearer unit goes"), _("needed elsewhere"))
DONE = (_("done"), _("nothing found"), _("false alarm"), _("taken to hospital"), _("advice given"))

VERBS = (
    Verb(
        "send", ("派", "派警"), _("sends units to an incident: named ones, the first, or all"),
        _("{unit} ({state}) would be sent to {incident}[, {eta} away]"),
        "/send E03 E07 to 603", "/派 E03 E07 到 603",
        command="dispatch.SendUnit", parts=(UNITS, CHOSEN, WHY), short=("s",),
    ),
    Verb(
        "ack", ("签收",), _("signs for a job in a unit's name"), _("{unit} signs for {incident}"),
        "/ack E03", "/签收 E03", command="dispatch.Acknowledge", parts=(UNIT, ON_JOB),
        short=("a",),
    ),
    Verb(
        "route", ("出警", "出发"), _("a unit is on its way"), _("{unit} is en route to {incident}"),
        "/route E03", "/出警 E03", command="dispatch.GoEnRoute", parts=(UNIT, ON_JOB),
        short=("r",),
    ),
    Verb(
        "arrive", ("到场",), _("a unit is at the place"), _("{unit} has arrived at {incident}"),
        "/arrive E03", "/到场 E03", command="dispatch.Arrive", parts=(UNIT, ON_JOB),
    ),
    Verb(
        "hospital", ("送医",), _("a unit leaves the place for a hospital"),
        _("{unit} leaves {incident} for hospital[ {hospital}]"),
        "/hospital M12 CPMC Van Ness", "/送医 M12 CPMC Van Ness",
        command="dispatch.Transport", short=("h",),
        parts=(UNIT, ON_JOB, Part(Sort.HOSPITAL, "hospital", need=False)),
    ),
    Verb(
        "athospital", ("到院",), _("a unit is at the hospital"), _("{unit} is at the hospital"),
        "/athospital M12", "/到院 M12", command="dispatch.ReachHospital", parts=(UNIT, ON_JOB),
    ),
    Verb(
        "report", ("反馈",), _("a unit reports back what it found"),
        _("{unit} reports back on {incident}"),
        "/report E03 other", "/反馈 E03 其他", command="dispatch.ReportBack",
        parts=(UNIT, Part(Sort.INCIDENT, "incident", lead=TO, default=Default.JOB,
                          among=Among.ANY),
               Part(Sort.OUTCOME, "code", need=False),
               Part(Sort.WORDS, "outcome", need=False, title=_("outcome"))),
    ),
    Verb(
        "return-report", ("退回反馈",), _("sends a unit's report back for completion"),
        _("the report of {unit} on {incident} would go back for completion"),
        "/return-report E03 of #603 which floor", "/退回反馈 E03 #603 请补充楼层",
        command="dispatch.ReturnReport", parts=(UNIT, ANY, REASON),
        reasons=(_("too short"), _("the outcome does not fit"), _("something is missing")),
    ),
    Verb(
        "remind-report", ("催反馈",), _("reminds a unit of a report that it owes"),
        _("{unit} would be reminded of its report on {incident}"),
        "/remind-report E03 of #603", "/催反馈 E03 #603", command="dispatch.RemindReport",
        parts=(UNIT, ANY),
    ),
    Verb(
        "clear", ("完毕", "处置完毕"), _("a unit is done with its job"),
        _("{unit} is done with {incident}"),
        "/clear E03 taken to hospital", "/完毕 E03 已送医院", command="dispatch.ClearUnit",
        parts=(UNIT, ON_JOB, Part(Sort.WORDS, "outcome", need=False, title=_("outcome"))),
        short=("c",), reasons=DONE,
    ),
    Verb(
        "status", ("状态",), _("sets what a unit is doing"), "",
        "/status E03 arrived", "/状态 E03 到场",
        also=("dispatch.Acknowledge", "dispatch.GoEnRoute", "dispatch.Arrive",
              "dispatch.Transport", "dispatch.ReachHospital", "dispatch.ClearUnit"),
        parts=(UNIT, Part(Sort.STEP, "step", choices=STEPS)),
    ),
    Verb(
        "cancel", ("撤回",), _("calls a unit off on its way"), _("{unit} is called off {incident}"),
        "/cancel E03 a nearer unit goes", "/撤回 E03 有更近的单元", command="dispatch.CancelUnit",
        parts=(UNIT, ON_JOB, REASON), short=("x",), reasons=OFF,
    ),
    Verb(
        "free", ("释放",), _("frees a unit: called off on its way, cleared once it has arrived"),
        _("{unit} is taken off {incident} and free"),
        "/free E03 needed elsewhere", "/释放 E03 另有任务", command="dispatch.CancelUnit",
        also=("dispatch.ClearUnit",), parts=(UNIT, ON_JOB, REASON), reasons=OFF,
    ),
    Verb(
        "stack", ("预派",), _("gives a busy unit a further job, to go to when it is free"),
        _("{unit} goes to {incident} when it is free"),
        "/stack E03 to #603 nearest by far", "/预派 E03 到 #603 距离最近",
        command="dispatch.StackUnit", parts=(UNIT, CHOSEN, REASON),
        reasons=(_("nearest when it is free"), _("nobody else has the skill")),
    ),
    Verb(
        "unstack", ("取消预派",), _("takes a stacked job away again"),
        _("{unit} does not go to {incident} any more"),
        "/unstack E03 from #603 another unit goes", "/取消预派 E03 #603 已派其他单元",
        command="dispatch.UnstackUnit", reasons=OFF,
        parts=(UNIT, Part(Sort.INCIDENT, "incident", lead=(*TO, "from", "从"),
                          default=Default.CHOSEN), REASON),
    ),
    Verb(
        "exchange", ("换", "对换"),
        _("another unit takes over from one; with “swap” two change places"),
        _("{by} takes over {incident} from {unit}[; {unit} goes to {swap}]"),
        "/exchange E03 with E07 nearer", "/换 E03 由 E07 距离更近",
        command="dispatch.ExchangeUnits",
        parts=(UNIT, BY, ON_JOB,
               Part(Sort.CHOICE, "swap_to", need=False, choices={"swap": ("swap", "互换")},
                    title=_("“swap”")), REASON),
        reasons=(_("nearer"), _("has the skill"), _("rest is due")),
    ),
    Verb(
        "preempt", ("改派",), _("takes a unit from a less urgent incident and sends it here"),
        _("{unit} ({state}) would be taken off {job} and sent to {incident}[, {eta} away]"),
        "/preempt E03 to #603 nearest to a fire", "/改派 E03 到 #603 火警优先",
        command="dispatch.PreemptUnit", parts=(UNIT, CHOSEN, REASON), short=("pre-empt",),
        reasons=(_("more urgent"), _("nearest by far")),
    ),
    Verb(
        "oos", ("停用", "停勤"), _("takes a unit out of service, with the time it should be back"),
        _("{unit} would be out of service[ until {when}]"),
        "/oos E03 until 14:30 refuelling", "/停用 E03 至 14:30 加油",
        command="dispatch.TakeOutOfService", reasons=OUT,
        parts=(UNIT, Part(Sort.WHEN, "back", lead=UNTIL, led=True, need=False), REASON),
    ),
    Verb(
        "in", ("恢复",), _("puts a unit back in service"), _("{unit} would be in service again"),
        "/in E03", "/恢复 E03", command="dispatch.ReturnToService", parts=(UNIT,),
    ),
    Verb(
        "onduty", ("上勤",), _("a unit the record knows comes on duty as it was before"),
        _("{unit} comes on duty[ at station {station}]"),
        "/onduty E03", "/上勤 E03", command="dispatch.PutOnDuty",
        parts=(UNIT, Part(Sort.STATION, "station", lead=("at", "在"), need=False)),
    ),
    Verb(
        "offduty", ("下勤",), _("a free unit goes off duty"), _("{unit} goes off duty"),
        "/offduty E03", "/下勤 E03", command="dispatch.TakeOffDuty", parts=(UNIT,),
    ),
    Verb(
        "moveup", ("前移",), _("a free unit covers another station"),
        _("{unit} would cover station {station}"),
        "/moveup E03 to 36 cover is broken", "/前移 E03 到 36 该站无车",
        command="dispatch.OrderMoveUp", reasons=(_("cover is broken"), _("a long incident")),
        parts=(UNIT, Part(Sort.STATION, "station", lead=("to", "at", "到")), REASON),
    ),
    Verb(
        "moveback", ("归位",), _("a unit that covers another station goes back to its own"),
        _("{unit} goes back to its own station"),
        "/moveback E03", "/归位 E03", command="dispatch.EndMoveUp", parts=(UNIT,),
    ),
    Verb(
        "cancelmove", ("取消前移",), _("takes the order to cover a station back"),
        _("{unit} does not cover another station after all"),
        "/cancelmove E03 overtaken", "/取消前移 E03 情况有变", command="dispatch.CancelMoveUp",
        parts=(UNIT, REASON), reasons=(_("overtaken"), _("ordered by mistake")),
    ),
    Verb(
        "remind", ("催", "提醒"), _("alerts a unit once more"),
        _("{unit} would be alerted again about {incident}"),
        "/remind E03", "/催 E03", command="dispatch.RemindUnit", parts=(UNIT, ON_JOB),
    ),
)  # fmt: skip
