import { TRPCError } from "@trpc/server";

/** The body as text. Throws PAYLOAD_TOO_LARGE past `maxBytes`, whether or not the length was announced. */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const announced = request.headers.get("content-length");
  if (announced === null)
    return request.body === null ? "" : new TextDecoder().decode(await readChunks(request.body, maxBytes));
  refuseLength(Number(announced), maxBytes);
  return await request.text();
}

/** The same request with a body known to be within `maxBytes`. */
export async function boundBody(request: Request, maxBytes: number): Promise<Request> {
  const announced = request.headers.get("content-length");
  if (announced !== null) refuseLength(Number(announced), maxBytes);
  if (announced !== null || request.body === null) return request;
  return new Request(request, { body: await readChunks(request.body, maxBytes) });
}

function refuseLength(length: number, maxBytes: number): void {
  if (length > maxBytes)
    throw new TRPCError({ code: "PAYLOAD_TOO_LARGE", message: `The body is larger than ${maxBytes} bytes` });
}

async function readChunks(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    refuseLength(length, maxBytes);
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
