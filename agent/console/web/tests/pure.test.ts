// What decides without a page: conditions, marks, spreadsheets, the banner.
import { describe, expect, it, vi } from "vitest";
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("navigator", { language: "zh-CN" });
const { conditionOf, filterOf } = await import("@/composables/read/conditions");
const { piecesOf } = await import("@/composables/read/marks");
const { matchColumns, recordsOf } = await import("@/composables/collect/sheet_match");
const { decideBanner } = await import("@/composables/frame/use_banner");
const { parametersIn } = await import("@/composables/desk/use_sql");
const { sqlOf } = await import("@/composables/read/view_sql");
const { keyOf } = await import("@/composables/read/rows");
const { moment } = await import("@/words/shown");
const { commandIn } = await import("@/composables/desk/use_doctor");

describe("conditions", () => {
  it("are the same after their way through a filter", () => {
    for (const relation of ["is", "isNot", "contains", "begins", "least", "most", "empty", "filled"] as const) {
      const value = relation === "empty" || relation === "filled" ? "" : "a=b.c";
      expect(conditionOf(filterOf({ column: "name", relation, value }))).toEqual({ column: "name", relation, value });
    }
  });
  it("become SQL with quotes doubled", () => {
    const sql = sqlOf("villages", ["name"], [{ column: "name", relation: "is", value: "O'Neil" }], { column: "name", descending: true }, { name: "text" });
    expect(sql).toBe(`SELECT "name"\nFROM "villages"\nWHERE "name" = 'O''Neil'\nORDER BY "name" DESC`);
  });
});

describe("marks", () => {
  it("count characters, not code units", () => {
    expect(piecesOf("𠮷王小明", [{ column: "name", begin: 1, end: 3 }])).toEqual([
      { text: "𠮷", isMatch: false }, { text: "王小", isMatch: true }, { text: "明", isMatch: false }]);
  });
});

describe("a spreadsheet", () => {
  it("is matched by title, and choices by their words", () => {
    const title = (zh: string, en: string) => ({ zh, en });
    const form = { id: "f", version: 1, title: title("表", "Form"), fields: [
      { name: "name", type: "text", title: title("姓名", "Name"), required: true },
      { name: "result", type: "choice", title: title("结论", "Result"), required: true, choices: [{ value: "keep", title: title("保持", "Keep") }] }] };
    const mapping = matchColumns(form, ["结论*", "姓 名", "序号"]);
    expect(mapping).toEqual(["result", "name", ""]);
    expect(recordsOf(form, { rows: [["保持", "王小明", "1"]] }, mapping)).toEqual([{ result: "keep", name: "王小明" }]);
  });
});

describe("the banner", () => {
  it("says the gravest thing only, and nothing when all is well", () => {
    const office = { id: "o", name: "新华镇", division: "33" };
    const well = { state: "enrolled", office, realm: null, datasets: [] };
    expect(decideBanner(well, false)).toBeNull();
    expect(decideBanner(well, true)?.kind).toBe("silent");
    const down = { at: "", result: "unreachable", bytes_down: 0, bytes_up: 0, requests: 0, packs: 0, rows: 0, seconds: 0 };
    expect(decideBanner({ ...well, last_sync: down, suspended: true }, false)?.kind).toBe("suspended");
    expect(decideBanner({ ...well, last_sync: down }, false)?.words).toContain("照常可用");
  });
});

describe("small things", () => {
  it("parameters are not looked for inside of texts", () => {
    expect(parametersIn("SELECT ':no' FROM t WHERE a = :yes -- :never")).toEqual(["yes"]);
  });
  it("a masked key is no key", () => {
    const title = { zh: "", en: "" };
    const dataset = { id: "d", title, provider: { code: "", name: title }, update: "", sharing: "", uses: [], granted: true,
      columns: [{ name: "id", type: "text", key: true, search: false, grade: 1, title }] };
    const column = { name: "id", type: "text" as const, masked: false, title };
    expect(keyOf(dataset, [column], { id: 'a,"b' })).toBe('"a,""b"');
    expect(keyOf(dataset, [{ ...column, masked: true }], { id: "a" })).toBeNull();
  });
  it("today is called today", () => {
    const now = new Date(2026, 10, 30, 12, 0);
    expect(moment(new Date(2026, 10, 30, 9, 5).toISOString(), now)).toBe("今天 09:05");
    expect(moment(new Date(2026, 10, 29, 9, 5).toISOString(), now)).toBe("昨天 09:05");
    expect(moment(new Date(2025, 10, 29, 9, 5).toISOString(), now)).toBe("2025-11-29");
  });
  it("an advice gives its command", () => {
    expect(commandIn("数据都已保留。启动命令：systemctl start rootlet")).toBe("systemctl start rootlet");
  });
});
