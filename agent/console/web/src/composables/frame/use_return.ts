// A session that ended and comes back in another tab of this browser: what was typed last is saved, and the page goes
// on where it was. Nothing is asked meanwhile, because each question without a session is a refusal in the ledger.
import { onBeforeUnmount, onMounted } from "vue";
import { useRouter } from "vue-router";
import { saveUnsaved } from "@/composables/collect/unsaved";
import { beginSession } from "./use_session";

const kPlace = "rootlet.entered"; // written by each page that begins a session; other tabs hear of it

export function tellOthers(): void {
  localStorage.setItem(kPlace, String(Date.now()));
}

export function useReturn(): void {
  const router = useRouter();
  async function onEntered(event: StorageEvent): Promise<void> {
    if (event.key !== kPlace) return;
    try {
      await beginSession();
      const saved = await saveUnsaved();
      if (saved) await router.replace({ name: "form", params: { form: saved.form }, query: { draft: saved.id } });
      location.reload();
    } catch {
      // Still no session: the page goes on saying so.
    }
  }
  const listener = (event: StorageEvent): void => void onEntered(event);
  onMounted(() => window.addEventListener("storage", listener));
  onBeforeUnmount(() => window.removeEventListener("storage", listener));
}
