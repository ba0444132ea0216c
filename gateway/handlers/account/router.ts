import { apiKeys } from "./api-keys.ts";
import { me } from "./me.ts";
import { sessions } from "./sessions.ts";
import { router } from "./trpc.ts";

/** What the gateway answers by itself: who the caller is, where he is signed in, and his API keys. */
export const accountRouter = router({ me, sessions, apiKeys });
export type AccountRouter = typeof accountRouter;
