import { fileURLToPath } from "node:url";
import type { AnyElysia } from "elysia";
import type { OpenApiDocument } from "../openapi/document.ts";
import { secure } from "./security-headers.ts";

export type ServedDocument = {
  /** Of the page. */
  title: string;
  /** The OpenAPI document as it is now, as JSON. */
  readJson: () => string;
  /** Whether the paths of the document are served here, so that the page may call them. */
  isCallable: boolean;
};

/** Swagger UI sets styles on elements and shows images that its stylesheet holds. Nothing comes from elsewhere. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const files = [
  {
    name: "swagger-ui.css",
    type: "text/css; charset=utf-8",
    url: import.meta.resolve("swagger-ui-dist/swagger-ui.css"),
  },
  {
    name: "swagger-ui-bundle.js",
    type: "text/javascript; charset=utf-8",
    url: import.meta.resolve("swagger-ui-dist/swagger-ui-bundle.js"),
  },
];
const keptForS = 86_400;
const compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** The `extend` of a service: its document, whose paths the gateway serves. */
export function documentRoutes(document: OpenApiDocument): (app: AnyElysia) => void {
  const json = JSON.stringify(document);
  return (app) => serveDocuments(app, { title: document.info.title, readJson: () => json, isCallable: false });
}

/** Adds `/openapi.json`, and at `/docs` a page to read it, of which every file is ours. */
export function serveDocuments(app: AnyElysia, { title, readJson, isCallable }: ServedDocument): void {
  app
    .get("/openapi.json", () => answer(readJson(), { "content-type": "application/json" }))
    .get("/docs", () => answer(page(title), { "content-type": "text/html; charset=utf-8" }))
    .get("/docs/start.js", () => answer(startScript(isCallable), { "content-type": "text/javascript; charset=utf-8" }));
  for (const file of files) {
    app.get(`/docs/${file.name}`, ({ request }) => answerFile(file, request.headers.get("accept-encoding")));
  }
}

function answer(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>): Response {
  const response = new Response(body, { headers: { "content-security-policy": pagePolicy, ...headers } });
  secure(response.headers);
  return response;
}

/** 1.9 MB as they are and a quarter of that compressed, which is done once. */
async function answerFile({ name, type, url }: (typeof files)[number], accepted: string | null): Promise<Response> {
  const path = fileURLToPath(url);
  const headers = {
    "content-type": type,
    "cache-control": `public, max-age=${keptForS}`,
    vary: "accept-encoding",
  };
  if (!accepted?.includes("gzip")) return answer(new Uint8Array(await Bun.file(path).arrayBuffer()), headers);
  const known = compressed.get(name) ?? compress(path);
  compressed.set(name, known);
  return answer(await known, { ...headers, "content-encoding": "gzip" });
}

async function compress(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return Bun.gzipSync(new Uint8Array(await Bun.file(path).arrayBuffer()));
}

function page(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${Bun.escapeHTML(title)}</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;
}

function startScript(isCallable: boolean): string {
  const options = {
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    validatorUrl: null,
    ...(!isCallable && { supportedSubmitMethods: [] }),
  };
  return `SwaggerUIBundle(${JSON.stringify(options)});\n`;
}
