/** From where an operator calls the commands, and where they find what they work on. */
export type Counter = { call: (name: string) => string; databases: string; account: string };

export const atCheckout: Counter = {
  call: (name) => `bun run ${name}`,
  databases: `The databases are those that the environment names (ORDER_DATABASE_URL, …, or DATABASE_URL for a server that holds them
all), else those of the running \`bun run up\`.`,
  account: `OPERATOR_EMAIL, OPERATOR_PASSWORD
and GATEWAY_URL, else the demo operator of the running \`bun run up\``,
};

/** In the image. The databases are named by the container's own secrets. */
export const atContainer: Counter = {
  call: (name) => `docker compose run --rm ${name}`,
  databases: `The databases are those whose addresses this container has been given (ORDER_DATABASE_URL_FILE and its like).`,
  account: `OPERATOR_EMAIL and
OPERATOR_PASSWORD (or OPERATOR_PASSWORD_FILE), at GATEWAY_URL`,
};

export const readersHelp = ({ call, databases }: Counter) => `Usage: ${call("readers")} [--json]
       ${call("readers")} forget <stream> <reader>
       ${call("readers")} begin <stream> <reader> [--at <floor|head> --reason "why"]

Shows who reads which stream, how far each has said to be, when, and from which position on the stream is kept for them.
A reader that is silent holds its stream from being pruned.

  forget    lets the stream be pruned past a reader that is gone for good. It is held for it again as soon as it reads.
  begin     for a reader that is halted, since what it should read next is pruned, or one that has read nothing yet:
            says what it would never apply if it began further on. With --at it does begin there: on the oldest event
            that is kept (floor) or the newest (head). The event after that one is the first that it applies. What it
            skips is noted in its database, with who and why, and told by its log and by \`${call("audit")}\`.

  --json    JSON instead of a table

${databases} The procedure is in docs/operations.md.`;

export const realignHelp = ({ call, databases, account }: Counter) => `\
Usage: ${call("realign")} --stream <order|order.commands.worker|inventory|worker> [--service S] [action]

A producer was restored from an older copy, and who listens to it has applied events that it no longer knows. Shows both
histories where they part, for each listener or the one named: its cursor, the last event both know, what it applied
past that and the producer has lost. Reads only, unless told otherwise:

  --bring-back    (stream order) takes the lost orders back, from what notify remembers of them, has order hear again
                  what became of them, and cancels again what was cancelled. Before --accept-log. Can be repeated.
  --accept-log    puts the cursors back to the last event both know and goes on with the producer's history from there.
                  What was applied past it stays applied, and is noted. Asked for each stream by itself. Refused for the
                  stream order while lost orders are not back, unless with
  --give-up-lost  which leaves what was reserved, shipped and told for them without an order.

  --json          JSON instead of tables

${databases} --bring-back also signs in at the gateway as an operator: ${account}.
Exits with 1 while histories differ. The whole procedure is in docs/operations.md.`;

export const deadLettersHelp = ({ call, account }: Counter) => `Usage: ${call("dead-letters")} [command] [options]

Events that a service could not apply, and what waits behind them.

  list [service]                              what waits (the default; all services without one)
    --stream S  --key K                       only of this stream, of this order or SKU
    --failed                                  only what failed itself, not what is parked behind it
  show <service> <stream> <position>          one event whole: its error, its stack, what waits behind it
  redrive <service> <stream> <key>            applies an aggregate's dead letters again, in position order
  discard <service> <stream> <position> --reason "why"
                                              gives one event up for ever; kept with who and why

  --json                                      JSON instead of a table

Services: order, inventory, notify, worker. Signs in at the gateway as an operator: ${account}.
Exits with 1 when a redrive fails again.`;

export const replayHelp = ({ call, databases }: Counter) => `\
Usage: ${call("replay")} --service <notify|worker> --stream <stream> --to <database> [--after N]

Applies a stream's history again to a database of its own, which it migrates first: what the service would hold had it
heard the stream from the event after position N (0: the first). Nothing leaves that database: no event is appended and
no job is added, so no mail is sent and nothing is booked. To look, to compare, or to begin anew with.

  --to    its URL, or its name on the server of the service's own, whose role is to own it

order and inventory are not to be had this way: most of what they hold comes from calls, not from streams.

${databases} The producer's is only read.`;
