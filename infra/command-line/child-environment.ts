const names = ["PATH", "HOME", "NODE_EXTRA_CA_CERTS", "BUN_RUNTIME_TRANSPILER_CACHE_PATH"];

/** What a process needs that is given one secret: which authorities to trust, and no address or secret of others. */
export function childEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
