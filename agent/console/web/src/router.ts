// Addresses carry ids of datasets, forms, records and saved views, never a value of a person.
import { createRouter, createWebHashHistory, type RouteRecordRaw } from "vue-router";
import { usePages } from "@/composables/frame/use_pages";
import FindPage from "@/pages/FindPage.vue";

type Load = () => Promise<unknown>;
const routes: RouteRecordRaw[] = [
  { path: "/", name: "find", component: FindPage, meta: { page: "find" } },
  { path: "/data", name: "data", component: () => import("@/pages/DataPage.vue"), meta: { page: "data" } },
  { path: "/data/:dataset", name: "dataset", component: () => import("@/pages/DataPage.vue"), meta: { page: "data", isFixed: true } },
  { path: "/collect", name: "collect", component: () => import("@/pages/CollectPage.vue"), meta: { page: "collect" } },
  { path: "/collect/:form", name: "form", component: () => import("@/pages/FormPage.vue"), meta: { page: "collect" } },
  { path: "/outbox", name: "outbox", component: () => import("@/pages/OutboxPage.vue"), meta: { page: "outbox" } },
  { path: "/outbox/:record/receipt", name: "receipt", component: () => import("@/pages/ReceiptPage.vue"), meta: { page: "outbox" } },
  { path: "/watches", name: "watches", component: () => import("@/pages/WatchesPage.vue"), meta: { page: "watches" } },
  { path: "/catalogue", name: "catalogue", component: () => import("@/pages/CataloguePage.vue"), meta: { page: "catalogue" } },
  { path: "/sql", name: "sql", component: () => import("@/pages/SqlPage.vue"), meta: { page: "sql" } },
  { path: "/status", name: "status", component: () => import("@/pages/StatusPage.vue"), meta: { page: "status" } },
  { path: "/ledger", name: "ledger", component: () => import("@/pages/LedgerPage.vue"), meta: { page: "ledger" } },
  { path: "/forbidden", name: "forbidden", component: () => import("@/pages/MissingPage.vue"), props: { isForbidden: true } },
  { path: "/:rest(.*)", name: "missing", component: () => import("@/pages/MissingPage.vue") },
];

// One after the other, before somebody goes there: the first visit to a page takes no longer than the second.
export async function fetchPages(): Promise<void> {
  for (const { component, meta } of routes) {
    const page = meta?.["page"];
    const isMine = typeof page === "string" && usePages().isAllowed(page);
    if (isMine && component !== FindPage) await (component as Load)().catch(() => undefined);
  }
}

export const router = createRouter({ history: createWebHashHistory("/console/"), routes });

// A page of another role leads to the first page of one's own.
router.beforeEach((to) => {
  const page = to.meta["page"];
  const { allowed, isAllowed } = usePages();
  if (typeof page !== "string" || isAllowed(page)) return true;
  if (page === "find" && allowed.value[0]) return { name: allowed.value[0].name };
  return { name: "forbidden" };
});
