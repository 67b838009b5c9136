"""Verbs about calls, and those that only lead somewhere: finding, going, undoing, help."""

from __future__ import annotations

from answerable.console.bar.grammar import Among, Default, Part, Sort, Verb
from answerable.console.bar.parts import CALL, REASON, SPOKEN
from answerable.console.language import _

CALLED_BACK = {
    "reached": ("reached", "接通"), "no answer": ("unanswered", "无人接听"),
    "busy": ("busy", "占线"), "not in service": ("dead", "停机"),
}  # fmt: skip
PAGES = {
    "board": ("board", "看板"), "units": ("units", "单元"), "standards": ("standards", "时限"),
    "record": ("record", "记录"), "counts": ("counts", "核对"), "calls": ("calls", "来电"),
    "take": ("take", "接警"), "hand-over": ("desks", "席位"),
    "escalations": ("escalations", "督办"),
}  # fmt: skip
LOOKS = {"light": ("light", "day", "日间"), "dark": ("dark", "night", "夜间")}

CALLS = (
    Verb(
        "answer", ("接听", "接"), _("answers a ringing call"), _("call {call} would be answered"),
        "/answer C0012", "/接听 C0012", command="intake.AnswerCall",
        parts=(Part(Sort.CALL, "call", default=Default.CALL),),
    ),
    Verb(
        "end", ("结束来电",), _("ends an answered call without an incident"),
        _("call {call} would end without an incident"),
        "/end C0012 wrong number", "/结束来电 C0012 拨错", command="intake.EndCall",
        parts=(CALL, REASON),
        reasons=(_("wrong number"), _("nobody speaks"), _("a question, answered"), _("a test")),
    ),
    Verb(
        "abandon", ("挂断",), _("the caller hung up before the answer"),
        _("call {call} would be recorded as abandoned"),
        "/abandon C0012", "/挂断 C0012", command="intake.AbandonCall", parts=(CALL,),
    ),
    Verb(
        "silent", ("无声",), _("nobody speaks on an answered call"),
        _("call {call} would be recorded as silent"),
        "/silent C0012", "/无声 C0012", command="intake.MarkSilent", parts=(CALL,),
    ),
    Verb(
        "hungup", ("对方挂断",), _("the caller of a call hung up"),
        _("call {call} would be recorded as hung up"),
        "/hungup C0012", "/对方挂断 C0012", command="intake.HangUp", parts=(CALL,),
    ),
    Verb(
        "callback", ("回拨",), _("a caller who hung up was rung back, with what came of it"),
        _("call {call} was rung back: {choice}"),
        "/callback C0012 unanswered", "/回拨 C0012 无人接听", command="intake.TryCallBack",
        parts=(CALL, Part(Sort.CHOICE, "outcome", choices=CALLED_BACK, title=_("what came of it"))),
    ),
    Verb(
        "text", ("短信",), _("writes a text to a caller; its words are sealed"),
        _("a text to the caller of call {call}"),
        "/text C0012 can you speak?", "/短信 C0012 您方便说话吗？", command="intake.TextCaller",
        parts=(CALL, SPOKEN),
    ),
    Verb(
        "transfer", ("移交", "转接"), _("offers a call for elsewhere to another agency"),
        _("call {call} would be offered to {agency}"),
        "/transfer C0012 to highway on the motorway", "/移交 C0012 到 highway 在高速公路上",
        command="intake.TransferCall",
        parts=(CALL, Part(Sort.AGENCY, "agency", lead=("to", "到")), REASON),
        reasons=(_("not our area"), _("not our service")),
    ),
    Verb(
        "transferred", ("移交确认",), _("another agency took a call over, and gave a receipt"),
        _("call {call} would be theirs"),
        "/transferred C0012 HW-88", "/移交确认 C0012 HW-88", command="intake.ConfirmTransfer",
        parts=(CALL, Part(Sort.WORDS, "receipt", title=_("receipt"))),
    ),
    Verb(
        "declined", ("移交退回",), _("another agency does not take a call: it is ours again"),
        _("call {call} would be ours again"),
        "/declined C0012 not theirs either", "/移交退回 C0012 也不归其管辖",
        command="intake.DeclineTransfer", parts=(CALL, REASON),
        reasons=(_("not their area"), _("nobody answers there")),
    ),
)  # fmt: skip

