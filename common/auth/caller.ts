export type Role = "nobody" | "customer" | "operator" | "service";

/** Who calls, as the gateway or a neighbour vouches for it. `id` is the user's id, or the name of the service. */
export type Caller = { role: Role; id: string; name: string; email: string };

export const nobody: Caller = Object.freeze({ role: "nobody", id: "", name: "", email: "" });

/** How a service presents itself to its neighbours. */
export function serviceCaller(service: string): Caller {
  return { role: "service", id: service, name: service, email: "" };
}
