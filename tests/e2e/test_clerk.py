"""A clerk at a Chinese terminal of 80 columns, with a real platform and daemon: what a newcomer missed
must be there, each point by its own test.
"""
import fcntl
import pty
import struct
import termios
import unicodedata
import unittest

from world import *

TITLES = ["户号", "户主姓名", "身份证号码", "联系电话", "家庭住址", "行政区划", "家庭人口", "劳动力人数",
          "耕地面积", "主要收入来源", "补贴类别", "登记日期", "最近一次核查时间"]
NAMES = [f"c{i}" for i in range(1, 14)]
TYPES = ["text"] * 6 + ["integer", "integer", "decimal(2)", "text", "text", "date", "datetime"]
HOUSEHOLDS = {
    "id": "households", "title": {"zh": "农户登记", "en": "Households"},
    "provider": {"code": "11100000MB0124", "name": {"zh": "农业部门", "en": "Agriculture"}},
    "format": "table", "update": "daily", "grade": "general", "assessment": "2026-018",
    "sharing": {"attribute": "unconditional", "mode": "batch", "uses": ["address-lookup"]},
    "division": {"column": "c6", "digits": 4},
    "columns": [{"name": n, "type": t, "title": {"zh": z, "en": f"Column {n}"}, "key": n == "c1",
                 "search": n == "c2"} for n, t, z in zip(NAMES, TYPES, TITLES)]}
SURVEY = {
    "id": "survey", "version": 1, "title": {"zh": "农户调查", "en": "Survey"}, "purpose": "verification",
    "basis": "synthetic example", "retention_days": 30, "unit": "示例镇政府", "contact": "0573-00000000",
    "subject": ["head", "id_no"],
    "prefill": {"dataset": "households", "key_field": "house", "purpose": "address-lookup"},
    "fields": [
        {"name": "house", "type": "text", "title": {"zh": "户号", "en": "House"}},
        {"name": "head", "type": "text", "required": True, "column": "c2", "title": {"zh": "户主", "en": "Head"}},
        {"name": "id_no", "type": "id_card", "required": True, "title": {"zh": "身份证号", "en": "Id"}},
        {"name": "phone", "type": "phone", "title": {"zh": "手机号", "en": "Phone"}},
        {"name": "village", "type": "division", "title": {"zh": "村代码", "en": "Village"}},
        {"name": "members", "type": "integer", "min": 1, "max": 30, "title": {"zh": "人口", "en": "Members"}},
        {"name": "income", "type": "decimal(2)", "title": {"zh": "年收入", "en": "Income"}},
        {"name": "visited", "type": "date", "title": {"zh": "走访日期", "en": "Visited on"}},
        {"name": "crop", "type": "choice", "choices": ["水稻", "小麦"], "title": {"zh": "作物", "en": "Crop"}},
        {"name": "poor", "type": "boolean", "title": {"zh": "是否困难户", "en": "Poor"}},
        {"name": "company", "type": "uscc", "title": {"zh": "合作社代码", "en": "Company"}}]}
RIGHT = {"head": "王小明", "id_no": "11010519491231002X", "members": 3}
NINE_WRONG = {"head": "王小明", "id_no": "110105194912310021", "phone": "12", "village": "33040",
              "members": 99, "income": "1.234", "visited": "2026-02-30", "crop": "玉米", "poor": "maybe",
              "company": "9"}
WRONG_TITLES = ["身份证号", "手机号", "村代码", "人口", "年收入", "走访日期", "作物", "是否困难户", "合作社代码"]
ROWS = 120
CHINESE = {"LANG": "zh_CN.UTF-8", "TZ": "CST-8"}
PURPOSE = ("--purpose", "address-lookup")


