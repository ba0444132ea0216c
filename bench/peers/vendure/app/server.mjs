import { bootstrap } from "@vendure/core";
import { vendureConfig } from "./config.mjs";

await bootstrap(vendureConfig({ port: Number(process.env.PORT) }));
