"""Names of the small system of `fixture_catalogue`; services have books of their own."""

WORDS = {
    "work_order": {
        "_": ["工单", "Work order"],
        "cost": ["费用", "Cost"],
        "reported_at": ["报修时间", "Reported at"],
        "in_warranty": ["保修期内", "In warranty"],
        "engineer": ["工程师", "Engineer"],
        "states": {
            "reported": ["已报修", "Reported"],
            "triaged": ["已判定", "Triaged"],
            "dispatched": ["已派单", "Dispatched"],
        },
    },
    "case": {
        "_": ["投诉", "Complaint"],
        "plan": ["方案", "Plan"],
        "states": {
            "plan_drafted": ["方案拟定", "Plan drafted"],
            "plan_submitted": ["方案待审", "Plan submitted"],
            "plan_approved": ["方案已批", "Plan approved"],
        },
    },
    "home": {
        "_": ["房屋", "Home"],
        "label": ["房号", "Label"],
        "building": ["楼栋", "Building"],
        "states": {"sold": ["已售", "Sold"], "owned": ["已交付", "Owned"]},
    },
    "customer": {"_": ["客户", "Customer"], "states": {"owner": ["业主", "Owner"]}},
    "contract": {"_": ["合同", "Contract"], "states": {"signed": ["已签", "Signed"]}},
    "member": {"_": ["会员", "Member"], "states": {"left": ["已退", "Left"]}},
    "commands": {
        "report_work_order": ["报修", "Report"],
        "triage_work_order": ["判定", "Triage"],
        "dispatch_work_order": ["派单", "Dispatch"],
        "cancel_work_order": ["取消", "Cancel"],
        "reveal_work_order": ["查看完整号码", "Show full number"],
        "register_case": ["登记投诉", "Register"],
        "submit_plan_case": ["提交方案", "Submit plan"],
        "approve_plan_case": ["批准方案", "Approve plan"],
        "reject_plan_case": ["驳回方案", "Reject plan"],
    },
}
