import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses: the page works under any path.
  base: "./",
  worker: { format: "es" },
  build: {
    outDir: "../src/photochrom/web/static",
    emptyOutDir: true,
    // The page's policy allows its own files alone: nothing may be written into another file as data.
    assetsInlineLimit: 0,
    target: "es2023",
  },
  // For `npm run dev` beside `photochrom studio --no-browser`: the service takes the page for its own.
  server: {
    proxy: {
      "/v1": {
        target: "http://127.0.0.1:8800",
        configure: (proxy) => proxy.on("proxyReq", (request) => request.removeHeader("origin")),
      },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
