// A record's form while answers come late: what is about older values is dropped.
import { describe, expect, it, vi } from "vitest";
vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
vi.stubGlobal("navigator", { language: "zh-CN" });
await import("vue"); // before there is a document, in which it would make elements
vi.stubGlobal("document", { addEventListener: () => undefined });
vi.stubGlobal("window", { addEventListener: () => undefined, setTimeout, clearTimeout });

const answers: ((value: unknown) => void)[] = []; // of the requests, in their order
const later = () => new Promise((done) => answers.push(done));
vi.mock("@/api/collecting", () => ({
  checkRecords: later, prefill: later, saveRecords: later, saveFromDraft: later, keyFieldOf: async () => "id",
}));
vi.mock("@/composables/collect/use_draft", () => ({
  useDraft: () => ({ touched: () => undefined, end: async () => undefined, goOn: () => undefined }),
}));
const { useRecordForm } = await import("@/composables/collect/use_record_form");

const title = { zh: "字段", en: "Field" };
const form = {
  id: "visit", version: 1, title, prefill: { dataset: "people", key_field: "id" },
  fields: [{ name: "id", type: "text", title }, { name: "phone", type: "phone", title }, { name: "name", type: "text", title }],
} as unknown as Parameters<typeof useRecordForm>[0];
const mistake = (field: string) => ({ record: 1, field, words: { zh: "有误", en: "wrong" } });
const settled = () => new Promise((done) => setTimeout(done, 0));

describe("a record's form", () => {
  it("shows the mistakes of the values that it has, in whatever order the answers come", async () => {
    answers.length = 0;
    const record = useRecordForm(form);
    record.type("phone", "1");
    void record.leaveField("phone");
    record.type("name", "王小明");
    void record.submit();
    await settled();
    const [first, second] = answers;
    second?.({ mistakes: [mistake("phone")] });
    await settled();
    first?.({ mistakes: [mistake("phone"), mistake("name")] });
    await settled();
    expect(record.summary.value.map((one) => one.name)).toEqual(["phone"]);
  });

  it("takes what is known of the key that was typed last", async () => {
    answers.length = 0;
    const record = useRecordForm(form);
    void record.takeKnown("1");
    void record.takeKnown("2");
    await settled();
    const [first, second] = answers;
    second?.({ values: { name: "李" }, source: null });
    await settled();
    first?.({ values: { name: "王" }, source: null });
    await settled();
    expect(record.prefill.known.value).toEqual({ name: "李" });
    expect(record.typed.name).toBe("李");
  });
});
