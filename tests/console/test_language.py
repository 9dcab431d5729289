"""No page mixes languages: every page is walked in Chinese and in English."""

from __future__ import annotations

import html
import pathlib
import re

import pytest

from admin.database import Role
from services.contracts import glossary
from tests.console.conftest import PEOPLE

ROOT = pathlib.Path(__file__).resolve().parents[2]
CJK = re.compile(r"[一-鿿]")


def said(page: str) -> list[str]:
    """The texts that a person reads or hears: text nodes, placeholders, titles, labels."""
    body = re.sub(r"<(script|style|code|textarea)\b.*?</\1>", " ", page, flags=re.S)
    found = re.findall(r'(?:placeholder|title|aria-label)="([^"]*)"', body)
    found += re.sub(r"<[^>]*>", "\n", body).splitlines()
    return [html.unescape(one).strip() for one in found if one.strip()]


def urls(order) -> list[str]:
    record = f"/maintenance/work_order/{order['id']}"
    return [
        "/",
        "/approvals/",
        "/approvals/?tab=decided",
        "/operations/",
        "/people/",
        "/people/new",
        "/people/1",
        "/password/",
        "/search",
        "/nothing",
        "/maintenance/work_order/",
        "/maintenance/work_order/?urgency=bogus",
        "/maintenance/work_order/?state=dispatched",
        record,
        f"{record}/related",
        f"{record}/cancel_work_order",
        f"{record}/triage_work_order",
        "/maintenance/work_order/new/report_work_order",
        "/leads/home/",
        f"/leads/home/{order['home_id']}",
        "/leads/customer/",
        "/leads/contract/",
        "/complaints/case/",
        "/complaints/case/new/register_case",
        "/membership/member/",
        "/maintenance/task/",
        "/maintenance/alert/",
        "/maintenance/approval/",
        "/maintenance/parked_message/",
    ]


DATA = re.compile(
    r"[0-9a-f-]{36}|(WO |TS |HT |HY )[-\d A-Z]*|P01|C01|\d[\d:. \-/–]*"
    r"|system|desk2?|boss|admin|auditor|handler|manager|agent|[a-z_]+ (group|project:.*)|¥.*|EN|中|Anju|安居|"
    + "|".join(name for name, _ in PEOPLE.values())
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_mixes_languages(browser, app, fake, order, language):
    from admin.accounts import create_account

    fake._records["leads", "home"][order["home_id"]]["label"] = "P01"
    fake._records["maintenance", "work_order"][order["id"]].update(description="1-2", engineer="desk")
    roles = [role.value for role in Role if role is not Role.SYSTEM]
    with app.app_context():
        create_account(
            "boss", "安居" if language == "zh" else "Anju", "correct-horse-7", {role: ["group"] for role in roles}
        )
        from admin.models import Person, db

        for person in db.session.query(Person):
            person.first_name, person.last_name = ("安居" if language == "zh" else "Anju"), ""
        db.session.commit()
    boss = browser("boss")
    boss.post("/language/", {"language": language})
    for url in urls(order):
        page = boss.get(url)
        assert page.status_code in (200, 404), url
        assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
        for text in said(page.text):
            if DATA.fullmatch(text):
                continue
            if language == "zh":
                foreign = re.search(r"[A-Za-z]{2,}", text) and not CJK.search(text)
            else:
                foreign = CJK.search(text)
            assert not foreign, f"{url}: {text!r}"


def test_every_text_that_is_used_exists_in_both_languages():
    book = glossary.terms("console")
    sources = [*ROOT.glob("admin/**/*.py"), *ROOT.glob("admin/templates/**/*.html")]
    used = {
        key
        for path in sources
        for key in re.findall(r"\bt\(\s*['\"]([a-z_0-9.]+)['\"]\s*[,)]", path.read_text(encoding="utf-8"))
    }
    assert len(used) > 100
    for key in used:
        assert glossary.term("console", *key.split("."), language="zh"), key

    def leaves(tree, path=""):
        for name, below in tree.items():
            if isinstance(below, dict):
                yield from leaves(below, f"{path}{name}.")
            else:
                yield f"{path}{name}", below

    for name in ("console", "common", "errors"):
        for key, pair in leaves(glossary.terms(name)):
            assert len(pair) == 2, key
            assert CJK.search(pair[0]), key
            assert pair[1], key
            assert not CJK.search(pair[1]), key
            assert sorted(re.findall(r"{\w+}", pair[0])) == sorted(re.findall(r"{\w+}", pair[1])), key
    assert book


def test_every_role_has_a_name():
    for role in Role:
        assert CJK.search(glossary.term("common", "roles", role.value, language="zh") or ""), role


def test_the_browser_language_decides_before_anybody_chose(app):
    client = app.test_client()
    assert 'lang="en"' in client.get("/login/", headers={"Accept-Language": "en-GB"}).text
    assert 'lang="zh-CN"' in client.get("/login/", headers={"Accept-Language": "zh-CN"}).text
    assert 'lang="zh-CN"' in client.get("/login/", headers={"Accept-Language": "fr"}).text
