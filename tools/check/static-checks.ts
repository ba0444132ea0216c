export type StaticCheck = { name: string; script: string; args: string[] };

export const checks: StaticCheck[] = [
  { name: "biome", script: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
  { name: "typescript", script: "typescript/bin/tsc", args: ["--noEmit", "-p", "."] },
  {
    name: "imports",
    script: "dependency-cruiser/bin/dependency-cruiser.mjs",
    args: ["--config", ".dependency-cruiser.cjs", "."],
  },
  { name: "contracts", script: "../tools/commands/contracts.ts", args: ["--check"] },
  { name: "security floors", script: "../tools/check/check-floors.ts", args: [] },
  { name: "migrations", script: "../tools/check/check-migrations.ts", args: [] },
  { name: "knip", script: "knip/bin/knip-bun.js", args: ["--no-progress", "--no-config-hints"] },
];
