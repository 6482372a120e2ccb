import { both } from "./language";

export const status = both(
  {
    title: "状态", link: "连接", data: "数据", sending: "报送", machine: "本机",
    linkUp: "与上级连接正常", linkDown: "与上级的连接中断", linkNever: "还没有联系过上级", contact: (when: string) => `上次联系 ${when}`,
    lastSync: (when: string, seconds: string) => `上次同步 ${when}，用时 ${seconds} 秒`,
    cost: (down: string, up: string) => `收 ${down}，发 ${up}`, syncNow: "立即同步", syncing: "正在同步…", synced: "同步完成",
    dataGood: (n: number) => `${n} 个数据集都是最新的`, dataSome: (n: number, all: number) => `${all} 个数据集中 ${n} 个需要留意`, dataNone: "还没有数据",
    rowsHeld: (n: string) => `共 ${n} 行`, sendGood: "没有等待的记录", sendWaiting: (n: number) => `${n} 条等待发送`, sendReturned: (n: number) => `${n} 条被退回，待修改`,
    sendCounts: (received: number, accepted: number) => `上级已收到 ${received} 条，已通过 ${accepted} 条`,
    machineGood: "运行正常", machineTight: "磁盘快满了", disk: (used: string, free: string) => `占用 ${used}，磁盘剩余 ${free}`, version: (v: string) => `版本 ${v}`, clockGood: "时钟正常", clockBad: "时钟不准",
    datasets: "各数据集", dataset: "数据集", fresh: "新旧", rows: "行数", lease: "租期", stateOf: "情况", upToDate: "最新", behind: "有新版待收", damaged: "待修复", missing: "尚未收到", locked: "已锁定", expired: "已过租期",
    staleWord: "已过应更新时间", leaseLeft: (days: number) => `还有 ${days} 天`, leaseBar: (days: number, when: string) => `租期还有 ${days} 天，至 ${when}`, asOf: (when: string) => `截至 ${when}`, noData: "授权范围内尚无数据",
    traffic: "本月流量", trafficWhat: (used: string) => `本月已用 ${used}`, trafficBudget: (used: string, budget: string) => `本月已用 ${used}，限额 ${budget}`, down: "下载", up: "上传", budget: "限额", dayOf: "日期", noTraffic: "这个版本的本机程序还不能按日统计流量。",
    asTable: "以表格查看", findings: "检查结果", check: "检查一遍", checking: "正在检查…", healthy: "一切正常", found: (n: number) => `有 ${n} 项需要处理`, ok: "正常", note: "提示", wrong: "需处理", command: "命令", allFindings: "查看全部检查项",
    running: (phase: string) => `正在同步：${phase}`, left: (bytes: string, time: string) => `还剩 ${bytes}，约 ${time}`,
    notEnrolled: "本机还没有注册到任何平台。", office: "单位", home: "程序目录", accessEnded: "授权已结束", day: "天",
    checks_home: "程序目录", checks_disk: "磁盘", checks_daemon: "后台程序", checks_clock: "时钟", checks_trust: "平台签名", checks_link: "网络连接", checks_directory: "数据目录", checks_outbox: "报送箱", checks_ledger: "台账", checks_dataset: "数据集", checks_pages: "磁盘文件", checks_forks: "批次分叉", checks_keys: "密钥", checks_other: "其他",
  },
  {
    title: "Status", link: "Link", data: "Data", sending: "Sending", machine: "This machine",
    linkUp: "The platform is reached", linkDown: "The platform is not reached", linkNever: "Not in contact with the platform yet", contact: (when: string) => `last contact ${when}`,
    lastSync: (when: string, seconds: string) => `last sync ${when}, ${seconds} s`,
    cost: (down: string, up: string) => `${down} down, ${up} up`, syncNow: "Sync now", syncing: "Syncing…", synced: "Synced",
    dataGood: (n: number) => `all ${n} datasets are up to date`, dataSome: (n: number, all: number) => `${n} of ${all} datasets need a look`, dataNone: "No data yet",
    rowsHeld: (n: string) => `${n} rows in all`, sendGood: "Nothing waits to be sent", sendWaiting: (n: number) => `${n} waiting to be sent`, sendReturned: (n: number) => `${n} returned, to correct`,
    sendCounts: (received: number, accepted: number) => `${received} received upstream, ${accepted} accepted`,
    machineGood: "Running well", machineTight: "The disk is nearly full", disk: (used: string, free: string) => `uses ${used}, ${free} free`, version: (v: string) => `version ${v}`, clockGood: "clock is right", clockBad: "clock is wrong",
    datasets: "Datasets", dataset: "Dataset", fresh: "Age", rows: "Rows", lease: "Lease", stateOf: "State", upToDate: "up to date", behind: "a newer version waits", damaged: "waits for repair", missing: "has not arrived", locked: "locked", expired: "lease over",
    staleWord: "past its update time", leaseLeft: (days: number) => `${days} days left`, leaseBar: (days: number, when: string) => `${days} days of the lease left, until ${when}`, asOf: (when: string) => `as of ${when}`, noData: "no data in this grant yet",
    traffic: "Traffic this month", trafficWhat: (used: string) => `${used} used this month`, trafficBudget: (used: string, budget: string) => `${used} of ${budget} used this month`, down: "Down", up: "Up", budget: "Budget", dayOf: "Day", noTraffic: "The agent of this version does not count days yet.",
    asTable: "As a table", findings: "Findings", check: "Check now", checking: "Checking…", healthy: "Everything is well", found: (n: number) => (n === 1 ? "1 thing to do" : `${n} things to do`), ok: "well", note: "note", wrong: "to do", command: "Command", allFindings: "All checks",
    running: (phase: string) => `Syncing: ${phase}`, left: (bytes: string, time: string) => `${bytes} left, about ${time}`,
    notEnrolled: "This machine is not enrolled with a platform yet.", office: "Office", home: "Home", accessEnded: "grant has ended", day: "days",
    checks_home: "Home folder", checks_disk: "Disk", checks_daemon: "Daemon", checks_clock: "Clock", checks_trust: "Signatures", checks_link: "Link", checks_directory: "Directory", checks_outbox: "Outbox", checks_ledger: "Ledger", checks_dataset: "Dataset", checks_pages: "Files on disk", checks_forks: "Forks", checks_keys: "Keys", checks_other: "Other",
  },
);

