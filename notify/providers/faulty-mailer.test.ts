import { expect, test } from "bun:test";
import { faultyMailer } from "./faulty-mailer.ts";
import type { Mail, Mailer } from "./mailer.ts";

test("a mail fails before it is sent as often as is asked for, and the next one is not", async () => {
  const sent: string[] = [];
  const mailer: Mailer = {
    async send({ id }) {
      sent.push(id);
      return { kind: "accepted" };
    },
    close: () => undefined,
  };
  let ratio = 0.5;
  const draws = [0.4, 0.6, 0.4];
  const faulty = faultyMailer(mailer, { failureRatio: () => ratio, random: () => draws.shift() ?? 0 });
  const mail = (id: string): Mail => ({
    id,
    to: { name: "Ann", email: "ann@example.com" },
    subject: "",
    text: "",
    headers: {},
    html: "",
  });
  expect(await faulty.send(mail("a"))).toMatchObject({ kind: "failed" });
  expect(await faulty.send(mail("b"))).toEqual({ kind: "accepted" });
  ratio = 0;
  expect(await faulty.send(mail("c"))).toEqual({ kind: "accepted" });
  expect(sent).toEqual(["b", "c"]);
});
