"""Work orders by the hundred thousand: written by PostgreSQL itself, alike for every run, and as a year's work leaves
them: most are closed, some are under way, the last day's are new; each with its clocks, audit entries and events."""

from __future__ import annotations

from typing import Any

#: Orders are spread over so many days back from now, whatever their number: a bigger table is a busier company.
DAYS = 1095
COMPANIES, PROJECTS_EACH, HOMES_EACH = 8, 5, 500

_DRAWN = """
CREATE TEMPORARY TABLE drawn ON COMMIT DROP AS
SELECT i, id, at, home, project, company, repair_class, urgency, mine,
    (ARRAY['厨房天花板渗水','卫生间地漏返味','客厅墙面空鼓','入户门锁失灵','阳台推拉门漏风','地暖不热',
        '卧室窗框渗漏','电表箱跳闸','燃气阀门松动','木地板起拱'])[1 + (i * 7) % 10] || '，'
      || (ARRAY['业主来电，请尽快上门','雨后更明显','已第二次报修','影响楼下住户','约周末上午'])[1 + (i * 3) % 5]
      || '，' || (i % 31 + 1) || '层' AS description,
    CASE WHEN at > now() - interval '1 day'
         THEN (ARRAY['reported','reported','triaged','dispatched','accepted'])[1 + i % 5]
         WHEN draw < 0.85 THEN 'closed'
         WHEN draw < 0.89 THEN 'cancelled'
         WHEN draw < 0.92 THEN 'out_of_warranty'
         ELSE (ARRAY['on_site','surveyed','repairing','suspended','done','verified','owner_confirmed'])[1 + (i / 7) % 7]
    END AS state
FROM (
    SELECT i, md5('order' || i)::uuid::text AS id, (i * 40503 % 65536) / 65536.0 AS draw,
        now() - ((i * 2654435761 % 4294967296) / 4294967296.0) * {days} * interval '1 day' AS at,
        project % {companies} + 1 AS company, project + 1 AS project,
        md5('home' || project || '-' || i % {homes})::uuid::text AS home, i % 97 = 0 AS mine,
        (ARRAY['leakage','decoration','decoration','equipment','equipment','equipment','other','other',
            'structural_crack','repeat_repair'])[1 + (i * 11) % 10] AS repair_class,
        (ARRAY['normal','normal','normal','normal','high','high','emergency'])[1 + (i * 5) % 7] AS urgency
    FROM (SELECT i, (i * 31 % {projects})::int AS project
          FROM generate_series({first}::bigint, {last}::bigint) AS i) AS numbered
) AS one
"""

_ORDERS = """
INSERT INTO work_order (id, version, state, company_id, project_id, created_at, created_by, number, home_id, uid,
    repair_class, reported_class, description, source, urgency, is_priority, reported_at, reporter, contact, photos,
    reported_by_company, source_ref, in_warranty, difficulty, property_company, technician, arrived_at, findings, cause,
    work_done, completed_at, rating, rework_count, repeats, cost, payer, closing_reason)
SELECT id, CASE state WHEN 'reported' THEN 1 WHEN 'closed' THEN 9 ELSE 5 END, state, 'C' || lpad(company::text, 2, '0'),
    'P' || lpad(project::text, 2, '0'), at, CASE WHEN mine THEN 'han.mei' ELSE 'xu.qing' END,
    'WO ' || extract(year FROM at AT TIME ZONE 'Asia/Shanghai') || '-P' || lpad(project::text, 2, '0') || '-'
      || lpad((i % 1000000)::text, 6, '0'),
    home, md5('owner' || home)::uuid::text, repair_class, repair_class, description,
    CASE WHEN i % 3 = 0 THEN 'property_company' ELSE 'customer' END, urgency, i % 50 = 0, at - interval '5 minutes',
    (ARRAY['王芳','李伟','张敏','刘洋','陈静'])[1 + i % 5], '13' || lpad((i * 7919 % 1000000000)::text, 9, '0'), '[]',
    CASE WHEN i % 3 = 0 THEN 'acme' END, CASE WHEN i % 3 = 0 THEN 'A-' || i END, state <> 'out_of_warranty', 'ordinary',
    CASE WHEN state NOT IN ('reported', 'triaged', 'out_of_warranty')
         THEN (ARRAY['acme','zenith','haven'])[1 + i % 3] END,
    CASE WHEN state = 'closed' THEN '赵师傅' END, CASE WHEN state = 'closed' THEN at + interval '20 hours' END,
    CASE WHEN state = 'closed' THEN '防水层局部破损，面积约零点五平方米，管根处密封胶老化。' END,
    CASE WHEN state = 'closed' THEN '施工时管根未做附加层。' END,
    CASE WHEN state = 'closed' THEN '清理基层，补做附加层，闭水试验二十四小时无渗漏。' END,
    CASE WHEN state = 'closed' THEN at + interval '3 days' END, CASE WHEN state = 'closed' THEN 3 + i % 3 END, 0, '[]',
    CASE WHEN state = 'closed' THEN 200 + i % 3000 END, CASE WHEN state = 'closed' THEN 'developer' END,
    CASE WHEN state = 'cancelled' THEN '业主自行处理' END
FROM drawn ORDER BY at
"""