export const watches = both(
  {
    title: "关注", empty: "还没有关注。", emptyDo: "例如：本村新登记的人、停发的补贴。在数据集里筛选出想盯住的行，点“关注此条件”；有新增、变化、消失时，这里会提醒。", toDatasets: "去数据集", added: "新增", changed: "变化", vanished: "消失", nothing: "没有新变化",
    seen: "标为已看", remove: "不再关注", removeSure: (name: string) => `不再关注「${name}」？`, since: (when: string) => `自 ${when}`, notPermitted: "此用途的授权已结束，暂停关注", open: "查看", gone: "这一行已不在数据里", more: "还有更多，先处理这些。", condition: "条件", everyRow: "所有行", counts: (a: number, c: number, v: number) => `新增 ${a} · 变化 ${c} · 消失 ${v}`,
  },
  {
    title: "Watches", empty: "No watches yet.", emptyDo: "For example the people newly registered in a village, or benefits that end. Filter a dataset to the rows that matter and press “Watch this”: what is new, changed or gone is told here.", toDatasets: "To the datasets", added: "new", changed: "changed", vanished: "vanished", nothing: "nothing new",
    seen: "Mark as seen", remove: "Stop watching", removeSure: (name: string) => `Stop watching “${name}”?`, since: (when: string) => `since ${when}`, notPermitted: "The grant for this purpose has ended; the watch rests", open: "Open", gone: "This row is no longer in the data", more: "There are more; see to these first.", condition: "Filters", everyRow: "all rows", counts: (a: number, c: number, v: number) => `${a} new · ${c} changed · ${v} vanished`,
  },
);

export const catalogue = both(
  {
    title: "目录", dataset: "数据集", what: "平台上有哪些数据，谁提供，我们能不能用。", filter: "按名称或单位筛选", mayUse: "可以用", mayNot: "不能用", all: "全部", provider: "提供单位", update: "更新", sharing: "共享方式", may: "我们能用吗",
    yesFor: (purposes: string) => `可以，用于${purposes}`, locked: "暂时锁定：联系上级后自动恢复", ended: "授权已结束", suspended: "授权已被上级暂停", notShared: "提供单位不予共享", noGrant: "尚未授权给本单位", onConditions: (scope: string) => `有条件共享：${scope}`, open: "查看数据", requestNotYet: "申请功能尚未开放，请联系上级平台管理员。", request: "申请",
    until: (when: string) => `至 ${when}`, columns: "字段", noColumns: "授权后可见字段", why: "原因", empty: "目录还没有到达。", emptyDo: "连上上级、同步一次后，这里会列出全部数据集，能不能用、为什么，一看便知。", grade: (n: number) => `${n} 级`, key: "主键", searched: "可查找", division: "区划", divisions: (names: string) => `区划 ${names}`, export: "可导出", noExport: "不可导出",
  },
  {
    title: "Catalogue", dataset: "Dataset", what: "What data there is, who provides it, and whether we may use it.", filter: "Filter by name or provider", mayUse: "May use", mayNot: "May not", all: "All", provider: "Provider", update: "Updates", sharing: "Sharing", may: "May we use it?",
    yesFor: (purposes: string) => `Yes, for ${purposes}`, locked: "Locked for now; opens after contact with the platform", ended: "The grant has ended", suspended: "The platform has suspended the grant", notShared: "The provider does not share it", noGrant: "Not granted to this office", onConditions: (scope: string) => `Shared on conditions: ${scope}`, open: "See the data", requestNotYet: "Requests are not open yet; call the platform's operator.", request: "Request",
    until: (when: string) => `until ${when}`, columns: "Fields", noColumns: "Fields are shown once granted", why: "Why", empty: "The catalogue has not arrived.", emptyDo: "After a first sync this page lists every dataset, and whether we may use it and why.", grade: (n: number) => `grade ${n}`, key: "key", searched: "searched", division: "Divisions", divisions: (names: string) => `divisions ${names}`, export: "may be exported", noExport: "may not be exported",
  },
);

