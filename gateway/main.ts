import { runApi } from "./api.ts";

// The gateway is only asked, never told: its API is its only door.
if (import.meta.main) await runApi();
