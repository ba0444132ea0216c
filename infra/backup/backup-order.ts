import type { ServiceName } from "../service-names.ts";

/**
 * In which order databases are looked at: who asked another service for something comes before who granted it. So what
 * worker did with order's leave is never in a copy without the leave, nor an order without its customer's account.
 */
export const backupOrder: ServiceName[] = ["notify", "worker", "inventory", "order", "gateway"];

/** These apply streams, so that their cursors must agree with the logs of the others. */
export const listening: ServiceName[] = ["notify", "worker", "inventory", "order"];
