import { expect, test } from "bun:test";
import { Unavailable } from "../errors.ts";
import { createLogger } from "../observability/logger.ts";
import { createMetrics } from "../observability/metrics.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import { Halt } from "./halt.ts";
import { createTroubleLog } from "./trouble-log.ts";

type Line = { level: string; msg: string; [field: string]: unknown };

function aTroubleLog() {
  const lines: Line[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const logger = createLogger({ service: "test", instance: "test", destination });
  const metrics = createMetrics({ service: "test", instance: "test", defaults: false });
  const status = { stream: "order", position: 7, isLeading: true, haltedBecause: undefined };
  return {
    ...createTroubleLog({ logger, metrics: createConsumerMetrics(metrics, "order"), status }),
    status,
    metrics,
    said: () => lines.map(({ level, msg }) => `${level} ${msg}`),
    lines,
  };
}

const away = () => new Unavailable("dependency_unavailable", "order is away", { retryAfterS: 1 });

test("a neighbour that is away is one line without a stack, and one when it is over", () => {
  const log = aTroubleLog();
  for (let attempt = 0; attempt < 50; attempt++) {
    log.leads(7);
    log.interrupted(away());
  }
  log.leads(7);
  log.isOver();
  log.isOver();
  log.leads(8);
  const [waits, goesOn] = ["warn consuming waits for what is away", "info consuming goes on"];
  expect(log.said()).toEqual(["info leading", waits, goesOn, "info leading"]);
  expect(log.lines[1]).toMatchObject({ reason: "Unavailable: order is away", position: 7 });
  expect(JSON.stringify(log.lines)).not.toContain("trouble-log.test.ts");
  expect(log.lines[2]).toMatchObject({ attempts: 50 });
});

test("what nobody expects is told with its stack, and again when it changes", () => {
  const log = aTroubleLog();
  for (const message of ["one", "one", "two"]) log.interrupted(new Error(message));
  expect(log.said()).toEqual(["warn consuming was interrupted", "warn consuming was interrupted"]);
  expect(log.lines[0]?.err).toMatchObject({ message: "one", stack: expect.stringContaining("trouble-log.test.ts") });
});

test("a halt shows on the metrics and the status until it is over, and is said once a minute", async () => {
  const log = aTroubleLog();
  log.halted(new Halt("the log ends at 1"));
  log.halted(new Halt("the log ends at 1"));
  expect(log.said()).toEqual(["fatal the stream is halted, an operator must look"]);
  expect(log.status).toMatchObject({ haltedBecause: "the log ends at 1" });
  expect((await log.metrics.exposition()).body).toMatch(/^consumer_halted{stream="order".*} 1$/m);
  log.isOver();
  expect(log.said()[1]).toBe("info the stream is no longer halted");
  expect(log.status.haltedBecause).toBeUndefined();
  expect((await log.metrics.exposition()).body).toMatch(/^consumer_halted{stream="order".*} 0$/m);
});
