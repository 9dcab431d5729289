"""Django's admin on the very table of the work orders, as its documentation advises for production and for big tables.

`gunicorn deploy.bench.django_admin:application`. DEBUG off, cached templates and sessions, persistent connections, no
count of the whole table (`show_full_result_count`), choices as filters (no DISTINCT). Neither side has
an index for words.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.apps import AppConfig
from django.conf import settings
from django.contrib import admin
from django.db import models
from django.urls import path

from services.contracts.vocabulary.maintenance import Difficulty, Payer, RepairClass, RepairSource, Urgency

ROWS = 20
STATES = (
    *("reported", "triaged", "dispatched", "accepted", "out_of_warranty", "on_site", "surveyed", "expert_review"),
    *("plan_confirmed", "cancelled", "repairing", "suspended", "done", "verified", "owner_confirmed", "closed"),
)
SEARCHED = ("number", "description", "home_id", "source_ref")
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def _database() -> dict[str, Any]:
    parts = urlsplit(os.environ["ANJU_DATABASE_URL"])
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": parts.username,
        "PASSWORD": parts.password or "",
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
        # Its own tables in a schema of its own; the work orders are the service's.
        "OPTIONS": {"options": "-csearch_path=django,maintenance -capplication_name=django"},
    }


class Orders(AppConfig):
    """The one application of this site."""

    name, label, verbose_name = "deploy.bench", "orders", "Orders"


if not settings.configured:
    settings.configure(
        DEBUG=False,
        SECRET_KEY=os.environ.get("ANJU_SECRET_KEY", "for-a-measurement-on-this-machine-only"),
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": _database()},
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            f"{__name__}.Orders",
        ],
        MIDDLEWARE=list(MIDDLEWARE),
        # Without DEBUG the loader of app templates caches what it compiled.
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": list(PROCESSORS)},
            }
        ],
        SESSION_ENGINE="django.contrib.sessions.backends.cache",
        LANGUAGE_CODE="zh-hans",
        TIME_ZONE="Asia/Shanghai",
        USE_TZ=True,
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def _text(length: int, **more: Any) -> Any:
    return models.CharField(max_length=length, blank=True, **more)


def _choice(values: Any) -> Any:
    return _text(60, null=True, choices=[(str(one), str(one).replace("_", " ")) for one in values])


class WorkOrder(models.Model):
    """The service's table, column by column."""

    class Meta:
        app_label = "orders"
        managed = False
        db_table = "work_order"
        ordering = ("-created_at", "id")

    id = models.CharField(max_length=40, primary_key=True)
    version = models.IntegerField()
    state = _choice(STATES)
    company_id = _text(40, null=True)
    project_id = _text(40, null=True)
    created_at = models.DateTimeField()
    created_by = _text(80)
    number = _text(60)
    home_id = _text(40)
    uid = _text(40, null=True)
    repair_class = _choice(RepairClass)
    reported_class = _choice(RepairClass)
    description = models.TextField(max_length=4000)
    source = _choice(RepairSource)
    urgency = _choice(Urgency)
    is_priority = models.BooleanField()
    reported_at = models.DateTimeField()
    reporter = _text(80, null=True)
    contact = _text(120, null=True)
    photos = models.JSONField(null=True, blank=True)
    reported_by_company = _text(20, null=True)
    source_ref = _text(80, null=True)
    case_id = _text(40, null=True)
    in_warranty = models.BooleanField(null=True)
    difficulty = _choice(Difficulty)
    property_company = _text(20, null=True)
    technician = _text(80, null=True)
    appointment = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    findings = models.TextField(null=True, blank=True)
    cause = models.TextField(null=True, blank=True)
    liability = _text(200, null=True)
    plan = models.TextField(null=True, blank=True)
    materials = models.TextField(null=True, blank=True)
    duration_days = models.BigIntegerField(null=True, blank=True)
    suspended_for = _text(1000, null=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    work_done = models.TextField(null=True, blank=True)
    parts = models.TextField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    verification = models.TextField(null=True, blank=True)
    rating = models.BigIntegerField(null=True, blank=True)
    owner_remark = models.TextField(null=True, blank=True)
    rework_count = models.BigIntegerField()
    cost = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    payer = _choice(Payer)
    closing_reason = _text(1000, null=True)

    def __str__(self) -> str:
        return str(self.number)


class WorkOrderAdmin(admin.ModelAdmin):
    """The columns, filters and searched fields of the console's list."""

    list_display = (
        *("number", "home_id", "repair_class", "urgency", "description", "property_company", "reported_at", "state"),
    )
    list_filter = ("state", "repair_class", "urgency", "reported_at")
    list_per_page = ROWS
    list_select_related = False
    show_full_result_count = False
    search_fields = SEARCHED


def prepare(password: str) -> None:
    """Django's own tables, a superuser, and the index that its search wants."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS django")
    call_command("migrate", verbosity=0, interactive=False)
    get_user_model().objects.create_superuser("bench", "bench@anju.invalid", password)


admin.site.register(WorkOrder, WorkOrderAdmin)
urlpatterns = [path("admin/", admin.site.urls)]

if __name__ != "__main__":
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
