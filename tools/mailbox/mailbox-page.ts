import type { Mail } from "./mail-store.ts";

const style = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: #1c2430; background: #f6f7f9 }
  h1 { font-size: 1.3rem } a { color: #0b5cad; text-decoration: none } a:hover { text-decoration: underline }
  table { border-collapse: collapse; width: 100%; background: #fff; border: 1px solid #dde2e8 }
  td, th { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid #eef1f4; vertical-align: top }
  time, .quiet { color: #667; white-space: nowrap } iframe { width: 100%; height: 32rem; border: 1px solid #dde2e8; background: #fff }
  pre { white-space: pre-wrap; background: #fff; border: 1px solid #dde2e8; padding: 1rem }`;

export function mailboxPage(mails: Mail[]): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td><time>${mail.receivedAt.slice(11, 19)}</time></td><td>${escapeHtml(mail.to.join(", "))}</td>` +
      `<td><a href="/messages/${mail.id}/page">${escapeHtml(mail.subject)}</a></td></tr>`,
  );
  const empty = '<p class="quiet">No mail yet. Place an order, and look again.</p>';
  const table = `<table><tr><th>At</th><th>To</th><th>Subject</th></tr>${rows.join("")}</table>`;
  return page("Mailbox", `<h1>Mailbox</h1>${mails.length > 0 ? table : empty}`);
}

export function mailPage(mail: Mail): string {
  const head = `<p><a href="/">← Mailbox</a></p><h1>${escapeHtml(mail.subject)}</h1>
    <p class="quiet">${escapeHtml(mail.from)} to ${escapeHtml(mail.to.join(", "))}, ${mail.receivedAt}</p>`;
  // The sandbox keeps a mail's scripts and links from doing anything in the name of this page.
  const html = mail.html ? `<iframe sandbox="" srcdoc="${escapeHtml(mail.html)}"></iframe>` : "";
  return page(mail.subject, `${head}${html}<pre>${escapeHtml(mail.text)}</pre>`);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${style}</style></head><body>${body}</body></html>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
