import type { Engine } from "./engine.ts";

export async function assertGiven(engine: Engine, given: Record<string, string>): Promise<void> {
  const seen = {
    AUTH_SECRET: await read(engine, "gateway", "/run/secrets/own/auth-secret"),
    ORDER_OWNER_PASSWORD: new URL(await read(engine, "migrate", "/run/secrets/owners/order-url")).password,
  };
  if (!Bun.deepEquals(seen, given)) throw new Error("Other secrets are used than were given");
}

function read(engine: Engine, service: string, path: string): Promise<string> {
  return engine.compose("run", "--rm", "-T", "--no-deps", "--entrypoint", "cat", service, path);
}

export async function assertShares(engine: Engine): Promise<void> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const format = '{{index .Config.Labels "com.docker.compose.service"}}={{.HostConfig.CpuShares}}';
  const shares = (await engine.docker("inspect", "--format", format, ...ids)).split("\n").sort();
  const wanted: Record<string, string> = { gateway: "3072", notify: "256", worker: "256", mailpit: "256" };
  const wrong = shares.filter((line) => {
    const [service = "", share] = line.split("=");
    return share !== (wanted[service] ?? "1024");
  });
  if (wrong.length > 0) throw new Error(`Of the processors they get: ${wrong.join(", ")}`);
}

export async function assertPublished(engine: Engine): Promise<void> {
  const ids = (await engine.compose("ps", "-q")).split("\n").filter((id) => id !== "");
  const format = "{{.Name}} {{range $port, $to := .NetworkSettings.Ports}}{{range $to}}{{.HostIp}} {{end}}{{end}}";
  const lines = (await engine.docker("inspect", "--format", format, ...ids)).split("\n");
  const published = lines.map((line) => line.trim().split(" ")).filter(([, ...addresses]) => addresses.length > 0);
  const wrong = published.filter(
    ([name = "", ...addresses]) =>
      !/gateway|mailpit/.test(name) || addresses.some((address) => address !== "127.0.0.1"),
  );
  if (wrong.length > 0 || published.length !== 2) throw new Error(`Published: ${JSON.stringify(published)}`);
}