_CLOCKS = """
INSERT INTO clock (resource, record_id, name, limit_name, started_at, due_at, warn_at, stopped_at, warned_at)
SELECT 'work_order', id, name, limit_name, at, at + length, warn, CASE WHEN at < now() - interval '1 day'
    THEN at + length * 0.6 END, NULL
FROM drawn, LATERAL (VALUES
    ('on_site', CASE repair_class WHEN 'leakage' THEN 'sla.leakage_on_site' ELSE 'sla.repair_on_site' END,
        interval '48 hours', at + interval '36 hours', true),
    ('acceptance', 'sla.leakage_acceptance', interval '48 hours', NULL, repair_class = 'leakage')
) AS limits (name, limit_name, length, warn, has) WHERE has ORDER BY at
"""

_AUDIT = """
INSERT INTO audit (at, "user", name, command, resource, record_id, version, from_state, to_state, changes,
    correlation_id)
SELECT at + step * interval '50 minutes', 'xu.qing', '许晴', command, 'work_order', id, step + 1, from_state, to_state,
    changes::jsonb, md5(id || step)::uuid::text
FROM drawn, LATERAL (VALUES
    (0, 'report_work_order', NULL, 'reported', jsonb_build_object('home_id', jsonb_build_array(NULL, home),
        'description', jsonb_build_array(NULL, description), 'repair_class', jsonb_build_array(NULL, repair_class),
        'urgency', jsonb_build_array(NULL, urgency))),
    (1, 'triage_work_order', 'reported', 'triaged', '{{"in_warranty": [null, true]}}'),
    (2, 'dispatch_work_order', 'triaged', 'dispatched', '{{"property_company": [null, "acme"]}}'),
    (3, 'close_work_order', 'owner_confirmed', 'closed', '{{"rating": [null, 5]}}')
) AS steps (step, command, from_state, to_state, changes)
WHERE step = 0 OR (step = 1 AND state <> 'reported') OR (step = 2 AND state NOT IN ('reported', 'triaged'))
    OR state = 'closed' ORDER BY at
"""

_EVENTS = """
INSERT INTO outbox (message_id, exchange, routing_key, mandatory, name, resource, record_id, body, at, sent_at,
    attempts)
SELECT md5(id || name)::uuid::text, 'maintenance.events', 'maintenance.' || name, true, name, 'work_order', id,
    jsonb_build_object('id', md5(id || name), 'type', 'anju.' || name || '.v1', 'data', jsonb_build_object(
        'order_id', id, 'home_id', home, 'repair_class', repair_class, 'urgency', urgency,
        'description', description))::text,
    at, at + interval '1 second', 1
FROM drawn, LATERAL (VALUES ('work_order_created', true), ('work_order_closed', state = 'closed')) AS told (name, has)
WHERE has ORDER BY at
"""

_PROJECTS = """
INSERT INTO replica (resource, key, version, data, at)
SELECT 'leads/project', 'P' || lpad(i::text, 2, '0'), 1, jsonb_build_object('id', 'P' || lpad(i::text, 2, '0')), now()
FROM generate_series(1, {projects}) AS i ON CONFLICT DO NOTHING
"""


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'maintenance' AND tablename = ANY(%s)
    AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_TABLES = ("work_order", "clock", "audit", "outbox", "replica")


def add_orders(cursor: Any, first: int, last: int) -> None:
    """The orders of these numbers with all that belongs to them, and statistics for the planner as autovacuum keeps.

    Indexes are made anew over all rows: that is quicker than to keep them up row by row.
    """
    figures = {
        "first": first,
        "last": last,
        "days": DAYS,
        "companies": COMPANIES,
        "projects": COMPANIES * PROJECTS_EACH,
        "homes": HOMES_EACH,
    }
    cursor.execute("SET statement_timeout = 0")
    cursor.execute(_INDEXES, (list(_TABLES),))
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    for statement in (_DRAWN, _ORDERS, _CLOCKS, _AUDIT, _EVENTS, _PROJECTS):
        cursor.execute(statement.format(**figures))
    for _, definition in indexes:
        cursor.execute(definition)
    cursor.connection.commit()
    cursor.connection.autocommit = True
    cursor.execute(f"VACUUM (ANALYZE) {', '.join(_TABLES)}")
    cursor.connection.autocommit = False


def closed_order(cursor: Any) -> tuple[str, str]:
    """The id and the number of a closed order, always the same one."""
    cursor.execute(
        "SELECT id, number FROM work_order WHERE state = 'closed' AND id IN "
        "(SELECT md5('order' || i)::uuid::text FROM generate_series(1500, 1600) AS i) ORDER BY id LIMIT 1"
    )
    id, number = cursor.fetchone()
    return str(id), str(number)
