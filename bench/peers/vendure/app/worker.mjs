import { bootstrapWorker } from "@vendure/core";
import { vendureConfig } from "./config.mjs";

const worker = await bootstrapWorker(vendureConfig());
await worker.startJobQueue();
await worker.startHealthCheckServer({ port: Number(process.env.PORT), hostname: "127.0.0.1" });
