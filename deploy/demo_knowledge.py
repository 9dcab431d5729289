"""Demo data of the knowledge base: what customers of Jade Bay (翡翠湾) and Splendid City (锦绣城) ask most."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One entry: its question, other ways to ask it, and its answer, in Chinese and in English."""

    key: str
    topic: str
    zh: str
    answer_zh: str
    en: str = ""
    answer_en: str = ""
    also_zh: tuple[str, ...] = ()
    also_en: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    project: str | None = None


ENTRIES = (
    Entry(
        *("price.p01", "price", "翡翠湾现在的房价是多少"),
        "翡翠湾在售住宅挂牌均价约 28,500 元/平方米，各套价格以销控公示为准，可到售楼处查询一房一价表。",
        "What is the price of homes at Jade Bay",
        "Homes at Jade Bay are listed at about CNY 28,500 per square metre on average. The price of each home is on "
        "the one-home-one-price sheet at the sales office.",
        also_zh=("均价每平米多少钱", "一平方米单价", "一套总价要多少"),
        also_en=("price per square metre", "how much does a flat cost"),
        keywords=("房价", "均价", "单价", "价格", "总价", "多少钱", "cost", "price"),
        project="P01",
    ),
    Entry(
        *("discount.p01", "price", "买房有什么优惠折扣"),
        "现行优惠为按时签约 98 折、一次性付款再减 1%。其他折扣须由销售总监书面批准，销售员无权口头承诺。",
        "Which discounts are there for buyers",
        "A contract signed on time gets 2 % off, payment in full another 1 %. Any other discount needs the sales "
        "director's written approval.",
        also_zh=("能打折吗", "有没有活动优惠"),
        also_en=("special offer or rebate",),
        keywords=("优惠", "折扣", "打折", "促销", "discount", "offer"),
        project="P01",
    ),
    Entry(
        *("handover.date.p01", "handover", "翡翠湾什么时候交房"),
        "翡翠湾一期第三批计划于合同约定日期交付，交付前 15 天寄送入伙通知书并电话确认，以通知书为准。",
        "When will Jade Bay be handed over",
        "The third batch of phase 1 is handed over on the date in your contract. The move-in notice comes by letter "
        "15 days before, with a call to confirm.",
        also_zh=("交楼时间", "哪天可以收房", "多久能拿到钥匙", "交付日期"),
        also_en=("handover date", "when do I get the keys", "delivery date of my home"),
        keywords=("交房", "交楼", "交付", "收房", "收楼", "拿钥匙", "时间", "handover", "keys", "date"),
        project="P01",
    ),
    Entry(
        *("handover.documents", "handover", "收房要带哪些资料"),
        "请带身份证原件、购房合同、付款凭证和入伙通知书；委托他人办理的另带公证委托书。",
        "Which documents do I bring to the handover",
        "Please bring your identity card, the purchase contract, the receipts and the move-in notice; a representative "
        "also needs a notarised power of attorney.",
        also_zh=("交房需要准备什么材料", "交付带什么证件", "委托别人收楼要什么手续"),
        also_en=("papers needed to take over the flat", "what to bring to collect the keys"),
        keywords=("资料", "材料", "证件", "手续", "委托书", "documents", "papers"),
    ),
    Entry(
        *("handover.fees", "handover", "交房时要交哪些费用"),
        "交付时缴纳专项维修资金、首期物业费和代收的水电燃气开户费，明细随入伙通知书寄送，不另收其他费用。",
        "Which fees are due at the handover",
        "At the handover you pay the maintenance fund, the first property fee and the connection of water, power and "
        "gas. The list comes with the move-in notice.",
        also_zh=("收楼缴费明细", "收房要花多少钱"),
        also_en=("charges to pay when taking over the home",),
        keywords=("费用", "缴费", "维修资金", "维修基金", "fees", "charges"),
    ),
    Entry(
        *("handover.inspection", "handover", "收房时怎么验房"),
        "交付当天由验房工程师陪同逐项检查，发现的问题当场记入验房单并约定整改期限；也可自带第三方验房。",
        "How is the home inspected at the handover",
        "An inspection engineer goes through the home with you and writes every finding on the sheet with a date. You "
        "may bring your own inspector.",
        also_zh=("验房流程", "能不能请第三方验房"),
        also_en=("bring my own inspector", "inspection of the flat"),
        keywords=("验房", "验收", "第三方", "inspection", "inspector"),
    ),
    Entry(
        *("loan.down_payment", "loan", "首付比例是多少"),
        "首套住房商业贷款首付不低于 15%，二套以贷款银行审批为准。具体以签约当日银行政策为准。",
        "How much is the down payment",
        "The down payment of a first home is at least 15 %; for a second home the bank decides. The bank's policy on "
        "the day of signing applies.",
        also_zh=("首付要付几成", "首套首付", "二套首付多少"),
        also_en=("minimum deposit percentage for a mortgage",),
        keywords=("首付", "几成", "down payment"),
    ),
    Entry(
        *("loan.rate", "loan", "现在房贷利率是多少"),
        "房贷利率由贷款银行按最近一期 LPR 加减点确定，每月 20 日公布。合作银行名单与报价可在售楼处查看。",
        "What is the mortgage interest rate",
        "The bank sets the rate from the latest LPR, published on the 20th of each month. The partner banks and their "
        "offers can be seen at the sales office.",
        also_zh=("按揭利息多少", "贷款利率", "商贷利率"),
        also_en=("interest of the home loan",),
        keywords=("利率", "利息", "LPR", "房贷", "interest", "rate"),
    ),
    Entry(
        *("loan.fund", "loan", "可以用公积金贷款吗"),
        "可以。连续足额缴存公积金六个月以上即可申请，单人最高额度与家庭最高额度以市公积金中心公布为准。",
        "Can I use a housing provident fund loan",
        "Yes, after six months of full contributions. The highest amounts are those published by the provident fund "
        "centre of the city.",
        also_zh=("公积金最多能贷多少", "组合贷款", "公积金贷款条件"),
        also_en=("provident fund mortgage conditions",),
        keywords=("公积金", "组合贷", "provident fund"),
    ),
    Entry(
        *("loan.documents", "loan", "办理按揭需要什么材料"),
        "需要身份证、户口本、婚姻证明、收入证明、近六个月银行流水和购房合同，由银行客户经理在售楼处集中收取。",
        "Which documents does a mortgage application need",
        "Identity card, household register, marriage certificate, proof of income, six months of bank statements and "
        "the purchase contract.",
        also_zh=("贷款要准备哪些资料", "房贷申请手续"),
        also_en=("papers to apply for a home loan",),
        keywords=("按揭", "贷款", "流水", "收入证明", "材料", "mortgage", "apply"),
    ),
    Entry(
        *("loan.early", "loan", "提前还款怎么办理"),
        "还款满一年后可向贷款银行申请提前还款，一般提前一个月预约，是否收取违约金以借款合同为准。",
        "How do I repay the mortgage early",
        "After one year you can ask your bank for early repayment, usually a month ahead. Whether there is a charge "
        "is in your loan contract.",
        also_zh=("提前还贷", "一次性还清房贷"),
        also_en=("early repayment of the loan", "pay off the mortgage ahead of time"),
        keywords=("提前还款", "还贷", "还清", "repayment", "repay"),
    ),
    Entry(
        *("sales.office", "purchase", "售楼处几点开门"),
        "售楼处每天 9:00 至 20:00 开放，节假日不休。翡翠湾营销中心位于翡翠路 88 号，可提前电话预约。",
        "What are the opening hours of the sales office",
        "The sales office is open every day from 9:00 to 20:00, holidays included. Jade Bay's is at 88 Jade Road.",
        also_zh=("营销中心地址在哪", "售楼部营业时间", "样板房开放时间"),
        also_en=("address of the sales centre", "when is the showroom open"),
        keywords=("售楼处", "售楼部", "营销中心", "地址", "营业时间", "opening", "hours", "address"),
    ),
    Entry(
        *("contract.signing", "contract", "签购房合同要带什么"),
        "请购房人本人带身份证、户口本、婚姻证明和认购书到售楼处签约，未成年人由监护人一同到场。",
        "What do I bring to sign the purchase contract",
        "The buyer comes in person with identity card, household register, marriage certificate and the subscription "
        "agreement.",
        also_zh=("签约流程", "网签需要哪些手续"),
        also_en=("signing procedure of the contract",),
        keywords=("签约", "网签", "签合同", "sign", "signing"),
    ),
    Entry(
        *("contract.withdrawal", "contract", "认购后多久内可以退订"),
        "签署认购书后三天内可书面提出退订，定金按认购书约定处理，请到售楼处填写退订单。",
        "How long can I withdraw after the subscription",
        "Within three days of signing the subscription agreement you can withdraw in writing at the sales office.",
        also_zh=("退订期限", "认购书可以反悔吗"),
        also_en=("withdrawal period of the subscription agreement",),
        keywords=("退订", "认购", "反悔", "withdraw", "withdrawal", "subscription"),
    ),
    Entry(
        *("deed.time", "title_deed", "房产证什么时候能办下来"),
        "交付后由代理公司集中办理，资料齐全且税费缴清的一般 90 天内办结，进度可凭房号查询。",
        "When will I get the title deed",
        "The agency handles the deeds after the handover; with complete papers and taxes paid it takes about 90 days.",
        also_zh=("不动产权证办理进度", "产证多久能拿到", "小产权证"),
        also_en=("title deed progress", "property certificate"),
        keywords=("房产证", "产权证", "产证", "不动产证", "办证", "title deed", "certificate"),
    ),
    Entry(
        *("deed.documents", "title_deed", "办房产证需要哪些资料和税费"),
        "需要身份证、户口本、婚姻证明、购房合同、发票和契税完税证明；契税按面积和套数 1%–3% 计。",
        "Which papers and taxes does the title deed need",
        "Identity card, household register, marriage certificate, contract, invoice and proof of the deed tax, which "
        "is 1 % to 3 %.",
        also_zh=("契税怎么算", "办产权证带什么材料"),
        also_en=("how much is the deed tax",),
        keywords=("契税", "税费", "发票", "deed tax", "taxes"),
    ),
    Entry(
        *("decoration.permit", "decoration", "装修许可证怎么申请"),
        "请业主带身份证、装修公司营业执照和施工图到物业服务中心申请，交装修押金，三个工作日内发证。",
        "How do I apply for a decoration permit",
        "Take your identity card, the decorator's licence and the drawings to the property service centre and leave "
        "the deposit; the permit comes within three working days.",
        also_zh=("装修备案手续", "装修押金多少"),
        also_en=("renovation permit",),
        keywords=("装修", "许可", "备案", "押金", "decoration", "renovation", "permit"),
    ),
    Entry(
        *("decoration.hours", "decoration", "装修施工时间规定"),
        "工作日 8:00–12:00、14:00–18:00 可以施工，周末和法定节假日不得进行有噪声的作业。",
        "At what hours may decoration work be done",
        "Work is allowed on weekdays from 8:00 to 12:00 and 14:00 to 18:00; no noisy work on weekends and holidays.",
        also_zh=("周末可以装修吗", "几点可以施工"),
        also_en=("noisy renovation work on weekends",),
        keywords=("装修时间", "施工", "噪音", "周末", "hours", "weekend", "noise", "noisy"),
    ),
    Entry(
        *("service.fee", "property_service", "物业费怎么收"),
        "住宅物业费 3.2 元/平方米·月，按季度预缴，可在小程序、物业前台缴纳，逾期不影响水电。",
        "How is the property fee charged",
        "The property fee is CNY 3.2 per square metre and month, paid each quarter in advance in the mini-program or "
        "at the desk.",
        also_zh=("物业费一平米多少钱", "物业费在哪里交"),
        also_en=("management fee payment",),
        keywords=("物业费", "物管费", "property fee", "management fee"),
    ),
    Entry(
        *("service.parking", "facilities", "车位怎么买怎么租"),
        "地下产权车位 18 万元起，人防车位月租 450 元，每户限购两个，交付后在物业前台登记。",
        "How do I buy or rent a parking space",
        "Underground spaces start at CNY 180,000; others are let for CNY 450 a month, at most two a home.",
        also_zh=("停车费多少", "车位价格", "地下车库月租"),
        also_en=("parking price", "garage rent per month"),
        keywords=("车位", "停车", "车库", "parking", "garage"),
    ),
    Entry(
        *("facilities.school", "facilities", "小区对口哪所学校"),
        "学区划分由教育局每年公布，开发商不作承诺。周边有翡翠路小学和实验中学，以当年公告为准。",
        "Which school belongs to the estate",
        "The education bureau sets the school district every year and the developer makes no promise. Jade Road "
        "primary school and the experimental middle school are near.",
        also_zh=("学区划分", "孩子上学读哪个小学"),
        also_en=("school district of the community",),
        keywords=("学校", "学区", "小学", "幼儿园", "上学", "school", "district"),
        project="P01",
    ),
    Entry(
        *("facilities.subway", "facilities", "附近有地铁吗"),
        "距离地铁 5 号线翡翠路站 B 口步行约 600 米，小区东门有公交 88 路。",
        "Is there a metro station nearby",
        "Exit B of Jade Road station on line 5 is about 600 m away; bus 88 stops at the east gate.",
        also_zh=("坐什么公交地铁到小区", "交通方便吗"),
        also_en=("public transport, bus and subway",),
        keywords=("地铁", "公交", "交通", "metro", "subway", "bus", "transport"),
        project="P01",
    ),
    Entry(
        *("repair.report", "repair", "报修电话是多少"),
        "24 小时报修热线 400-800-1234，也可在小程序「报事报修」提交照片，48 小时内上门。",
        "What is the telephone number to report a repair",
        "Call 400-800-1234 at any hour, or send photos in the mini-program; somebody comes within 48 hours.",
        also_zh=("怎么报修", "维修热线", "在哪里报事报修"),
        also_en=("repair hotline", "how to request maintenance"),
        keywords=("报修", "热线", "维修电话", "repair", "hotline", "maintenance"),
    ),
    Entry(
        *("repair.warranty", "repair", "房屋质保期有多久"),
        "防水工程五年，供热供冷两个采暖供冷期，电气管线、给排水和装修两年，主体结构为设计使用年限。",
        "How long is the warranty of the home",
        "Waterproofing five years, heating and cooling two seasons, pipes, wiring and decoration two years, the "
        "structure its design life.",
        also_zh=("保修几年", "防水质保", "保修期多长"),
        also_en=("warranty period",),
        keywords=("质保", "保修", "保修期", "warranty", "guarantee"),
    ),
    Entry(
        *("club.join", "club", "怎么加入客户会"),
        "签约业主和意向客户都可以在小程序申请入会，入会免费，可参加活动、累积积分、推荐有礼。",
        "How do I join the owners' club",
        "Owners and those who mean to buy can apply in the mini-program. It is free, with activities and points.",
        also_zh=("会员积分怎么用", "客户会有什么权益"),
        also_en=("club membership points and benefits",),
        keywords=("客户会", "会员", "积分", "入会", "club", "member", "points"),
    ),
)
