// Which rows of a long list are near enough to be drawn.
import { computed, onBeforeUnmount, onMounted, ref, type Ref } from "vue";

const kSpare = 8; // rows above and below what is seen

export function useWindow(box: Ref<HTMLElement | null>, rowHeight: () => number, rows: () => number) {
  const top = ref(0);
  const height = ref(400);
  let observer: ResizeObserver | null = null;
  const measure = (): void => {
    height.value = box.value?.clientHeight ?? 400;
  };
  const onScroll = (): void => {
    top.value = box.value?.scrollTop ?? 0;
  };
  onMounted(() => {
    measure();
    observer = new ResizeObserver(measure);
    if (box.value) observer.observe(box.value);
  });
  onBeforeUnmount(() => observer?.disconnect());

  const first = computed(() => Math.max(0, Math.floor(top.value / rowHeight()) - kSpare));
  const last = computed(() => Math.min(rows(), Math.ceil((top.value + height.value) / rowHeight()) + kSpare));
  const indices = computed(() => Array.from({ length: Math.max(0, last.value - first.value) }, (_, n) => first.value + n));

  function reveal(index: number, headHeight: number): void {
    const at = index * rowHeight();
    if (!box.value) return;
    if (at < box.value.scrollTop) box.value.scrollTop = at;
    const end = at + rowHeight() + headHeight - box.value.clientHeight;
    if (end > box.value.scrollTop) box.value.scrollTop = end;
  }
  return { indices, last, onScroll, reveal };
}
