"""Verbs of what goes on for days: a tracked matter in one line, the day's note of a problem."""

from __future__ import annotations

from answerable.console.bar.grammar import Among, Part, Sort, Verb
from answerable.console.bar.parts import SPOKEN
from answerable.console.language import _

MATTER, PROBLEM = Part(Sort.MATTER, "matter"), Part(Sort.PROBLEM, "problem")
WAYS = {
    "page": ("page", "页面"), "message": ("message", "消息"), "telephone": ("telephone", "电话"),
}  # fmt: skip
RUNG = {"reached": ("reached", "已接通"), "not reached": ("unreached", "未接通")}

VERBS = (
    Verb(
        "matter", ("盯办",), _("opens a matter that must not be forgotten, for an owner"),
        _("a matter would be opened for {owner}: {kind}[, from {about}]"),
        "/matter follow-up E03 ask whether the door was repaired",
        "/盯办 follow-up E03 问清门是否修好", command="matters.OpenMatter",
        parts=(
            Part(Sort.MATTER_KIND, "kind"), Part(Sort.OWNER, "owner"),
            Part(Sort.INCIDENT, "about", lead=("from", "of", "来自"), led=True, need=False,
                 among=Among.ANY),
            SPOKEN,
        ),
    ),
    Verb(
        "take", ("接办",), _("takes a matter in hand"), _("you would have {matter} in hand"),
        "/take M1", "/接办 M1", command="matters.TakeMatter", parts=(MATTER,),
    ),
    Verb(
        "leave", ("交回",), _("gives a matter that one has in hand back to its owner"),
        _("{matter} would go back to its owner"),
        "/leave M1", "/交回 M1", command="matters.LeaveMatter", parts=(MATTER,),
    ),
    Verb(
        "progress", ("进展",), _("notes what was done on a matter"),
        _("progress would be noted on {matter}"),
        "/progress M1 the door is ordered", "/进展 M1 门已订购",
        command="matters.ProgressMatter", parts=(MATTER, SPOKEN),
    ),
    Verb(
        "remind-owner", ("催办",), _("reminds the owner of a matter by page, message or telephone"),
        _("the owner of {matter} would be reminded ({choice})"),
        "/remind-owner M1 telephone", "/催办 M1 电话", command="matters.RemindMatter",
        parts=(MATTER, Part(Sort.CHOICE, "way", choices=WAYS,
                            title=_("“page”, “message” or “telephone”"))),
    ),
    Verb(
        "rung", ("已致电",), _("says what came of ringing the owner of a matter"),
        _("that the owner of {matter} was rung would be noted: {choice}"),
        "/rung M1 reached", "/已致电 M1 已接通", command="matters.NoteRung",
        parts=(MATTER, Part(Sort.CHOICE, "outcome", choices=RUNG,
                            title=_("“reached” or “unreached”"))),
    ),
    Verb(
        "note-problem", ("问题记录",), _("notes what there is to say today of a problem"),
        _("a note of today would be written on {problem}"),
        "/note-problem P1 quiet since the letter", "/问题记录 P1 发函后一直安静",
        command="matters.NoteProblem", parts=(PROBLEM, SPOKEN),
    ),
    Verb(
        "step-done", ("步骤完成",), _("says that a step of a problem's plan is done"),
        _("the step {step} would be done"),
        "/step-done P1.1", "/步骤完成 P1.1", command="matters.DoneStep",
        parts=(Part(Sort.PLAN_STEP, "step"),),
    ),
)  # fmt: skip
