import type { SystemUser } from "./unprivileged-user.ts";

/** How to start a process: all it gets, nothing inherited. */
export type Launch = {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  user?: SystemUser | undefined;
  /** Nobody waits for it: others have the processors first. */
  isBackground?: boolean | undefined;
  /** It must answer at once whatever the others do. */
  isFavoured?: boolean | undefined;
};

/** What every process of ours needs from the caller's environment to find programs, folders and certificates. */
export function baseEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
