import { expect, test } from "bun:test";

type Ending = { code: number; out: string; err: string };

/** Starts the scripted service; once it says `until`, sends it these signals. */
async function live(script: string, signals: NodeJS.Signals[] = [], until = "ready"): Promise<Ending> {
  const path = `${import.meta.dir}/testing/scripted-service.ts`;
  const child = Bun.spawn([process.execPath, path, script], { stdout: "pipe", stderr: "pipe" });
  let out = "";
  const decoder = new TextDecoder();
  let isTold = false;
  for await (const chunk of child.stdout) {
    out += decoder.decode(chunk);
    if (isTold || !out.includes(until)) continue;
    isTold = true;
    for (const signal of signals) {
      if (child.exitCode !== null) break;
      child.kill(signal);
      await Bun.sleep(30);
    }
  }
  return { code: await child.exited, out, err: await new Response(child.stderr).text() };
}

const said = (out: string) => out.split("\n").filter((line) => /^clos/.test(line));

test.each(["SIGTERM", "SIGINT"] as const)(
  "%s closes the doors in order, then the rest, and exits 0",
  async (signal) => {
    const { code, out } = await live("well", [signal]);
    expect(said(out)).toEqual(["closing api", "closed api", "closing worker", "closed worker", "closed context"]);
    expect(code).toBe(0);
  },
);

test("told to stop while it starts, it closes what it opened", async () => {
  const { code, out } = await live("slow-start", ["SIGTERM"], "opening");
  expect(said(out)).toEqual(["closing api", "closed api", "closing worker", "closed worker", "closed context"]);
  expect(code).toBe(0);
});

test("a door that hangs ends the process with 1 when the time is over", async () => {
  const startedAt = performance.now();
  const { code, out } = await live("hang", ["SIGTERM"]);
  expect(code).toBe(1);
  expect(out).toContain("Stopping took too long");
  expect(performance.now() - startedAt).toBeGreaterThan(400);
});

test("a door that fails to close does not keep the others open, and shows in the exit code", async () => {
  const { code, out } = await live("fail-to-close", ["SIGTERM"]);
  expect(said(out)).toEqual(["closing api", "closing worker", "closed worker", "closed context"]);
  expect(code).toBe(1);
});

test("a Ctrl-C that arrives twice, from the terminal and from a runner, still stops cleanly", async () => {
  const { code, out } = await live("well", ["SIGINT", "SIGINT", "SIGTERM"]);
  expect(said(out)).toEqual(["closing api", "closed api", "closing worker", "closed worker", "closed context"]);
  expect(code).toBe(0);
});

test("a signal more than a second after the first ends the process at once", async () => {
  const startedAt = performance.now();
  const { code, out } = await live("hang-for-long", Array(60).fill("SIGTERM"));
  expect(code).toBe(1);
  expect(out).toContain("Told twice to stop");
  expect(performance.now() - startedAt).toBeGreaterThan(1_000);
});

test.each(["throw", "reject"])(
  "an error that nobody caught (%s) is logged and ends the process with 70",
  async (script) => {
    const { code, out } = await live(script);
    expect(code).toBe(70);
    expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      level: "fatal",
      err: { message: expect.any(String) },
    });
  },
);

test("bad settings are told as text and end the process with 78", async () => {
  const { code, out, err } = await live("bad-config");
  expect(code).toBe(78);
  expect(err).toBe("Cannot start: 1 setting is wrong:\n  PORT: expected a whole number from 0 to 65535\n");
  expect(out).toBe("");
});

test("a start that fails is logged and ends the process with 70", async () => {
  const { code, out } = await live("bad-start");
  expect(code).toBe(70);
  expect(out).toContain("the port is taken");
});