def width_of(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def at_terminal(office, *words, columns=80, env=None, errors=False):
    """What a command writes to a terminal so wide: its output or, with `errors`, its errors."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    settings = {**CHINESE, "TERM": "xterm", "ROOTLET_PAGER": "cat", **(env or {})}
    child = subprocess.Popen([AGENT, "--home", office.home, *words], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL if errors else slave,
                             stderr=slave if errors else subprocess.DEVNULL, env=environment(settings))
    os.close(slave)
    said = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(master)
    child.wait(60)
    return said.decode().replace("\r\n", "\n")


class Clerk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.__exit__, None, None, None)
        world = cls.world.make_realm()
        for name, text in (("households.json", HOUSEHOLDS), ("survey.json", SURVEY)):
            (world.folder / name).write_text(json.dumps(text))
        world.platform("dataset", "add", world.folder / "households.json")
        world.platform("form", "add", world.folder / "survey.json")
        with open(world.folder / "households.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(NAMES)
            for i in range(ROWS):
                writer.writerow([f"H{i:04}", f"户主{i % 7}", f"1101051949123{i:05}", f"1380000{i:04}",
                                 f"示例县示例镇示例村{i}组{i}号", "330402", i % 9, i % 5, f"{i}.25",
                                 "种植", "粮食直补", "2026-03-01", "2026-11-21T20:00:30Z"])
        world.platform("publish", "households", "--from", f"csv:{world.folder / 'households.csv'}",
                       "--accept-changes", "100%")
        world.publish(subset(OLD, world.folder / "small.csv", "330402"))
        world.serve()
        cls.office = office = world.office("jiaxing", "3304")
        world.platform("grant", "add", "jiaxing", "households", "--divisions", "3304", "--purposes",
                       "address-lookup")
        office.run("sync")
        office.start(poll="1h")
        wait_until(lambda: (office.home / "agent.sock").exists(), 10, "the daemon listens")

    def clerk(self, *words, check=0, **options):
        return self.office.run(*words, check=check, env=CHINESE, **options)

    def query(self, *words, **options):
        return self.clerk("query", "households", *PURPOSE, *words, **options)

    def submit(self, values, *words, **options):
        return self.clerk("submit", "survey", "-", *words, stdin=json.dumps(values), **options)

    def test_thirteen_columns_at_80_columns_are_all_there_and_none_is_cut(self):
        said = at_terminal(self.office, "query", "households", *PURPOSE, "--limit", "2")
        self.assertLessEqual(max(width_of(line) for line in said.splitlines()[:-3]), 80, said)
        self.assertNotIn("…", said)
        for title in TITLES:
            self.assertEqual(said.count(f"\n{title}  "), 2, title)
        for cell in ("H0000", "H0001", "110105194912300001", "示例县示例镇示例村1组1号", "1.25"):
            self.assertIn(cell, said)
        self.assertIn("-[ 2 ]-", said)
        wide = at_terminal(self.office, "query", "households", *PURPOSE, "--limit", "2", columns=400)
        self.assertIn("户号   户主姓名", wide.splitlines()[0])

    def test_a_table_lines_up_in_columns_of_the_terminal(self):
        lines = self.query("--columns", "c2,c1", "--limit", "2").out.splitlines()
        self.assertEqual(lines[0], "户主姓名  户号")
        self.assertEqual(lines[1], "户主0     H0000")

    def test_outbox_show_by_a_prefix(self):
        ids = sorted(self.submit({**RIGHT, "members": n + 1}, "--json").json()["id"] for n in range(17))
        shown = self.clerk("outbox", "show", ids[3][:10]).out
        self.assertIn(ids[3], shown)
        for words in ("农户调查", "户主      王小明", "+08:00"):
            self.assertIn(words, shown)
        self.assertRegex(shown, "状态 +(已保存|已封装|已接收|已采纳)\n")  # the daemon sends it meanwhile
        common = next(a[0] for a, b in zip(ids, ids[1:]) if a[0] == b[0])  # 17 ids, 16 digits
        several = self.clerk("outbox", "show", common, check=8).err
        self.assertIn(f"有多条记录的编号以 {common} 开头", several)
        self.assertIn("王小明 · 110105********002X", several)
        self.assertRegex(several, r"\d\d:\d\d \+08:00")
        self.assertIn("没有记录 ffffffffff", self.clerk("outbox", "show", "ffffffffff", check=8).err)

    def test_outbox_list_says_what_each_record_is_about(self):
        record = self.submit(RIGHT, "--json").json()["id"]
        line = next(line for line in self.clerk("outbox", "list").out.splitlines()
                    if line.startswith(record[:8]))
        for words in ("农户调查", "王小明 · 110105********002X", "+08:00"):
            self.assertIn(words, line)
        self.assertNotIn(RIGHT["id_no"], line)

    def test_nine_mistakes_of_one_submission_at_once_by_title_in_chinese(self):
        refused = self.submit(NINE_WRONG, check=8)
        self.assertIn("共 9 处有误，没有保存", refused.err)
        for title in WRONG_TITLES:
            line = next((line for line in refused.err.splitlines()
                         if line.startswith(f"  {title}：")), None)
            self.assertIsNotNone(line, f"{title}\n{refused.err}")
            self.assertRegex(line.split("：", 1)[1], "[\u4e00-\u9fff]")
        answer = self.submit(NINE_WRONG, "--json", check=8).json()
        self.assertEqual([m["title"]["zh"] for m in answer["mistakes"]], WRONG_TITLES)
        self.assertEqual(answer["error"]["exit_code"], 8)
        checked = self.submit(NINE_WRONG, "--check", check=8).out
        self.assertEqual(len(checked.splitlines()), 9)
        self.assertEqual(self.submit(RIGHT, "--check").out, "填写无误\n")

    def test_what_is_known_is_filled_in_with_source_and_date(self):
        draft = self.clerk("submit", "survey", "--prefill", "H0003")
        self.assertEqual(draft.json(), {"house": "H0003", "head": "户主3"})
        self.assertRegex(draft.err, "预填来源：农户登记 · 农业部门 · 版本 1 · 截至 .* \\+08:00")
        shown = self.clerk("forms", "show", "survey", "--key", "H0003")
        self.assertIn("户主  户主3", shown.out)
        self.assertIn("截至", shown.err)
        self.assertIn("预填", self.clerk("ledger").out)
        file = self.world.folder / "typed.json"
        file.write_text(json.dumps({"id_no": RIGHT["id_no"], "head": "李四"}))
        saved = self.clerk("submit", "survey", file, "--prefill", "H0003", "--json").json()
        record = self.clerk("outbox", "show", saved["id"], "--json").json()
        self.assertEqual(record["values"], {"house": "H0003", "head": "李四", "id_no": RIGHT["id_no"]})
        self.assertIn("没有此主键的行", self.clerk("submit", "survey", "--prefill", "H9", check=8).err)
        self.clerk("submit", "survey", "--prefill", "H0003", "--purpose", "sales", check=5)

    def test_all_rows_in_a_csv_and_a_table_says_how_many_are_missing(self):
        said = self.query("--format", "csv")
        self.assertEqual(len(list(csv.reader(said.out.splitlines()))), ROWS + 1)
        self.assertNotIn("未显示", said.err)
        table = self.query()
        self.assertIn(f"只显示 {ROWS} 行中的 50 行", table.out)
        self.assertIn(f"另有 {ROWS - 50} 行未显示", table.err)
        self.assertIn("--limit 0", table.err)
        self.assertIn(f"{ROWS} 行", self.query("--limit", "0").out)

    def test_local_time_for_people_and_utc_for_programs(self):
        utc = r"\dT\d\d:\d\d:\d\dZ"
        for words in (("status",), ("datasets",), ("ledger",), ("doctor",),
                      ("query", "households", *PURPOSE, "--limit", "1")):
            said = self.clerk(*words, check=None)
            self.assertRegex(said.out, r"\d \+08:00", words)
            self.assertNotRegex(said.out + said.err, utc, words)
        self.assertIn("2026-11-22 04:00:30 +08:00", self.query("--limit", "1").out)
        self.assertRegex(self.clerk("status", "--json").out, utc)
        self.assertIn("2026-11-21T20:00:30Z", self.query("--format", "csv", "--limit", "1").out)

    def test_a_search_of_two_datasets_says_of_each_row_whose_it_is(self):
        found = json.loads(self.clerk("search", "社区", *PURPOSE, "--json").out)  # no household has it
        self.assertGreater(found["count"], 0)
        columns = {one["provenance"]["dataset"]: [column["name"] for column in one["columns"]]
                   for one in found["results"]}
        self.assertEqual(sorted(columns), ["households", "villages"])
        self.assertIn("c2", columns["households"])
        self.assertIn("code", columns["villages"])
        for one in found["results"]:
            self.assertTrue(all(set(row) <= set(columns[one["provenance"]["dataset"]]) for row in one["rows"]))

    def test_order(self):
        def column(order):
            rows = csv.DictReader(self.query("--format", "csv", "--order", order).out.splitlines())
            return [(row["c7"], row["c1"]) for row in rows]
        by_members = column("家庭人口.desc,c1")
        self.assertEqual(by_members, sorted(by_members, key=lambda row: (-int(row[0]), row[1])))
        self.assertEqual(by_members[0][0], "8")
        self.assertEqual(column("c1.desc")[0][1], f"H{ROWS - 1:04}")

    def test_h_is_help(self):
        for words in ((), ("query",), ("outbox",), ("outbox", "show"), ("trust",)):
            self.assertEqual(self.clerk(*words, "-h").out, self.clerk(*words, "--help").out)

    def test_a_typo_is_answered_by_a_suggestion(self):
        for words, meant in ((("qurey", "villages"), "query"),
                             (("outbox", "lsit"), "outbox list"),
                             (("query", "housholds", *PURPOSE), "households"),
                             (("query", "households", "--purpose", "adress-lookup"), "address-lookup"),
                             (("query", "households", *PURPOSE, "--limt", "1"), "--limit"),
                             (("query", "households", *PURPOSE, "--where", "家庭人囗=eq.1"), "家庭人口"),
                             (("query", "households", *PURPOSE, "--order", "c14.desc"), "c1"),
                             (("submit", "servey", "/dev/null"), None),
                             (("outbox", "list", "--state", "retruned"), "returned")):
            said = self.clerk(*words, check=None)
            self.assertNotEqual(said.code, 0)
            if meant:
                self.assertRegex(said.err, f"您要输入的是 .*{meant}", words)
        said = self.clerk("submit", "servey", "-", stdin="{}", check=8)
        self.assertIn("您要输入的是 survey 吗？", said.err)

    def test_colour_only_on_a_terminal_that_wants_it(self):
        self.assertIn("\033[", at_terminal(self.office, "nosuch", errors=True))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\033[", at_terminal(self.office, "nosuch", errors=True, env=env))
        self.assertNotIn("\033[", self.clerk("nosuch", check=2).err)

    def test_a_pager_on_a_terminal_only(self):
        pager = {"ROOTLET_PAGER": "sed s/^/page:/"}
        words = ("query", "households", *PURPOSE, "--limit", "3", "--columns", "c1")
        self.assertTrue(at_terminal(self.office, *words, env=pager).startswith("page:户号\n"))
        self.assertTrue(at_terminal(self.office, "query", "-h", env=pager).startswith("page:用法："))
        self.assertNotIn("page:", self.office.run(*words, env={**CHINESE, **pager}).out)
        self.assertTrue(at_terminal(self.office, *words).startswith("户号\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
