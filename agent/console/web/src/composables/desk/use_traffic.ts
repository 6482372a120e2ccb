// Bytes per day of this month. Null until known; an older agent has no such figures.
import { ref } from "vue";
import { readTraffic } from "@/api/desk";
import type { Traffic } from "@/api/types";

export function useTraffic() {
  const traffic = ref<Traffic | null>(null);
  const isMissing = ref(false);
  async function load(): Promise<void> {
    try {
      traffic.value = await readTraffic();
    } catch {
      isMissing.value = true;
    }
  }
  void load();
  return { traffic, isMissing, load };
}
