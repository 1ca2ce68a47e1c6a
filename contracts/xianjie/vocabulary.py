"""The closed and open lists of the network, each term with its English and Chinese label."""

import re
from collections.abc import Callable
from datetime import timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import Self

from stdnum import numdb

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""All legal time is counted here: UTC+8, no summer time since 1991."""


class Term(StrEnum):
    """One term of a list: its value travels in messages, its labels are for people."""

    english: str
    chinese: str

    def __new__(cls, value: str, english: str = "", chinese: str = "") -> Self:
        term = str.__new__(cls, value)
        term._value_ = value
        term.english = english
        term.chinese = chinese
        return term

    def __str__(self) -> str:
        return str(self.value)


class Track(Term):
    """途径: what a leg asks for."""

    MEDIATION = "mediation", "mediation", "调解"
    CONFIRMATION = "confirmation", "judicial confirmation", "司法确认"
    ADJUDICATION = "adjudication", "administrative adjudication", "行政裁决"
    COURT = "court", "litigation", "诉讼"
    PENALTY = "penalty", "administrative penalty", "行政处罚"
    CRIMINAL = "criminal", "criminal referral", "行刑衔接"
    ARBITRATION = "arbitration", "arbitration", "仲裁"
    PLATFORM = "platform", "platform complaint", "电商投诉"
    FAIR = "fair", "fair complaint", "展会投诉"
    CUSTOMS = "customs", "customs protection", "海关保护"
    OPINION = "opinion", "infringement opinion", "侵权判定参考意见"
    CREDIT = "credit", "credit record", "诚信体系"


class LegKind(Term):
    """How a leg hands over: only TRANSFER moves custody."""

    TRANSFER = "transfer", "transfer (custody moves on acceptance)", "移送"
    DELEGATE = "delegate", "entrustment (custody stays)", "委派/委托"
    ASSIST = "assist", "assistance, technical support", "协助/技术支持"
    NOTIFY = "notify", "notification (ends when acknowledged)", "通报"
    FILE = "file", "a party's own request to a body", "申请"


class RightType(Term):
    """The right in dispute. An open list: readers must expect values that are not here."""

    INVENTION = "invention", "invention patent", "发明专利"
    UTILITY_MODEL = "utility_model", "utility model patent", "实用新型专利"
    DESIGN = "design", "design patent", "外观设计专利"
    PATENT = "patent", "patent, kind not stated", "专利"
    TRADEMARK = "trademark", "trademark", "商标"
    GEOGRAPHICAL_INDICATION = "geographical_indication", "geographical indication", "地理标志"
    IC_LAYOUT = "ic_layout", "layout design of integrated circuits", "集成电路布图设计"
    COPYRIGHT = "copyright", "copyright", "著作权"
    TRADE_SECRET = "trade_secret", "trade secret", "商业秘密"
    PLANT_VARIETY = "plant_variety", "plant variety", "植物新品种"
    OTHER = "other", "another right", "其他"


PATENTS = frozenset({RightType.PATENT, RightType.INVENTION, RightType.UTILITY_MODEL, RightType.DESIGN})
"""Rights that are patents."""


class ApplicantKind(Term):
    """Who asks for help (the Opinion, §4)."""

    NATURAL_PERSON = "natural_person", "natural person", "自然人"
    LEGAL_PERSON = "legal_person", "legal person", "法人"
    OTHER_ORGANISATION = "other_organisation", "other organisation", "其他组织"


class TargetGroup(Term):
    """Groups that the Opinion asks to serve first; they steer priority and statistics."""

    SME = "sme", "small or medium-sized enterprise", "中小企业"
    MICRO = "micro", "micro enterprise", "小微企业"
    SELF_EMPLOYED = "self_employed", "self-employed household", "个体工商户"
    PRIVATE_ENTERPRISE = "private_enterprise", "private enterprise", "民营企业"
    GOING_OUT = "going_out", "enterprise going abroad", "走出去企业"
    STARTUP = "startup", "start-up", "初创企业"


class Base(Term):
    """Where the applicant sits, if in one of the bases of the Opinion §7."""

    MAKER_SPACE = "maker_space", "maker space", "众创空间"
    INCUBATOR = "incubator", "incubator", "孵化器"
    SME_BASE = "sme_base", "base for small firms", "小微企业双创基地"
    COMMERCE_CLUSTER = "commerce_cluster", "commerce cluster", "产业集群"


class Channel(Term):
    """The way by which an application came in; kept for statistics."""

    PLATFORM = "platform", "network platform", "平台"
    WEB = "web", "web page", "网站"
    PUBLIC_ACCOUNT = "public_account", "public account", "公众号"
    COUNTER = "counter", "counter", "窗口"
    STATION = "station", "work station", "工作站"
    FAIR = "fair", "stand at a fair", "展会"
    PHONE = "phone", "hotline", "热线"
    AGENCY = "agency", "another agency's system", "机构系统"


class ServiceKind(Term):
    """What the applicant asks the centre for (the Opinion, §4). Local extensions exist: an open list."""

    DISPUTE = "dispute", "help with an infringement dispute", "维权援助"
    CONSULTATION = "consultation", "consultation", "咨询"
    TRAINING = "training", "seminar or training", "培训"
    INFRINGEMENT_OPINION = "infringement_opinion", "infringement opinion for reference", "侵权判定参考意见"
    MAJOR_DISPUTE_PLAN = "major_dispute_plan", "plan for a major public dispute", "重大突发事件预案"
    EARLY_WARNING = "early_warning", "analysis and early warning", "分析预警"
    ON_SITE = "on_site", "on-site service", "驻场服务"
    TECHNICAL_SUPPORT = "technical_support", "technical support to a body", "技术支持"
    PUBLICITY = "publicity", "information use and publicity", "宣传"
    RAPID_PROTECTION = "rapid_protection", "rapid coordinated protection", "快速协同保护"
    OVERSEAS_GUIDANCE = "overseas_guidance", "guidance on a dispute abroad", "海外纠纷应对指导"


class AgencyKind(Term):
    """What a body of the network is."""

    NATIONAL_OFFICE = "national_office", "national IP office", "国家知识产权局"
    PROVINCIAL_IP_OFFICE = "provincial_ip_office", "provincial IP office", "省级知识产权局"
    MUNICIPAL_IP_OFFICE = "municipal_ip_office", "municipal IP office", "市级知识产权局"
    COUNTY_IP_OFFICE = "county_ip_office", "county IP office", "县级知识产权局"
    PROTECTION_CENTRE = "protection_centre", "IP protection centre", "保护中心"
    ASSISTANCE_CENTRE = "assistance_centre", "rights-protection assistance centre", "维权援助中心"
    RAPID_CENTRE = "rapid_centre", "rapid rights-protection centre", "快速维权中心"
    SUB_CENTRE = "sub_centre", "sub-centre", "分中心"
    STATION = "station", "work station", "工作站"
    OVERSEAS_CENTRE = "overseas_centre", "centre for overseas disputes", "海外纠纷应对指导中心"
    OVERSEAS_BRANCH = "overseas_branch", "branch for overseas disputes", "海外纠纷应对指导分中心"
    MARKET_REGULATOR = "market_regulator", "market regulator", "市场监管部门"
    POLICE = "police", "police", "公安机关"
    PROCURATORATE = "procuratorate", "procuratorate", "检察院"
    CUSTOMS = "customs", "customs", "海关"
    BASIC_COURT = "basic_court", "basic court", "基层人民法院"
    INTERMEDIATE_COURT = "intermediate_court", "intermediate court", "中级人民法院"
    IP_COURT = "ip_court", "IP court", "知识产权法院"
    INTERNET_COURT = "internet_court", "internet court", "互联网法院"
    HIGH_COURT = "high_court", "high court", "高级人民法院"
    SUPREME_COURT = "supreme_court", "Supreme People's Court", "最高人民法院"
    MEDIATION_BODY = "mediation_body", "mediation body", "调解组织"
    ARBITRATION_COMMISSION = "arbitration_commission", "arbitration commission", "仲裁机构"
    CREDIT_REGISTRAR = "credit_registrar", "keeper of the credit system", "诚信体系登记机构"
    PLATFORM = "platform", "e-commerce platform", "电商平台"
    FAIR_ORGANISER = "fair_organiser", "fair organiser", "展会主办方"
    MARKET_OPERATOR = "market_operator", "market operator", "市场主办方"
    UNIVERSITY = "university", "university", "高校"
    ASSOCIATION = "association", "association", "行业协会"
    EXPERT_PANEL = "expert_panel", "expert panel", "专家机构"
    LAW_FIRM = "law_firm", "law firm", "律师事务所"
    VOLUNTEER_TEAM = "volunteer_team", "volunteer team", "志愿服务队"


class Level(Term):
    """Where a body stands in the administrative tree."""

    NATION = "nation", "nation", "国家级"
    PROVINCE = "province", "province", "省级"
    PREFECTURE = "prefecture", "prefecture", "地市级"
    COUNTY = "county", "county or district", "县区级"
    TOWN = "town", "town or street", "乡镇街道"


class ProviderKind(Term):
    """Who helps beside the bodies of the network (the Opinion, §五, §十)."""

    ORGANISATION = "organisation", "cooperating organisation", "合作单位"
    EXPERT = "expert", "expert", "专家"
    VOLUNTEER = "volunteer", "volunteer", "志愿者"


class CostPurpose(Term):
    """What a body paid for."""

    EXPERT = "expert", "an expert's work", "专家咨询"
    TESTING = "testing", "testing or appraisal", "检测鉴定"
    NOTARISATION = "notarisation", "notarisation of evidence", "公证"
    TRANSLATION = "translation", "translation", "翻译"
    TRAVEL = "travel", "travel", "差旅"
    TRAINING = "training", "training and publicity", "培训宣传"
    OTHER = "other", "other", "其他"


class Ground(Term):
    """Why: the code for every no, pause, return and close. Text beside it says it in words."""

    NOT_COMPETENT = "not_competent", "not competent", "无管辖权"
    CONFLICT = "conflict", "conflict of interest", "应当回避"
    CAPACITY = "capacity", "no capacity", "能力不足"
    OUT_OF_SCOPE = "out_of_scope", "not a matter for this body", "不属受理范围"
    PAPERS_INCOMPLETE = "papers_incomplete", "papers are missing", "材料不齐"
    NO_FACTS = "no_facts", "facts or evidence are missing", "事实证据不足"
    SUED = "sued", "a party has sued", "已起诉"
    ARBITRATION_AGREED = "arbitration_agreed", "an arbitration agreement exists", "有仲裁协议"
    TAKEN_ELSEWHERE = "taken_elsewhere", "another body has taken the dispute", "其他机关已受理"
    PARTY_REFUSED = "party_refused", "a party does not agree", "当事人不同意"
    NO_CONTACT = "no_contact", "a party cannot be reached", "无法联系"
    WITHDRAWN = "withdrawn", "withdrawn by the applicant", "撤回"
    SETTLED = "settled", "the parties settled by themselves", "自行和解"
    LAPSED = "lapsed", "a time limit passed", "逾期"
    UNDELIVERABLE = "undeliverable", "could not be delivered", "无法投递"
    INVALIDATION = "invalidation", "an invalidation request was accepted", "无效宣告请求已受理"
    APPRAISAL = "appraisal", "an appraisal is under way", "鉴定"
    HEARING = "hearing", "a hearing is held", "听证"
    NOTARISATION = "notarisation", "papers are being notarised or legalised", "公证认证"
    ANNOUNCEMENT = "announcement", "service by announcement", "公告送达"
    NEED_OTHER_CASE = "need_other_case", "another case must be decided first", "须以另案结果为依据"
    FORCE_MAJEURE = "force_majeure", "cannot go on for reasons beyond control", "不可抗力"
    VALIDITY_BARRED = "validity_barred", "the content settles validity or ownership of a right", "涉确权内容"
    UNLAWFUL = "unlawful", "the content breaks the law", "违法"
    SHAM = "sham", "suspected sham", "涉嫌虚假调解"
    DUPLICATE = "duplicate", "the same matter is already here", "重复"
    SUPERSEDED = "superseded", "another leg has taken its place", "已被替代"
    CASE_ENDED = "case_ended", "the case has ended", "案件已结束"
    TOO_LATE = "too_late", "the leg or case has moved on", "已过可发送的时点"
    NOT_YOURS = "not_yours", "another body must say this", "非本机构事项"
    OTHER = "other", "another reason, in the text", "其他"


class Precision(Term):
    """How exactly a date is known. What is coarser than a day judges no clock."""

    SECOND = "second", "to the second", "秒"
    DAY = "day", "to the day", "日"
    MONTH = "month", "to the month", "月"
    YEAR = "year", "to the year", "年"
    NONE = "none", "not known", "不详"


class Mode(Term):
    """Whether a message is real business, an exercise on its own clock, or a test that counts nowhere."""

    OPS = "ops", "operation", "实际运行"
    EXERCISE = "exercise", "exercise", "演练"
    TEST = "test", "test", "测试"


_PATENT = re.compile(r"(?:ZL|CN)? ?(\d{8}|\d{12})\.([0-9X])", re.ASCII)
_TRADEMARK = re.compile(r"G?\d{1,8}[A-Z]?", re.ASCII)
_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


def _check_digit(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return "0123456789X"[total % 11]


def right_number(right: str, number: str) -> bool | None:
    """Whether `number` has the form of the numbers of that right, a patent's with its check digit; None where no form is known here.

    A patent has the number of its application: 8 digits until September 2003, 12 since, a point and the check digit (ZC 0006-2003).
    """
    if right in PATENTS:
        found = _PATENT.fullmatch(number)
        return found is not None and _check_digit(found[1]) == found[2]
    return bool(_TRADEMARK.fullmatch(number)) if right == RightType.TRADEMARK else None


def patent_number(value: str, digits: Callable[[str], str]) -> str | None:
    """`value` with other digits, those that `digits` makes of them, and a check digit that is right if it was; None if it is no such number."""
    found = _PATENT.fullmatch(value)
    if found is None:
        return None
    made = digits(found[1])
    right = _check_digit(made)
    check = right if _check_digit(found[1]) == found[2] else "0" if right != "0" else "1"
    return f"{value[: found.start(1)]}{made}.{check}"


NATION = "000000"
"""The whole nation, in the place of a division."""
DIVISION_CODE = "[0-9]{6}"
"""The form of a division code, as a pattern of the whole."""


def division_code(value: str) -> bool:
    """Whether `value` is a six-digit division code (GB/T 2260), in force or historic; 000000 is the nation."""
    return len(value) == 6 and value.isascii() and value.isdigit() and (value == NATION or _division(value))


@lru_cache(maxsize=4096)
def _division(value: str) -> bool:
    return any("county" in found for _, found in numdb.get("cn/loc").info(value))
