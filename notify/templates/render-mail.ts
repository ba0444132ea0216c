import { Eta } from "eta/core";
import type { Delivery } from "../domain/delivery.ts";
import { mailView, oneLine } from "../domain/mail-view.ts";
import { htmlTemplates, textTemplates } from "./templates.ts";

export type RenderedMail = { subject: string; html: string; text: string };

// Whoever wrote a name is not trusted: HTML escapes what a template shows, plain text keeps it from posing as lines of ours.
const html = loaded(new Eta({ autoEscape: true, cache: true }), htmlTemplates);
const text = loaded(
  new Eta({ autoEscape: true, escapeFunction: (shown) => oneLine(String(shown)), cache: true }),
  textTemplates,
);

/** The mail of a delivery, in HTML and in plain text. */
export function renderMail(delivery: Pick<Delivery, "kind" | "data">): RenderedMail {
  const view = mailView(delivery);
  return {
    subject: view.subject,
    html: html.render(`@${view.kind}`, view),
    text: text.render(`@${view.kind}`, view),
  };
}

function loaded(eta: Eta, templates: Record<string, string>): Eta {
  for (const [name, template] of Object.entries(templates)) eta.loadTemplate(`@${name}`, template);
  return eta;
}
