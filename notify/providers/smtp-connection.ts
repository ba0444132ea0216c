import { parseConnectionUrl } from "nodemailer/lib/shared";
import SMTPConnection from "nodemailer/lib/smtp-connection";

export type Letter = { from: string; to: string; message: Buffer };
export type SmtpError = { message: string; code: string; command: string; responseCode: number };

const maxConnectMs = 5_000;

/** Greeted, encrypted and logged in as the URL says. */
export async function openSmtp(url: string, timeoutMs: number): Promise<SMTPConnection> {
  const { auth, authMethod, ...options } = parseConnectionUrl(url);
  const connection = new SMTPConnection({
    connectionTimeout: Math.min(maxConnectMs, timeoutMs),
    greetingTimeout: Math.min(maxConnectMs, timeoutMs),
    // Also how long one that is idle stays open.
    socketTimeout: timeoutMs,
    ...options,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.on("error", reject);
      connection.once("end", () => reject(new Error("The mail server ended the connection")));
      connection.connect((error) => (error ? reject(error) : resolve()));
    });
    if (auth && connection.allowsAuth) await logIn(connection, auth, String(authMethod ?? ""));
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}

type Credentials = { user: string; pass: string };

function logIn(connection: SMTPConnection, credentials: Credentials, method: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.login({ credentials, method }, (error) => (error ? reject(error) : resolve()));
  });
}

/** Resolves once the server has taken it. */
export function transmit(connection: SMTPConnection, { from, to, message }: Letter): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.send({ from, to: [to] }, message, (error) => (error ? reject(error) : resolve()));
  });
}

/** Makes a connection that brought a refused mail fit for the next one, if it can be. */
export function isReset(connection: SMTPConnection): Promise<boolean> {
  return new Promise((resolve) => connection.reset((error) => resolve(!error)));
}

/** The server refused this mail alone: the connection is as good as before. */
export function isAboutTheMail(error: unknown): boolean {
  const { code, responseCode } = error as Partial<SmtpError>;
  return (code === "EENVELOPE" || code === "EMESSAGE") && responseCode !== 421;
}
