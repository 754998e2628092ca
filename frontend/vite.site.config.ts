/** The studio without a server: a folder of files, for any place on any web server. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from "vite";

const SERVICE_WORKER = "service-worker.js";
/** Nothing but the site's own files, and nothing sent anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
/** Old web servers do not know that .mjs is a script. */
const output = {
  assetFileNames: ({ names }: { names: string[] }) =>
    names.some((name) => name.endsWith(".mjs")) ? "assets/[name]-[hash].js" : "assets/[name]-[hash][extname]",
};

/** What a page needs that runs the network itself. */
export const ENGINE: UserConfig = {
  // Relative addresses: the page works under any path.
  base: "./",
  worker: { format: "es", rolldownOptions: { output } },
  // ONNX Runtime's WebAssembly as files of their own, which its threads load too.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  build: {
    emptyOutDir: true,
    // The page's policy allows its own files alone: nothing may be written into another file as data.
    assetsInlineLimit: 0,
    target: "es2023",
    // The runtime and the network are large as they are.
    chunkSizeWarningLimit: 1000,
  },
};

export default defineConfig({
  ...ENGINE,
  root: "src/site",
  publicDir: "../../public",
  plugins: [policy(), terms(), fileList()],
  define: { POLICY: JSON.stringify(POLICY) },
  build: {
    ...ENGINE.build,
    outDir: "../../../build/site",
    rolldownOptions: {
      input: { index: "src/site/index.html", "service-worker": "src/site/service-worker.ts" },
      output: {
        ...output,
        entryFileNames: ({ name }) => (name === "service-worker" ? SERVICE_WORKER : "assets/[name]-[hash].js"),
      },
    },
  },
});

/** Puts the policy into the page, for the first visit: afterwards the service worker sends it. */
function policy(): Plugin {
  const attrs = { "http-equiv": "Content-Security-Policy", content: POLICY };
  return {
    name: "photochrom-policy",
    transformIndexHtml: () => [{ tag: "meta", attrs, injectTo: "head-prepend" }],
  };
}

/** The licence of the project, and those of others' work in it. */
function terms(): Plugin {
  return {
    name: "photochrom-terms",
    apply: "build",
    generateBundle() {
      for (const name of ["LICENSE", "NOTICE"]) {
        this.emitFile({ type: "asset", fileName: `${name}.txt`, source: readFileSync(join("..", name)) });
      }
    },
  };
}

/** Tells the service worker which files make the page, and a version that changes with any of them. */
function fileList(): Plugin {
  let folder = "";
  return {
    name: "photochrom-file-list",
    apply: "build",
    configResolved: ({ root, build }) => {
      folder = resolve(root, build.outDir);
    },
    closeBundle: () => {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name !== SERVICE_WORKER)
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
      const version = createHash("sha256");
      const listed = files.map((file) => {
        const content = readFileSync(file);
        const address = file.slice(folder.length + 1).replaceAll("\\", "/");
        version.update(`${address}\0`).update(content);
        return { address, bytes: content.length };
      });
      const script = join(folder, SERVICE_WORKER);
      const told = `const VERSION = ${JSON.stringify(version.digest("hex"))}, FILES = ${JSON.stringify(listed)};\n`;
      writeFileSync(script, told + readFileSync(script, "utf-8"));
    },
  };
}
