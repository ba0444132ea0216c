import { randomInt } from "node:crypto";
import { answers } from "../embedded/ports.ts";

const [from, to] = [12_000, 30_000];
const maxTries = 50;

/**
 * The first of so many free ports in a row. Below those that the system gives to outgoing connections: one of these
 * could otherwise sit on the port of a server that was killed and wants to come back.
 */
export async function freeStablePorts(count: number): Promise<number> {
  for (let tries = 0; tries < maxTries; tries++) {
    const base = randomInt(from, to);
    const taken = await Promise.all(Array.from({ length: count }, (_, offset) => answers(base + offset)));
    if (!taken.includes(true)) return base;
  }
  throw new Error("no free ports were found");
}
