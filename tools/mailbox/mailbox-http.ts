import { type Mail, type MailStore, maxMails, type Reply } from "./mail-store.ts";
import { mailboxPage, mailPage } from "./mailbox-page.ts";
import { readMail } from "./read-mail.ts";

const shownOnPage = 200;

/** The mailbox over HTTP: JSON for programs and tests, a page for people. */
export function openMailboxHttp(
  store: MailStore,
  port: number,
  hostname = "127.0.0.1",
): { port: number; close(): Promise<void> } {
  const server = Bun.serve({
    hostname,
    port,
    routes: {
      "/": async () => html(mailboxPage(await readAll(store.list({ limit: shownOnPage })))),
      "/healthz": () => Response.json({ status: "ok" }),
      "/messages": {
        GET: (request) => listMails(store, new URL(request.url).searchParams),
        DELETE: () => {
          store.clear();
          return new Response(null, { status: 204 });
        },
      },
      "/marks": (request) => Response.json(store.tally(new URL(request.url).searchParams.get("order"))),
      "/refusal": {
        PUT: async (request) => {
          const { code, message } = (await request.json().catch(() => ({}))) as Partial<Reply>;
          if (typeof message !== "string" || !Number.isInteger(code) || !code || code < 400 || code > 599)
            return Response.json({ error: "a code from 400 to 599 and a message" }, { status: 400 });
          store.refuseWith({ code, message });
          return new Response(null, { status: 204 });
        },
        DELETE: () => {
          store.refuseWith(undefined);
          return new Response(null, { status: 204 });
        },
      },
      "/messages/:id": async (request) => {
        const mail = store.byId(request.params.id);
        return mail ? Response.json(await readMail(mail)) : notFound();
      },
      "/messages/:id/page": async (request) => {
        const mail = store.byId(request.params.id);
        return mail ? html(mailPage(await readMail(mail))) : notFound();
      },
    },
    fetch: () => notFound(),
  });
  return { port: server.port ?? port, close: () => server.stop(true) };
}

async function listMails(store: MailStore, query: URLSearchParams): Promise<Response> {
  const limit = Number(query.get("limit") ?? maxMails);
  if (!Number.isInteger(limit) || limit < 1 || limit > maxMails) {
    return Response.json({ error: `limit is a whole number from 1 to ${maxMails}` }, { status: 400 });
  }
  return Response.json(await readAll(store.list({ to: query.get("to") ?? undefined, limit })));
}

async function readAll(mails: Mail[]): Promise<Mail[]> {
  const read: Mail[] = [];
  for (const mail of mails) read.push(await readMail(mail));
  return read;
}

function html(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function notFound(): Response {
  return Response.json({ error: "There is nothing here" }, { status: 404 });
}
