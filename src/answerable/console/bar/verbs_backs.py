"""Verbs about calling back: who must not be rung, said at the desk while the call is taken."""

from __future__ import annotations

from answerable.console.bar.grammar import Part, Sort, Verb
from answerable.console.bar.parts import ANY, CALL, REASON
from answerable.console.language import _

BARS = {
    "safety at risk": ("safety", "安全"), "a child": ("child", "未成年"),
    "automatic alarm": ("alarm", "自动报警"), "other": ("other", "其他"),
}  # fmt: skip

VERBS = (
    Verb(
        "bar-caller", ("不回访",), _("says that a caller must not be rung back, and why"),
        _("the caller of {call} about {incident} would not be rung back"),
        "/bar-caller safety C0012 #603", "/不回访 安全 C0012 #603",
        command="followup.BarCallBack",
        parts=(Part(Sort.CHOICE, "reason", choices=BARS,
                    title=_("“safety”, “child”, “alarm” or “other”")), CALL, ANY),
    ),
    Verb(
        "ring-after-all", ("可回访",), _("says that a caller who was barred may be rung after all"),
        _("the caller of {call} about {incident} may be rung after all"),
        "/ring-after-all C0012 #603 a mistake", "/可回访 C0012 #603 登记有误",
        command="followup.AllowCallBack", parts=(CALL, ANY, REASON),
        reasons=(_("barred by mistake"),),
    ),
)  # fmt: skip
