import "./styles/all.css";
import { createApp } from "vue";
import App from "./App.vue";
import { beginSession } from "@/composables/frame/use_session";
import { router } from "./router";

// Roles decide which pages there are, so the session comes first. Without one the page says how to sign in.
beginSession().catch(() => undefined).then(() => createApp(App).use(router).mount("#app"));
