/** For a container's health check: ends with 0 when the service in it is ready. One that is only told names HEALTH_PORT. */
async function readiness(): Promise<Response> {
  const url = `http://127.0.0.1:${process.env.HEALTH_PORT || process.env.PORT}/readyz`;
  return fetch(url, { signal: AbortSignal.timeout(3_000) });
}

const answer = await readiness().catch((error: Error) => new Response(error.message, { status: 503 }));
console.log(await answer.text());
process.exit(answer.ok ? 0 : 1);

export {};
