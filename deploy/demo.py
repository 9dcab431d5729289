"""Demo data: one account per role, a property company, and what the services are told through their own doors.

Accounts are made by the console's own code, everything else by the RPC commands that people use, so demo data obeys
every rule. Running it twice changes nothing: accounts are brought up to date and commands carry fixed ids.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from deploy import broker_users
from deploy.demo_care import COMPANY as COMPANY
from services.chassis import settings

GROUP = ("group",)
#: Known by everybody: demo only, made by ``--demo`` and never by ``up`` alone.
PASSWORD = "anju-demo-2026"


class SeedFailed(RuntimeError):
    """Demo data was refused; the text says which and why."""


@dataclass(frozen=True)
class Account:
    """Someone who can sign in to the demo: roles with their scopes."""

    username: str
    name: str
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _one(username: str, name: str, role: str, *scopes: str) -> Account:
    return Account(username, name, {role: scopes or GROUP})


ACCOUNTS = [
    _one("zhao.min", "赵敏", "sales_agent", "project:P01", "project:P02"),
    _one("lin.xue", "林雪", "sales_agent", "project:P01"),
    _one("gao.peng", "高鹏", "sales_agent", "project:P01"),
    _one("fang.hui", "方慧", "sales_agent", "project:P01"),
    _one("qian.jun", "钱军", "site_sales_lead", "project:P01", "project:P02"),
    _one("sun.li", "孙莉", "sales_director", "company:C01"),
    _one("zhou.yan", "周燕", "marketing", "company:C01"),
    _one("wu.gang", "吴刚", "project_department", "project:P01", "project:P02"),
    _one("zheng.jie", "郑洁", "customer_affairs", "company:C01"),
    _one("wang.lei", "王磊", "general_management", "company:C01"),
    _one("feng.hua", "冯华", "company_manager", "company:C01"),
    _one("chen.jing", "陈静", "responsible_leader", "company:C01"),
    _one("chu.ting", "褚婷", "finance", "company:C01"),
    _one("wei.dong", "卫东", "property_company", "project:P01", "project:P02"),
    _one("li.na", "李娜", "complaint_handler", "company:C01"),
    _one("jiang.tao", "蒋涛", "complaint_supervisor", "company:C01"),
    _one("shen.yu", "沈雨", "public_relations"),
    _one("han.mei", "韩梅", "hotline_operator"),
    _one("yang.fan", "杨帆", "customer_centre", "company:C01"),
    _one("zhu.lin", "朱琳", "group_centre"),
    _one("qin.feng", "秦峰", "executive"),
    Account("gu.yuan", "顾远", {"chairman": GROUP, "executive": GROUP}),
    _one("you.wei", "尤伟", "inspection_engineer", "project:P01", "project:P02"),
    _one("xu.qing", "许晴", "maintenance_desk", "company:C01"),
    _one("he.ping", "何平", "maintenance_lead", "company:C01"),
    _one("lv.bin", "吕斌", "expert", "company:C01"),
    _one("shi.lan", "施兰", "customer_manager", "company:C01"),
    _one("zhang.yi", "张怡", "club_officer", "company:C01"),
    _one("kong.xin", "孔欣", "employee", "company:C01"),
    _one("bai.qiang", "白强", "employee", "project:P01"),
    _one("tang.mei", "唐梅", "employee", "project:P01"),
    _one("cao.rui", "曹睿", "data_steward"),
    _one("yan.kai", "严凯", "administrator"),
    _one("hua.ying", "华颖", "auditor"),
    _one("jin.lu", "金璐", "performance_officer"),
    _one("tao.ran", "陶然", "deed_agency", "company:C01"),
    _one("qi.ming", "戚明", "discipline", "company:C01"),
    _one("xie.wen", "谢雯", "survey_firm"),
    _one("zou.kai", "邹凯", "leasing_manager", "company:C01"),
]


def refuse_elsewhere() -> None:
    """Everybody knows the password of the demo accounts: an operator's installation never gets them afterwards."""
    theirs = [one for one in ("ANJU_DATABASE_URL", "ANJU_HTTPS") if os.environ.get(one, "0") not in ("", "0", "false")]
    if theirs and not _stamp().is_file():
        raise SeedFailed(f"this installation is not a demo ({' and '.join(theirs)} set); ./anju up --demo makes one")


def _stamp() -> Path:
    return settings.home() / "data" / "demo.stamp"


def seed(progress: Callable[[str], None], *, again: bool = True) -> None:
    """Make or bring up to date all demo data; needs the running system. Not ``again``: only what is new since."""
    stamp = _stamp()
    accounts = {"password": PASSWORD, "accounts": [asdict(one) for one in ACCOUNTS]}
    wanted = _fingerprint(accounts)
    if not again and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    progress("making the demo data")
    records = {**accounts, "amqp_uri": settings.amqp_uri(), "company_uri": _company_uri()}
    halves = [_start("accounts", accounts), _start("records", records)]
    ends = [(half, *half.communicate()) for half in halves]
    for half, said, wrong in ends:
        if half.returncode:
            raise SeedFailed(f"demo data: {wrong.strip()[-2000:]}")
        for line in said.splitlines():
            progress(line)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted, encoding="utf-8")


def _start(half: str, told: dict[str, Any]) -> subprocess.Popen[str]:
    """One half of the work in a process of its own; it reads what it is told from a file that is gone at once."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as text:
        json.dump(told, text, ensure_ascii=False)
        text.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.seeding", half],
            stdin=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=settings.ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(settings.ROOT),
                "PYTHONUTF8": "1",
                "ANJU_HOME": str(settings.home()),
                "ANJU_AMQP_URI": settings.amqp_uri(),
            },
        )


def _company_uri() -> str | None:
    """The property company's own way to the broker; none where its user was not made here."""
    secret = settings.home() / "secrets" / f"amqp.{broker_users.company_user(COMPANY)}"
    if not secret.is_file():
        return None
    user, password = broker_users.company_user(COMPANY), quote(secret.read_text(encoding="utf-8").strip(), safe="")
    nodes = [urlsplit(node) for node in settings.amqp_uri().split(";")]
    places = [f"{node.hostname}:{node.port}" if node.port else str(node.hostname) for node in nodes]
    return ";".join(
        node._replace(netloc=f"{user}:{password}@{place}").geturl() for node, place in zip(nodes, places, strict=True)
    )


def _fingerprint(accounts: dict[str, Any]) -> str:
    """Changes with the accounts and with the code that tells the rest."""
    digest = hashlib.sha256(json.dumps(accounts, ensure_ascii=False, sort_keys=True).encode())
    for module in sorted(Path(__file__).parent.glob("demo*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
