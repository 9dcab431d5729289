"""Group complaints: cases of many homes with one cause, from the suspicion to the review (C-70 to C-75)."""

# The cases come first: their intake looks for groups.
# isort: off
from services.complaints.cases import Case as Case
from services.complaints.groups.group import GroupComplaint, groups
from services.complaints.groups import members, detection, plan, course, figures
from services.complaints.groups.members import GroupMember, group_members

PARAMETERS = [*detection.PARAMETERS, *course.PARAMETERS]

__all__ = [
    "PARAMETERS",
    "GroupComplaint",
    "GroupMember",
    "course",
    "detection",
    "figures",
    "group_members",
    "groups",
    "members",
    "plan",
]
