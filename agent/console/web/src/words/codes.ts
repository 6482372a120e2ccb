// Sentences for the short codes that the API uses. A purpose that this list lacks is shown as the catalogue
// has it.
import type { RecordState } from "@/api/types";
import { both, language, wordsNow } from "./language";

const purposes: Record<string, [string, string]> = {
  "address-lookup": ["地址查询", "Address look-up"],
  verification: ["情况核实", "Verification"],
  "subsidy-review": ["补贴核查", "Subsidy review"],
  "allowance-check": ["低保核查", "Allowance check"],
  "minimum-living": ["低保核查", "Minimum living allowance"],
  "birth-registration": ["出生登记", "Birth registration"],
  "household-check": ["户籍核对", "Household check"],
  "elderly-care": ["养老服务", "Care of the elderly"],
  "disaster-relief": ["灾害救助", "Disaster relief"],
  "grid-work": ["网格走访", "Neighbourhood visits"],
};

export function purposeWords(code: string): string {
  const pair = purposes[code];
  if (pair) return language.value === "en" ? pair[1] : pair[0];
  return code.replace(/-/g, " ");
}

const states = both(
  {
    draft: "草稿，尚未提交",
    saved: "已保存在本机，有网后自动报送",
    sealed: "已封装，等待发送",
    received: "上级已收到，等待审核",
    accepted: "已通过",
    returned: "已退回：请按说明修改后重新提交",
  },
  {
    draft: "Draft, not yet handed in.",
    saved: "Saved here. It will be sent when there is a link.",
    sealed: "Packed, waiting to be sent.",
    received: "Received upstream, waiting for review.",
    accepted: "Accepted.",
    returned: "Returned: please correct it and send it again.",
  },
);

const shortStates = both(
  { draft: "草稿", saved: "本机保存", sealed: "已封装", received: "上级收到", accepted: "通过", returned: "退回" },
  { draft: "Draft", saved: "Saved here", sealed: "Packed", received: "Received", accepted: "Accepted", returned: "Returned" },
);

export const stateWords = (state: RecordState): string => wordsNow(states)[state];
export const shortStateWords = (state: RecordState): string => wordsNow(shortStates)[state];

const updates = both(
  {
    realtime: "实时更新", daily: "每天更新", weekly: "每周更新", monthly: "每月更新", quarterly: "每季度更新",
    yearly: "每年更新",
  },
  {
    realtime: "updated all the time", daily: "updated daily", weekly: "updated weekly", monthly: "updated monthly",
    quarterly: "updated quarterly", yearly: "updated yearly",
  },
);

export function updateWords(code: string): string {
  const words: Record<string, string> = wordsNow(updates);
  return words[code] ?? code;
}

const sharing = both(
  { unconditional: "无条件共享", conditional: "有条件共享", not_shared: "不予共享" },
  { unconditional: "Shared with all", conditional: "Shared on conditions", not_shared: "Not shared" },
);

export function sharingWords(code: string): string {
  const words: Record<string, string> = wordsNow(sharing);
  return words[code] ?? code;
}

const acts: Record<string, [string, string]> = {
  query: ["查看列表", "Read rows"],
  show: ["查看一行", "Read one row"],
  search: ["查找", "Search"],
  reveal: ["显示全文", "Showed in full"],
  prefill: ["表单预填", "Prefilled a form"],
  watch: ["查看关注", "Read a watch"],
  facets: ["分类计数", "Counted by value"],
  sql: ["SQL 查询", "SQL query"],
  export: ["导出", "Export"],
  submit: ["提交记录", "Handed in records"],
  "console-enter": ["登录控制台", "Signed in"],
  "console-leave": ["退出控制台", "Signed out"],
  "console-paired": ["浏览器配对", "Paired a browser"],
  "console-pair": ["发出配对码", "Made a pairing code"],
  "console-unpair": ["解除配对", "Unpaired a browser"],
  "refused-ticket": ["登录被拒", "Refused to sign in"],
  "refused-session": ["会话无效被拒", "Refused: no session"],
  "refused-csrf": ["请求被拒：缺少令牌", "Refused: no token"],
  "refused-origin": ["请求被拒：来自其他网站", "Refused: another site"],
  "refused-host": ["请求被拒：主机名不符", "Refused: host name"],
  "refused-pairing": ["请求被拒：配对码不对", "Refused: pairing code"],
  "refused-user": ["请求被拒：该用户没有角色", "Refused: user without a role"],
  "refused-role": ["请求被拒：角色不符", "Refused: role"],
};

export function actWords(code: string | undefined): string {
  if (!code) return "";
  const pair = acts[code];
  return pair ? (language.value === "en" ? pair[1] : pair[0]) : code;
}

const outcomes: Record<string, [string, string]> = {
  done: ["完成", "done"],
  started: ["已开始", "started"],
  stopped: ["中途停止", "stopped"],
  cancelled: ["已取消", "cancelled"],
  no_access: ["被拒绝：无权限", "refused: no access"],
  not_permitted: ["被拒绝：不在授权内", "refused: not granted"],
  lease_ended: ["被拒绝：授权租期已过", "refused: lease over"],
  busy: ["被拒绝：过于频繁", "refused: too often"],
  unreachable: ["未完成：数据尚未到达", "not done: no data yet"],
  untrusted: ["未完成：数据未通过核验", "not done: not verified"],
  storage: ["未完成：读写磁盘出错", "not done: disk"],
  storage_full: ["未完成：磁盘已满", "not done: disk full"],
  storage_damaged: ["未完成：数据待修复", "not done: waits for repair"],
  not_enrolled: ["未完成：本机尚未注册", "not done: not enrolled"],
  bad_input: ["未完成：输入有误", "not done: a mistake in the request"],
  usage: ["未完成：输入有误", "not done: a mistake in the request"],
  internal: ["未完成：程序出错", "not done: an error of the program"],
  fork: ["未完成：批次分叉", "not done: fork of batches"],
};

export function outcomeWords(code: string | undefined): string {
  if (!code) return "";
  const pair = outcomes[code];
  return pair ? (language.value === "en" ? pair[1] : pair[0]) : code;
}

const roles = both(
  { clerk: "经办员", operator: "运维员", auditor: "审计员" },
  { clerk: "clerk", operator: "operator", auditor: "auditor" },
);
export const roleWords = (role: "clerk" | "operator" | "auditor"): string => wordsNow(roles)[role];
