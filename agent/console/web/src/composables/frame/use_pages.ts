// The pages and who may see them.
import { computed } from "vue";
import type { Role } from "@/api/types";
import { frame } from "@/words/frame";
import { useSession } from "./use_session";

export type PageName =
  "find" | "data" | "collect" | "outbox" | "watches" | "catalogue" | "sql" | "status" | "ledger";

export interface Page {
  name: PageName;
  roles: Role[];
  key: string; // after G
}

const everybody: Role[] = ["clerk", "operator", "auditor"];

export const pages: Page[] = [
  { name: "find", roles: ["clerk"], key: "f" },
  { name: "data", roles: ["clerk"], key: "d" },
  { name: "collect", roles: ["clerk"], key: "c" },
  { name: "outbox", roles: ["clerk"], key: "o" },
  { name: "watches", roles: ["clerk"], key: "w" },
  { name: "catalogue", roles: everybody, key: "k" },
  { name: "sql", roles: ["clerk"], key: "q" },
  { name: "status", roles: everybody, key: "s" },
  { name: "ledger", roles: ["auditor"], key: "l" },
];

export type PageWord = keyof typeof frame.zh;

export function usePages() {
  const { roles } = useSession();
  const allowed = computed(() => pages.filter((page) => page.roles.some((role) => roles.value.includes(role))));
  const isAllowed = (name: string): boolean => allowed.value.some((page) => page.name === name);
  return { allowed, isAllowed };
}
