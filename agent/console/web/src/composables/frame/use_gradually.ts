// The first lines of a long list at once and the others in the frames after, so that what lies below the edge of the
// screen holds up nothing.
import { computed, onScopeDispose, ref, watch, type ComputedRef } from "vue";

const kFirst = 40; // more than a screen has
const kStep = 80;

export function useGradually<T>(list: () => T[]): ComputedRef<T[]> {
  const drawn = ref(kFirst);
  let waiting = 0;
  function more(): void {
    waiting = 0;
    drawn.value += kStep;
    goOn();
  }
  // After the frame, not before it.
  function goOn(): void {
    if (waiting === 0 && drawn.value < list().length) waiting = requestAnimationFrame(() => setTimeout(more));
  }
  watch(() => list().length, goOn, { immediate: true });
  onScopeDispose(() => cancelAnimationFrame(waiting));
  return computed(() => list().slice(0, drawn.value));
}
