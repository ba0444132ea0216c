import { parseArgs } from "node:util";
import type { Environment } from "@orderflow/common/config/read-config";
import type { DeadLetterView } from "@orderflow/common/messaging/dead-letters/dead-letter";
import { TRPCClientError } from "@trpc/client";
import { textTable } from "../command-line/text-table.ts";
import { UsageError } from "../usage-error.ts";
import type { Counter } from "./command-help.ts";
import type { Listener } from "./listeners.ts";
import { createOperatorClient, type OperatorClient } from "./operator-client.ts";

const services = ["order", "inventory", "notify", "worker"] as const;

type Options = { stream?: string; key?: string; failed?: boolean; reason?: string; json?: boolean };
type Call = { client: OperatorClient; words: string[]; options: Options; self: string };

const pageItems = 100;
const maxListed = 10_000;

/** Returns the exit code. */
export async function runDeadLetters(args: string[], env: Environment, counter: Counter): Promise<number> {
  const { words, options } = parse(args);
  const [verb = "list", ...rest] = words;
  const run = commands[verb];
  if (!run) throw new UsageError(`There is no command ${verb}: list, show, redrive or discard (see --help).`);
  try {
    return await run({
      client: await createOperatorClient(env),
      words: rest,
      options,
      self: counter.call("dead-letters"),
    });
  } catch (error) {
    if (error instanceof TRPCClientError) throw new UsageError(`The answer is no: ${error.message}`);
    throw error;
  }
}

const commands: Record<string, (call: Call) => Promise<number>> = { list, show, redrive, discard };

async function list({ client, words, options }: Call): Promise<number> {
  const asked = words[0] === undefined ? services : [listenerOf(words[0])];
  const found: (DeadLetterView & { service: Listener })[] = [];
  for (const service of asked) {
    for (const letter of await listAll(client, service, options)) found.push({ service, ...letter });
  }
  if (options.json) return print(found);
  if (found.length === 0) return print("No dead letters.");
  const rows = found.map((letter) => [
    ...[letter.service, letter.stream, String(letter.position), letter.type, letter.key],
    ...[letter.isParked ? "parked" : `failed ${letter.attempts}×`, letter.buriedAt, oneLine(letter.error)],
  ]);
  return print(textTable([["service", "stream", "position", "type", "key", "state", "since", "error"], ...rows]));
}

async function listAll(client: OperatorClient, service: Listener, options: Options): Promise<DeadLetterView[]> {
  const { stream, key, failed } = options;
  const filter = {
    limit: pageItems,
    ...(stream && { stream }),
    ...(key && { key }),
    ...(failed && { isParked: false }),
  };
  const letters: DeadLetterView[] = [];
  let cursor: string | undefined;
  do {
    const page = await client[service].deadLetters.list.query({ ...filter, ...(cursor && { cursor }) });
    letters.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor && letters.length < maxListed);
  return letters;
}

async function show({ client, words, options }: Call): Promise<number> {
  const { service, stream, position } = placeOf(words);
  const letter = await client[service].deadLetters.show.query({ stream, position });
  if (options.json) return print(letter);
  const { event, stack, error, ...fields } = letter;
  const rows = Object.entries(fields).map(([name, value]) => [name, String(value ?? "–")]);
  return print(`${textTable(rows)}\n\n${stack ?? error}\n\n${JSON.stringify(event, null, 2)}`);
}

/** A call applies a bounded number; asked again until none is left or one fails. */
async function redrive({ client, words, options, self }: Call): Promise<number> {
  const [name, stream, key] = words;
  if (!stream || !key) throw new UsageError("redrive needs a service, a stream and a key (see --help).");
  const service = listenerOf(name);
  let redriven = 0;
  for (;;) {
    const answer = await client[service].deadLetters.redrive.mutate({ idempotencyKey: newKey(), stream, key });
    redriven += answer.redriven;
    if (answer.remaining > 0 && answer.failedAt === null && answer.redriven > 0) continue;
    if (options.json) print({ ...answer, redriven });
    else print(`${redriven} applied, ${answer.remaining} still wait.`);
    if (answer.failedAt === null) return 0;
    if (!options.json) print(`It failed again: ${self} show ${service} ${stream} ${answer.failedAt}`);
    return 1;
  }
}

async function discard({ client, words, options, self }: Call): Promise<number> {
  const { service, stream, position } = placeOf(words);
  const { reason } = options;
  if (!reason) throw new UsageError('discard needs --reason "why": it is kept with the event.');
  const call = { idempotencyKey: newKey(), stream, position, reason };
  const { key, remaining } = await client[service].deadLetters.discard.mutate(call);
  if (options.json) return print({ stream, position, key, remaining });
  print(`Discarded. ${remaining} of ${key} still wait${remaining > 0 ? ", and can be redriven:" : "."}`);
  return remaining > 0 ? print(`${self} redrive ${service} ${stream} ${key}`) : 0;
}

function parse(args: string[]): { words: string[]; options: Options } {
  const options = {
    stream: { type: "string" },
    key: { type: "string" },
    reason: { type: "string" },
    failed: { type: "boolean" },
    json: { type: "boolean" },
  } as const;
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true });
    return { words: positionals, options: values };
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error} (see --help)`);
  }
}

function placeOf([name, stream, at]: string[]): { service: Listener; stream: string; position: number } {
  const position = Number(at);
  if (!stream || !Number.isInteger(position) || position < 1)
    throw new UsageError("A service, a stream and a position are needed (see --help).");
  return { service: listenerOf(name), stream, position };
}

function listenerOf(name: string | undefined): Listener {
  const listener = services.find((known) => known === name);
  if (listener) return listener;
  throw new UsageError(`${name ?? "nothing"} is no service that listens: ${services.join(", ")}.`);
}

function print(what: unknown): 0 {
  console.log(typeof what === "string" ? what : JSON.stringify(what, null, 2));
  return 0;
}

const newKey = () => crypto.randomUUID();
const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 80);
