// Keys that work on every page. Letters do nothing while one types.
import { onBeforeUnmount, onMounted, ref } from "vue";
import { useRouter } from "vue-router";
import { usePages } from "./use_pages";

export const keysShown = ref(false);
let focusSearch: () => void = () => undefined;
const saveActs = new Set<() => void>();
const submitActs = new Set<() => void>();

export function holdSearchFocus(act: () => void): void {
  focusSearch = act;
}

export function goToSearch(): void {
  focusSearch();
}

// Ctrl-S and Ctrl-Enter belong to the form on the page.
export function useFormKeys(save: () => void, submit: () => void): void {
  onMounted(() => {
    saveActs.add(save);
    submitActs.add(submit);
  });
  onBeforeUnmount(() => {
    saveActs.delete(save);
    submitActs.delete(submit);
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

const kLetterMs = 1500; // between G and its letter

export function usePageKeys(): void {
  const router = useRouter();
  const { allowed } = usePages();
  let gAt = 0;

  function withControl(event: KeyboardEvent): boolean {
    if (event.key === "k") focusSearch();
    else if (event.key === "s") saveActs.forEach((act) => act());
    else if (event.key === "Enter") submitActs.forEach((act) => act());
    else return false;
    return true;
  }

  function plain(event: KeyboardEvent): boolean {
    const key = event.key.toLowerCase();
    if (Date.now() - gAt < kLetterMs) {
      gAt = 0;
      const page = allowed.value.find((one) => one.key === key);
      if (page) void router.push({ name: page.name });
      return Boolean(page);
    }
    if (key === "g") gAt = Date.now();
    else if (key === "/") focusSearch();
    else if (key === "?") keysShown.value = true;
    else if (key === "n") void router.push({ name: "collect" });
    else return false;
    return true;
  }

  function onKey(event: KeyboardEvent): void {
    if (event.isComposing || event.defaultPrevented) return;
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey || (!control && isTyping(event.target))) return;
    if (control ? withControl(event) : plain(event)) event.preventDefault();
  }
  onMounted(() => document.addEventListener("keydown", onKey));
  onBeforeUnmount(() => document.removeEventListener("keydown", onKey));
}
