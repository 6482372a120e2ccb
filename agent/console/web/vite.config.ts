// Builds the console for Chromium 80, the oldest browser of the offices. No file is inlined, because the
// policy of the agent allows scripts, styles and pictures from its own address only.
import { fileURLToPath, URL } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type ProxyOptions } from "vite";

// Development: the daemon checks Host and Origin, so both name its own address.
function daemon(): Record<string, ProxyOptions> {
  const target = process.env["ROOTLET_API"] ?? "http://127.0.0.1:8460";
  const options: ProxyOptions = {
    target,
    changeOrigin: true,
    configure: (proxy) => proxy.on("proxyReq", (request) => {
      if (request.getHeader("origin")) request.setHeader("origin", target);
    }),
  };
  return { "/api": options, "/console/enter": options };
}

export default defineConfig({
  base: "/console/",
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: true, // Element Plus has components in that form
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
  },
  build: {
    target: "chrome80",
    cssTarget: "chrome80",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return "echarts";
          if (/node_modules\/(@vue|vue|vue-router)\//.test(id)) return "vue";
          return undefined;
        },
      },
    },
  },
  server: { proxy: daemon() },
  preview: { proxy: daemon() },
});
