import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const icons = "src/icons/sprite";

/** Puts all drawings of a folder into one file, each a symbol named after its file. */
function sprite(): Plugin {
  return {
    name: "kiwi-sprite",
    apply: "build",
    buildStart() {
      for (const name of readdirSync(icons)) {
        this.addWatchFile(join(icons, name));
      }
    },
    generateBundle() {
      const symbols = readdirSync(icons)
        .sort()
        .map((name) =>
          readFileSync(join(icons, name), "utf8")
            .trim()
            .replace(/ xmlns="[^"]*"/, "")
            .replace(/^<svg/, `<symbol id="${name.replace(/\.svg$/, "")}"`)
            .replace(/<\/svg>$/, "</symbol>"),
        );
      this.emitFile({
        type: "asset",
        name: "sprite.svg",
        originalFileName: "src/icons/sprite.svg",
        source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
      });
    },
  };
}

/** Leaves compressed copies beside every text file, so that the server need not compress. */
function compress(): Plugin {
  return {
    name: "kiwi-compress",
    apply: "build",
    writeBundle(options, bundle) {
      for (const name of Object.keys(bundle)) {
        if (/\.(js|css|svg)$/.test(name)) {
          const path = join(options.dir ?? "dist/static", name);
          const content = readFileSync(path);
          writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
          writeFileSync(`${path}.br`, brotliCompressSync(content));
        }
      }
    },
  };
}

/** Refuses a build that would make pages slow to load. */
function budget(): Plugin {
  const limits = { js: 45_000, css: 20_000 };
  return {
    name: "kiwi-budget",
    apply: "build",
    writeBundle(options, bundle) {
      for (const [kind, limit] of Object.entries(limits)) {
        const total = Object.keys(bundle)
          .filter((name) => name.endsWith(`.${kind}`))
          .map((name) => gzipSync(readFileSync(join(options.dir ?? "dist/static", name))).length)
          .reduce((sum, size) => sum + size, 0);
        if (total > limit) {
          this.error(`${kind}: ${total} bytes compressed, ${limit} are allowed`);
        }
      }
    },
  };
}

export default defineConfig({
  base: "/static/",
  plugins: [sprite(), compress(), budget()],
  build: {
    outDir: "dist/static",
    assetsDir: "",
    manifest: true,
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: ["src/main.ts", "src/style/main.scss"],
    },
  },
  css: {
    preprocessorOptions: {
      scss: { quietDeps: true, silenceDeprecations: ["import"] },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/unit/**/*.test.ts"],
  },
});
