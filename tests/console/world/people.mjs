// Invented people of an invented township. The area 330499 of their identity numbers does not exist.
const kSurnames = [..."王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"];
const kGiven = [..."伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英玉兰红梅春建国华文辉鑫波宇浩晨欣怡佳雪琳慧颖萍"];
const kVillages = ["百福弄社区", "瓶山社区", "东升村", "南塘村", "石桥村", "新联村"];
const kWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// With the check digit of GB 11643.
export function idNumber(birth, serial) {
  const first = `330499${birth.replace(/-/g, "")}${String(serial % 1000).padStart(3, "0")}`;
  const sum = kWeights.reduce((all, weight, at) => all + weight * Number(first[at]), 0);
  return first + "10X98765432"[sum % 11];
}

const two = (n) => String(n).padStart(2, "0");

export function makePeople(count, seed = 7) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const people = [];
  for (let household = 1; people.length < count; household++) {
    const village = pick(kVillages);
    const size = 1 + Math.floor(next() * 4);
    for (let member = 0; member < size && people.length < count; member++) {
      const relation = ["户主", "配偶", "子女", "父母"][member];
      const year = member === 2 ? 1985 + Math.floor(next() * 30) : 1940 + Math.floor(next() * 45);
      const birth = `${year}-${two(1 + Math.floor(next() * 12))}-${two(1 + Math.floor(next() * 28))}`;
      const serial = people.length;
      people.push({
        person: `330402001${String(serial + 1).padStart(6, "0")}`,
        division: "330402001",
        name: pick(kSurnames) + pick(kGiven) + (next() < 0.7 ? pick(kGiven) : ""),
        sex: serial % 2 === 0 ? "女" : "男",
        birth,
        id_number: idNumber(birth, serial),
        phone: `199${String(10000000 + Math.floor(next() * 89999999))}`,
        village,
        address: `新华镇${village}${1 + household % 120}号`,
        household: `H${String(household).padStart(5, "0")}`,
        relation,
        members: size,
      });
    }
  }
  const named = { 4: "王小明", 11: "王晓梅", 26: "吴小敏", 40: "王小明", 57: "王雪梅" };
  for (const [at, name] of Object.entries(named)) if (people[at]) people[at].name = name;
  return people;
}

export function makeAllowances(people, seed = 11) {
  const next = random(seed);
  return people.filter((one) => one.name === "王小明" || (one.relation === "户主" && next() < 0.22)).map((one, at) => ({
    case_no: `DB2026${String(at + 1).padStart(4, "0")}`,
    division: one.division,
    name: one.name,
    village: one.village,
    category: ["A1类", "A2类", "B类"][Math.floor(next() * 3)],
    amount: (280 + 10 * Math.floor(next() * 46)).toFixed(2),
    since: `20${18 + Math.floor(next() * 8)}-${two(1 + Math.floor(next() * 12))}-01`,
    suspended: next() < 0.06 ? "true" : "false",
  }));
}

export function csvOf(rows, columns) {
  const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value));
  return [columns.join(","), ...rows.map((row) => columns.map((name) => cell(row[name] ?? "")).join(","))].join("\n") + "\n";
}
