import { isAboutTheMail, isReset, type Letter, openSmtp, transmit } from "./smtp-connection.ts";

type Options = {
  url: string;
  /** Kept open between mails. */
  connections: number;
  /** For one mail, connection included. */
  timeoutMs: number;
};

export type SmtpPool = {
  /** Resolves once the server has taken it. Opens a connection when none is free: the caller bounds how many. */
  send(letter: Letter): Promise<void>;
  close(): void;
};

type Connection = Awaited<ReturnType<typeof openSmtp>>;

/** Some servers end a connection that has brought too many. */
const maxLettersPerConnection = 500;

/** Connections that stay open between mails. The pool of nodemailer takes twice the CPU for a mail. */
export function createSmtpPool({ url, connections, timeoutMs }: Options): SmtpPool {
  const sent = new Map<Connection, number>();
  let idle: Connection[] = [];
  let isClosed = false;

  const drop = (connection: Connection): void => {
    sent.delete(connection);
    idle = idle.filter((other) => other !== connection);
    connection.close();
  };
  const keep = (connection: Connection): void => {
    const letters = sent.get(connection) ?? maxLettersPerConnection;
    if (isClosed || letters >= maxLettersPerConnection || idle.length >= connections) drop(connection);
    else idle.push(connection);
  };
  const open = async (): Promise<Connection> => {
    const connection = await openSmtp(url, timeoutMs);
    sent.set(connection, 0);
    // Whether the server ends it or it breaks while nothing is sent.
    connection.once("end", () => drop(connection));
    return connection;
  };
  const sendBy = async (connection: Connection, letter: Letter): Promise<void> => {
    sent.set(connection, (sent.get(connection) ?? 0) + 1);
    try {
      await transmit(connection, letter);
      keep(connection);
    } catch (error) {
      if (isAboutTheMail(error) && (await isReset(connection))) keep(connection);
      else drop(connection);
      throw error;
    }
  };
  return {
    async send(letter) {
      let connection = idle.pop();
      let isLate = false;
      const work = async (): Promise<void> => {
        connection ??= await open();
        if (isLate) drop(connection);
        else await sendBy(connection, letter);
      };
      await within(timeoutMs, work(), () => {
        isLate = true;
        if (connection) drop(connection);
      });
    },
    close() {
      isClosed = true;
      for (const connection of sent.keys()) drop(connection);
    },
  };
}

async function within(timeoutMs: number, work: Promise<void>, onLate: () => void): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`The mail server did not take the mail within ${timeoutMs} ms`));
    onLate();
  }, timeoutMs);
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
