// The checks of the agent, run when asked.
import { computed, ref } from "vue";
import { readDoctor } from "@/api/desk";
import type { Doctor } from "@/api/types";
import { failureLine } from "@/composables/frame/use_failure";

export function useDoctor() {
  const report = ref<Doctor | null>(null);
  const isBusy = ref(false);
  const trouble = ref("");
  const toDo = computed(() => report.value?.checks.filter((one) => one.state !== "ok") ?? []);

  async function check(): Promise<void> {
    isBusy.value = true;
    trouble.value = "";
    try {
      report.value = await readDoctor();
    } catch (error) {
      trouble.value = failureLine(error);
    }
    isBusy.value = false;
  }
  return { report, toDo, isBusy, trouble, check };
}

// The command in an advice, if it names one: `rootlet outbox list`, or the rest of a line after a colon.
export function commandIn(advice: string): string {
  const quoted = /`([^`]+)`/.exec(advice);
  if (quoted?.[1]) return quoted[1];
  const bare = /((?:sudo |systemctl |rootlet |chmod |chown |timedatectl )[^，。；,;]*)/.exec(advice);
  return bare?.[1]?.replace(/[.\s]+$/, "") ?? "";
}