export const ledger = both(
  {
    title: "台账", what: "谁、何时、为何、看了多少。只记行为，不记内容。", number: "编号", when: "时间", who: "谁", did: "做了什么", dataset: "数据集", purpose: "用途", rows: "行数", outcome: "结果", times: (n: string) => `${n} 次`, verify: "核对台账", verifying: "正在核对…", verified: (n: string) => `${n} 条记录首尾相接，没有被改动`, broken: "台账核对不符，请保留现场并联系审计部门", damaged: "此条已损坏", empty: "台账是空的。", emptyDo: "有人查看、导出或被拒绝时，这里会多一条，谁也改不了。", moreRows: "再看更早的", filter: "按人、数据集、行为筛选", onlyRefused: "只看被拒绝的", shown: (n: string) => `显示 ${n} 条`, often: "谁查得最多", column: (name: string) => `字段 ${name}`, refusedCount: (n: string) => `其中 ${n} 次被拒绝`,
  },
  {
    title: "Ledger", what: "Who, when, why and how much. Acts only, never contents.", number: "No.", when: "Time", who: "Who", did: "Did", dataset: "Dataset", purpose: "Purpose", rows: "Rows", outcome: "Outcome", times: (n: string) => `${n} times`, verify: "Verify the ledger", verifying: "Verifying…", verified: (n: string) => `${n} entries form one unbroken chain`, broken: "The ledger does not verify: leave the machine as it is and call the auditors", damaged: "This entry is damaged", empty: "The ledger is empty.", emptyDo: "Each read, export and refusal adds an entry here that nobody can change.", moreRows: "Older ones", filter: "Filter by person, dataset, act", onlyRefused: "Refusals only", shown: (n: string) => `${n} shown`, often: "Who reads most", column: (name: string) => `field ${name}`, refusedCount: (n: string) => `${n} of them refused`,
  },
);

export const sql = both(
  {
    title: "SQL 查询", what: "只读。只能用当前用途授权的表。", tables: "可用的表", statement: "查询语句", run: "运行", running: "正在运行…", stop: "停止", parameters: "参数", parameterHint: "语句里写 :名字 的地方", saved: "已存的查询", save: "保存查询", saveName: "名称", load: "载入", drop: "删除", noSaved: "还没有保存的查询。写好语句后在这里起个名字，下次一点就来。", results: "结果", rowsShown: (n: string, ms: string) => `${n} 行 · ${ms} 毫秒`, cut: "结果过多，只显示前面一部分。", asTable: "表格", asChart: "图表", csv: "下载 CSV", chartLabel: "横轴", chartValue: "数值", noChart: "图表需要一列数字。", join: (names: string) => `可与 ${names} 关联`, noJoin: "不可与其他表关联", insert: "插入", key: "主键", masked: "遮蔽", missing: "这个版本的本机程序还不能在此运行 SQL。", none: "没有行", prepared: (n: number) => `前 ${n} 行`,
  },
  {
    title: "SQL", what: "Read only, over the tables that the purpose is granted.", tables: "Tables", statement: "Statement", run: "Run", running: "Running…", stop: "Stop", parameters: "Parameters", parameterHint: "where the statement says :name", saved: "Saved queries", save: "Save query", saveName: "Name", load: "Load", drop: "Delete", noSaved: "No saved queries yet. Give a statement a name here, and it is one press away next time.", results: "Results", rowsShown: (n: string, ms: string) => `${n} rows · ${ms} ms`, cut: "Too many; only the first are shown.", asTable: "Table", asChart: "Chart", csv: "Download CSV", chartLabel: "Across", chartValue: "Values", noChart: "A chart needs a column of numbers.", join: (names: string) => `joins with ${names}`, noJoin: "joins with no other table", insert: "Insert", key: "key", masked: "masked", missing: "The agent of this version cannot run SQL here yet.", none: "No rows", prepared: (n: number) => `first ${n} rows`,
  },
);
