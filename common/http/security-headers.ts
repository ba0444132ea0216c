/** For answers that hold data and never a page: nothing in them may be run, framed or guessed at. */
const securityHeaders = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};
const entries = Object.entries(securityHeaders);

/** Sets what the answer does not already say for itself, such as the policy of a page. */
export function secure(headers: Headers): void {
  for (const [name, value] of entries) if (!headers.has(name)) headers.set(name, value);
}

/** JSON that is no procedure's answer. */
export function secureJson(body: object, status = 200): Response {
  return Response.json(body, { status, headers: securityHeaders });
}
