// Who is here and with which roles. One session for the page's whole life.
import { computed, ref } from "vue";
import { holdToken, whenSignedOut } from "@/api/client";
import { savePages } from "@/composables/collect/unsaved";
import { leave, readSession } from "@/api/desk";
import type { Role, Session } from "@/api/types";

const session = ref<Session | null>(null);
const hasEnded = ref(false);

whenSignedOut(() => {
  hasEnded.value = true;
});

export async function beginSession(): Promise<void> {
  session.value = await readSession();
  holdToken(session.value.csrf);
}

export function useSession() {
  const roles = computed<Role[]>(() => session.value?.roles ?? []);
  const has = (role: Role): boolean => roles.value.includes(role);
  async function signOut(): Promise<void> {
    await savePages();
    await leave();
    hasEnded.value = true;
  }
  return { session, roles, has, hasEnded, signOut };
}