DESK = Part(Sort.DESK, "desk", lead=("desk", "席位"), led=True, need=False)
DAY = Part(Sort.DAY, "day")
LINE = Part(Sort.LINE, "line", lead=("line", "线路"), led=True, need=False)

DESKS = (
    Verb(
        "sit", ("就座",), _("says that one works at the desk of this session"),
        _("you sit at {desk}"), "/sit", "/就座", command="handover.SitDown",
    ),
    Verb(
        "stand", ("离席",), _("leaves the desk of this session"), _("you leave {desk}"),
        "/stand", "/离席", command="handover.StandUp",
    ),
    Verb(
        "handover", ("交班",), _("hands the desk over, with words to the next; that signs it"),
        _("{desk} would be offered to the next"),
        "/handover the water main on Larkin is out", "/交班 Larkin 街水管停水",
        command="handover.OfferHandOver", short=("hand-over",),
        parts=(Part(Sort.WORDS, "words", need=False, verbatim=True, sealed=True),),
    ),
    Verb(
        "withdraw", ("收回交班",), _("takes a hand-over back and stays"),
        _("{desk} would not be handed over"), "/withdraw", "/收回交班",
        command="handover.WithdrawHandOver",
    ),
    Verb(
        "takeover", ("接班",), _("takes over a desk that was offered; that signs it"),
        _("{desk} would be yours"), "/takeover desk 3", "/接班 席位 3",
        command="handover.TakeHandOver", parts=(DESK,),
    ),
    Verb(
        "freedesk", ("清席",), _("frees a desk that somebody left without a word"),
        _("{desk} would be free"), "/freedesk desk 3 gone home", "/清席 席位 3 已下班",
        command="handover.FreeDesk",
        parts=(Part(Sort.DESK, "desk", lead=("desk", "席位"), led=True), REASON),
    ),
    Verb(
        "explain", ("说明",), _("says why the counts of a day differ, or why none came"),
        _("the counts of {day} would be explained"),
        "/explain 2020-04-02 the counter was reset", "/说明 2020-04-02 计数器被重置",
        command="intake.ExplainDifference", parts=(DAY, LINE, REASON),
    ),
    Verb(
        "retire", ("停线",), _("a line is used no more: no count of it is waited for"),
        _("no count of line {line} would be waited for"),
        "/retire line 110 taken down", "/停线 线路 110 已拆除",
        command="intake.RetireLine",
        parts=(Part(Sort.LINE, "line", lead=("line", "线路"), led=True), REASON),
    ),
)  # fmt: skip

LEADS = (
    Verb(
        "find", ("查找", "找"),
        _("finds places, units and incidents by number, kind or place; never people"), "",
        "/find larkin", "/查找 larkin", lead="find", short=("f",),
        parts=(Part(Sort.WORDS, "query", verbatim=True, sealed=True),),
    ),
    Verb(
        "go", ("去", "打开"), _("opens an incident or a page"), _("opens {incident}{page}"),
        "/go 603", "/去 603", lead="go", short=("g",),
        parts=(Part(Sort.PAGE, "page", need=False, choices=PAGES),
               Part(Sort.INCIDENT, "incident", need=False, among=Among.ANY)),
    ),
    Verb(
        "undo", ("撤销",), _("takes back what was last done at this desk, where that can be done"),
        "", "/undo", "/撤销", lead="undo", derived=True, short=("u",),
    ),
    Verb(
        "theme", ("主题",), _("day or night"), _("changes to {choice}"),
        "/theme dark", "/主题 夜间", lead="theme",
        parts=(Part(Sort.CHOICE, "look", choices=LOOKS, title=_("“light” or “dark”")),),
    ),
    Verb(
        "lang", ("语言",), _("changes the language"), _("changes to {choice}"),
        "/lang zh-CN", "/语言 en", lead="lang",
        parts=(Part(Sort.CHOICE, "tag", choices={"en": ("en", "English"),
                    "zh-CN": ("zh-CN", "zh", "中文")}, title=_("language")),),
    ),
    Verb(
        "help", ("帮助",), _("lists every verb, or those that fit a word"), "",
        "/help send", "/帮助 派", lead="help", short=("?",),
        parts=(Part(Sort.WORDS, "query", need=False, verbatim=True),),
    ),
)  # fmt: skip
