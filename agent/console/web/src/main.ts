import "./styles/all.css";
import { createApp } from "vue";
import App from "./App.vue";
import { beginSession } from "@/composables/frame/use_session";
import { tellOthers } from "@/composables/frame/use_return";
import { whenIdle } from "@/composables/frame/when_idle";
import { fetchPages, router } from "./router";

// Roles decide which pages there are, so the session comes first. Without one the page says how to sign in.
beginSession().then(tellOthers, () => undefined).then(() => {
  createApp(App).use(router).mount("#app");
  whenIdle(fetchPages);
});
