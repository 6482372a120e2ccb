// Datasets and forms of the invented county, as their owners would write them.
const unit = (code, zh, en) => ({ code, name: { zh, en } });
const column = (name, type, zh, en, more = {}) => ({ name, type, title: { zh, en }, ...more });

const police = unit("99330499GA01", "县公安局", "County police");
const civil = unit("99330499MZ01", "县民政局", "County civil affairs");

export const datasets = [
  {
    id: "residents", title: { zh: "户籍登记", en: "Residents" }, provider: police, format: "table", update: "daily",
    sharing: { attribute: "conditional", scope: "乡镇街道", uses: ["allowance-check", "household-check"] }, grade: "general",
    division: { column: "division", digits: 9 },
    columns: [
      column("person", "text", "人员编号", "Person", { key: true }),
      column("division", "text", "乡镇代码", "Township"),
      column("name", "text", "姓名", "Name", { search: true, tags: ["pi"] }),
      column("sex", "text", "性别", "Sex"),
      column("birth", "date", "出生日期", "Born", { tags: ["pi"] }),
      column("id_number", "text", "身份证号", "Identity number", { search: true, grade: 3, mask: "id", tags: ["pi"] }),
      column("phone", "text", "联系电话", "Telephone", { grade: 3, mask: "phone", tags: ["pi"] }),
      column("village", "text", "村（社区）", "Village"),
      column("address", "text", "住址", "Address", { search: true }),
      column("household", "text", "户号", "Household"),
      column("relation", "text", "与户主关系", "Relation to the head"),
      column("members", "integer", "家庭人口", "Members"),
    ],
  },
  {
    id: "allowances", title: { zh: "低保台账", en: "Minimum living allowance" }, provider: civil, format: "table", update: "monthly",
    sharing: { attribute: "conditional", scope: "乡镇街道", uses: ["allowance-check"] }, grade: "general",
    division: { column: "division", digits: 9 },
    columns: [
      column("case_no", "text", "救助编号", "Case", { key: true }),
      column("division", "text", "乡镇代码", "Township"),
      column("name", "text", "姓名", "Name", { search: true, tags: ["pi"] }),
      column("category", "text", "类别", "Category"),
      column("amount", "decimal(2)", "月补助（元）", "Monthly amount"),
      column("since", "date", "起始日期", "Since"),
      column("village", "text", "村（社区）", "Village"),
      column("suspended", "boolean", "暂停", "Suspended"),
    ],
  },
  {
    id: "elders", title: { zh: "高龄津贴名册", en: "Old-age benefits" }, provider: civil, format: "table", update: "quarterly",
    sharing: { attribute: "conditional", scope: "乡镇街道", uses: ["elderly-care"] }, grade: "general",
    division: { column: "division", digits: 9 },
    columns: [column("case_no", "text", "编号", "Case", { key: true }), column("division", "text", "乡镇代码", "Township"), column("name", "text", "姓名", "Name", { search: true, tags: ["pi"] }), column("since", "date", "起始日期", "Since")],
  },
  {
    id: "firms", title: { zh: "企业登记", en: "Firms" }, provider: unit("99330499SJ01", "县市场监管局", "County market supervision"), format: "table", update: "weekly",
    sharing: { attribute: "conditional", scope: "经济发展部门", uses: ["household-check"] }, grade: "general",
    columns: [column("code", "text", "统一社会信用代码", "Code", { key: true }), column("name", "text", "名称", "Name", { search: true })],
  },
  {
    id: "taxes", title: { zh: "个人纳税明细", en: "Personal taxes" }, provider: unit("99330499SW01", "县税务局", "County tax office"), format: "table", update: "monthly",
    sharing: { attribute: "not_shared", reason: "涉及个人涉税信息", basis: "税收征收管理法" }, grade: "general",
    columns: [column("id", "text", "编号", "Number", { key: true })],
  },
];

const township = { zh: "新华镇人民政府", en: "Xinhua township" };

export const forms = [
  {
    id: "household-visit", version: 1, title: { zh: "入户走访登记", en: "Household visit" },
    purpose: { zh: "核实低保家庭情况", en: "Check the circumstances of households" }, basis: { zh: "社会救助暂行办法（示例）", en: "Invented example" },
    unit: township, contact: "0573-00000000", retention_days: 365, review: "manual",
    prefill: { dataset: "residents", key_field: "person", purpose: "allowance-check" }, subject: ["name", "village"],
    fields: [
      { name: "person", type: "text", required: true, pattern: "[0-9]{15}", title: { zh: "人员编号", en: "Person" } },
      { name: "name", type: "text", required: true, max_length: 40, column: "name", tags: ["pi"], title: { zh: "姓名", en: "Name" } },
      { name: "village", type: "text", column: "village", max_length: 40, title: { zh: "村（社区）", en: "Village" } },
      { name: "members", type: "integer", required: true, min: 1, max: 30, column: "members", title: { zh: "家庭人口", en: "Members" } },
      { name: "phone", type: "phone", title: { zh: "联系电话", en: "Telephone" }, tags: ["pi"] },
      { name: "visited", type: "date", required: true, min: "2026-01-01", title: { zh: "走访日期", en: "Visited on" } },
      { name: "income", type: "decimal(2)", min: "0", title: { zh: "月收入（元）", en: "Monthly income" } },
      { name: "result", type: "choice", required: true, title: { zh: "走访结论", en: "Result" }, choices: [{ value: "keep", title: { zh: "保持", en: "Keep" } }, { value: "adjust", title: { zh: "调整", en: "Adjust" } }, { value: "stop", title: { zh: "停发", en: "Stop" } }] },
      { name: "remark", type: "text", max_length: 500, title: { zh: "备注", en: "Remark" } },
    ],
  },
  {
    id: "newborn", version: 1, title: { zh: "新生儿登记", en: "Newborn" },
    purpose: { zh: "出生登记", en: "Register a birth" }, basis: { zh: "示例", en: "Invented example" },
    unit: township, contact: "0573-00000000", retention_days: 30, subject: ["name"],
    fields: [
      { name: "name", type: "text", required: true, max_length: 40, tags: ["pi", "minor"], title: { zh: "姓名", en: "Name" } },
      { name: "sex", type: "choice", required: true, title: { zh: "性别", en: "Sex" }, choices: [{ value: "f", title: { zh: "女", en: "Female" } }, { value: "m", title: { zh: "男", en: "Male" } }] },
      { name: "born", type: "datetime", required: true, title: { zh: "出生时间", en: "Born at" } },
      { name: "mother", type: "id_card", required: true, tags: ["pi"], title: { zh: "母亲身份证号", en: "Mother's identity number" } },
      { name: "weight", type: "integer", min: 300, max: 8000, title: { zh: "体重（克）", en: "Weight in grams" } },
    ],
  },
];
