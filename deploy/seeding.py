"""``python -m deploy.seeding accounts|records``: one half of the demo data, told on stdin as JSON.

Processes of their own, so that both halves are made at once: the launcher imports no console, which takes seconds, and
only this module does. Accounts are made by the console's own code, records through the services' doors.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage

from deploy.demo_care import Repairs, engage_company, welcome_owners
from deploy.demo_complaints import Complaints
from deploy.demo_enquiries import Enquiries
from deploy.demo_estate import HANDOVERS, HOMES, Estate
from deploy.demo_forum import Forum
from deploy.demo_identity import Identity
from deploy.demo_lessons import Lessons
from deploy.demo_messages import publish
from deploy.demo_ownership import Ownership
from deploy.demo_portraits import Portraits
from deploy.demo_public import Publicity
from deploy.demo_reception import Reception
from deploy.demo_referrals import Referrals
from deploy.demo_rotation import Rotation
from deploy.demo_segments import compute_segments
from deploy.demo_story import Story, StoryBroken
from deploy.demo_voices import Voices
from services.contracts.errors import IdempotencyConflict
from services.contracts.files import uploaded

THREADS = 4
#: A machine that is starting everything at once is slow; a command that is slow is not a fault.
DEADLINE = 20.0


def make_accounts(told: dict[str, Any]) -> None:
    """Create the accounts or bring them up to date: roles, scopes and the password that all of them share."""
    from admin.accounts import create_account, hashed
    from admin.app import create_app

    with create_app().app_context():
        # Hashing is made slow on purpose; one hash serves all, as one password does.
        digest = hashed(told["password"])
        for one in told["accounts"]:
            create_account(one["username"], one["name"], told["password"], one["roles"], digest=digest)


def make_records(told: dict[str, Any]) -> None:
    """Tell the stories, side by side where they do not need each other."""
    from admin.rpc import Services

    services = Services(told["amqp_uri"], deadline=DEADLINE)
    actors = {
        one["username"]: {"user": one["username"], "name": one["name"], "roles": one["roles"]}
        for one in told["accounts"]
    }

    def execute(service: str, command: str, payload: Any, actor: Any, command_id: str) -> dict[str, Any]:
        done: dict[str, Any] = services.execute(service, command, payload, actor=actor, command_id=command_id)["result"]
        return done

    def search(service: str, resource: str, filters: Any, actor: Any) -> list[dict[str, Any]]:
        asked = {"filters": filters, "order": "created_at", "page": 0, "page_size": 1}
        rows: list[dict[str, Any]] = services.search(service, resource, asked, actor)["result"]
        return rows

    try:
        _tell(Story(execute, search, actors), told.get("company_uri"))
    finally:
        services.close()


def _kept(story: Story, name: str, text: str) -> str:
    """A file that was uploaded at the beginning of the story, as often as it is told; returns its address."""
    from admin.files import keep

    address = keep("evidence", FileStorage(BytesIO(text.encode()), filename=name))
    file = uploaded(address)
    assert file is not None
    return replace(file, at=story.now).address


def _complain_and_learn(estate: Estate) -> None:
    complaints = Complaints(estate, partial(_kept, estate.story))
    complaints.tell_all()
    Publicity(complaints).tell_all()
    Lessons(estate.story).tell_all()


def _tell(story: Story, company_uri: str | None) -> None:
    estate = Estate(story)
    estate.found_projects()
    with ThreadPoolExecutor(THREADS) as together:

        def all_of(*parts: Future[None]) -> None:
            for part in parts:
                part.result()

        engaged = together.submit(engage_company, story)
        estate.register_customers()
        all_of(*[together.submit(estate.build_home, plot) for plot in HOMES])
        engaged.result()
        completed = [code for code, until in HANDOVERS.items() if until == "completed"]
        all_of(*[together.submit(estate.hand_over, code) for code in completed])
        all_of(
            together.submit(estate.settle_in),
            together.submit(Repairs(estate).report_all),
            together.submit(_complain_and_learn, estate),
            together.submit(Enquiries(estate).tell_all),
            together.submit(Portraits(estate).tell_all),
            together.submit(Reception(estate).tell_all),
            together.submit(Rotation(estate).tell_all),
            together.submit(Voices(estate).tell_all),
            together.submit(welcome_owners, estate),
            together.submit(Forum(estate).tell_all),
            together.submit(Identity(estate).tell_all),
            together.submit(Ownership(estate).tell_all),
            together.submit(Referrals(estate).tell_all),
        )
    compute_segments(estate)
    if company_uri:
        publish(company_uri, story)


if __name__ == "__main__":
    try:
        {"accounts": make_accounts, "records": make_records}[sys.argv[1]](json.load(sys.stdin))
    except StoryBroken as broken:
        sys.exit(str(broken))
    except IdempotencyConflict:
        print("the demo records of an earlier version stay as they are; an empty ANJU_HOME gets the new ones")
