/** As much of the platform's `fetch` as is used. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;
