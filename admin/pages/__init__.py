"""The pages of the console; each module is one of them."""

from admin.pages.desk import DeskView
from admin.pages.files import FileView
from admin.pages.imports import ImportView
from admin.pages.inbox import InboxView
from admin.pages.operations import OperationsView
from admin.pages.people import PeopleView
from admin.pages.records import RecordView
from admin.pages.reports import ReportView
from admin.pages.rotation import RotationView
from admin.pages.search import SearchView

CONSOLE_PAGES = (
    RecordView,
    InboxView,
    SearchView,
    OperationsView,
    PeopleView,
    ReportView,
    FileView,
    DeskView,
    RotationView,
    ImportView,
)
