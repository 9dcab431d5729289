"""Demo data of segments: computed once everybody's contacts have been heard of, and every night from then on."""

from __future__ import annotations

from deploy.demo_care import CLUB
from deploy.demo_estate import AFFAIRS, Estate

#: Who the club has to have heard of before, and by which contact.
HEARD = (("xu", "reservation"), ("chen", "follow_up"), ("huang", "membership"), ("wang", "follow_up"))


def compute_segments(estate: Estate) -> None:
    """Customer affairs does not wait for the night, unless that is over meanwhile."""
    tell = estate.story
    for key, kind in HEARD:
        heard = {"uid": estate.customers[key].id, "kind": kind}
        tell.found("membership/counted_contact", CLUB, f"heard.{key}", **heard)
    run = tell.found("membership/segment_run", AFFAIRS, "segments")
    if run.record["state"] == "waiting":
        run.move("begin", AFFAIRS)
