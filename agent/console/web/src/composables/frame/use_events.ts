// News from the agent. An agent without events is asked every 15 seconds instead, while the page is seen.
import { ref } from "vue";

export type Topic = "status" | "outbox" | "watches";
type Listener = () => void;

const kPollMs = 15_000;
const kCalmMs = 400; // several events of one moment are one piece of news
const listeners: Record<Topic, Set<Listener>> = { status: new Set(), outbox: new Set(), watches: new Set() };
const timers: Partial<Record<Topic, number>> = {};
const isLive = ref(false);
let began = false;

function tell(topic: Topic): void {
  clearTimeout(timers[topic]);
  timers[topic] = window.setTimeout(() => listeners[topic].forEach((listener) => listener()), kCalmMs);
}

function tellAll(): void {
  (Object.keys(listeners) as Topic[]).forEach(tell);
}

function begin(): void {
  began = true;
  const source = new EventSource("/api/v1/events");
  source.onopen = () => {
    isLive.value = true;
  };
  source.onerror = () => {
    isLive.value = false;
    tell("status");
  };
  for (const topic of Object.keys(listeners) as Topic[]) source.addEventListener(topic, () => tell(topic));
  window.setInterval(() => {
    if (!isLive.value && document.visibilityState === "visible") tellAll();
  }, kPollMs);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") tellAll();
  });
}

// Returns the act that stops listening.
export function onNews(topic: Topic, listener: Listener): () => void {
  if (!began) begin();
  listeners[topic].add(listener);
  return () => listeners[topic].delete(listener);
}
