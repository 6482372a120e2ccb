// The roster of bench as a dataset of this world: any number of invented people, for measuring.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const kDefinition = new URL("../../../bench/tables/roster/roster.dataset.json", import.meta.url).pathname;
const kRowsOfTown = 3300;
const titles = {
  id_number: "证件号码", name: "姓名", sex: "性别", birth_date: "出生日期", division: "区划代码", address: "住址", phone: "联系电话", household: "户号",
  relation: "与户主关系", benefit: "月补助（元）", contribution: "缴费（元）", registered: "登记日期", status: "状态", updated_at: "更新时间", updated_by: "更新人", remark: "备注",
};
const searched = ["id_number", "name", "address", "phone"];

export function rosterDefinition() {
  const dataset = JSON.parse(readFileSync(kDefinition, "utf8"));
  dataset.sharing.uses = ["allowance-check"];
  for (const column of dataset.columns) {
    column.title = { zh: titles[column.name], en: column.name.replace(/_/g, " ") };
    if (searched.includes(column.name)) column.search = true;
  }
  return dataset;
}

// The path of its CSV file.
export function writeRoster(programs, folder, rows) {
  const place = join(folder, "roster");
  mkdirSync(place);
  const towns = Math.max(2, Math.round(rows / kRowsOfTown));
  const done = spawnSync(join(programs, "bench/bench_table"), ["roster", place, String(rows), String(towns)], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`bench_table: ${done.stderr ?? done.error}`);
  return join(place, "day0.csv");
}
