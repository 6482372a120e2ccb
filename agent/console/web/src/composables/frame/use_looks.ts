// Dark or light, and the size of type: kept on this machine.
import { ref, watchEffect } from "vue";

const dark = ref(localStorage.getItem("rootlet.dark") === "yes" ||
  (localStorage.getItem("rootlet.dark") === null && matchMedia("(prefers-color-scheme: dark)").matches));
const large = ref(localStorage.getItem("rootlet.large") === "yes");

watchEffect(() => {
  const page = document.documentElement;
  page.classList.toggle("dark", dark.value);
  page.classList.toggle("large", large.value);
});

function keep(name: string, value: boolean): void {
  localStorage.setItem(name, value ? "yes" : "no");
}

export function useLooks() {
  const switchDark = (): void => keep("rootlet.dark", (dark.value = !dark.value));
  const switchLarge = (): void => keep("rootlet.large", (large.value = !large.value));
  return { dark, large, switchDark, switchLarge };
}
