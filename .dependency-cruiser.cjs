/** The import directions of the house. The names of the rules are what a failing check shows. */
const services = "(?:gateway|order|inventory|notify|worker)";
const tests = "\\.test\\.ts$|/testing/";
const rooms = "(?:domain|handlers|repositories|providers)";

/** Outside files of a kind, as a path that dependency-cruiser compares with. */
const ofCommon = (names) => `^common/(?:${names})`;

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      comment: "A circle has no first file to read.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "domain-is-pure",
      comment:
        "domain/ decides: it knows its own files, common/{errors,money,ids}, common/events, what a fact and what a caller is.",
      severity: "error",
      from: { path: `^${services}/domain/`, pathNot: tests },
      to: {
        pathNot: [
          `^${services}/domain/`,
          ofCommon("errors|money|ids|events/|messaging/event\\.ts|auth/caller\\.ts"),
          "node_modules/.*zod",
        ],
      },
    },
    {
      name: "handlers-without-sql",
      comment: "handlers/ receives: what it remembers it is given as a repository's type.",
      severity: "error",
      // better-auth brings its own SQL and is handed our tables.
      from: { path: `^${services}/handlers/`, pathNot: [tests, "^gateway/handlers/authentication/create-auth\\.ts$"] },
      to: { path: [`^${services}/repositories/schema`, "node_modules/.*drizzle-orm", "node_modules/postgres/"] },
    },
    {
      name: "rooms-know-no-composition",
      comment: "context.ts, config.ts and the doors know the rooms, never the other way round (their types excepted).",
      severity: "error",
      from: { path: `^${services}/${rooms}/`, pathNot: tests },
      to: {
        path: `^${services}/(?:context|config|api|worker|main)\\.ts$`,
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "repositories-ask-nobody",
      comment: "repositories/ remembers: it knows neither the doors' handlers nor other services.",
      severity: "error",
      from: { path: `^${services}/repositories/`, pathNot: tests },
      to: { path: `^${services}/(?:handlers|providers)/` },
    },
    {
      name: "providers-ask-and-no-more",
      comment: "providers/ asks others: it neither remembers nor receives.",
      severity: "error",
      from: { path: `^(${services})/providers/`, pathNot: tests },
      to: { path: "^$1/(?:handlers|repositories)/" },
    },
    {
      name: "services-meet-by-type",
      comment: "Of another service only its router's type, and only in providers/ or the gateway's composition.",
      severity: "error",
      from: { path: `^(${services})/` },
      to: { path: `^${services}/`, pathNot: "^$1/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "services-meet-in-providers",
      comment: "Of another service only its router's type, and only in providers/ or the gateway's composition.",
      severity: "error",
      from: { path: `^(${services})/`, pathNot: [`^${services}/providers/`, "^gateway/handlers/router\\.ts$"] },
      to: { path: `^${services}/`, pathNot: "^$1/" },
    },
    {
      name: "services-meet-at-the-router",
      comment: "Another service's rooms are its own: its router is all that others see.",
      severity: "error",
      from: { path: `^(${services})/` },
      to: { path: `^${services}/`, pathNot: ["^$1/", `^${services}/handlers/router\\.ts$`] },
    },
    {
      name: "common-knows-no-service",
      comment: "common/ is plumbing and the published language.",
      severity: "error",
      from: { path: "^common/", pathNot: tests },
      to: { path: `^(?:${services}|infra|tools|e2e)/` },
    },
    {
      name: "tools-stay-outside",
      comment: "What starts, prepares and tests the services is no part of them.",
      severity: "error",
      from: { path: `^${services}/`, pathNot: [tests, "drizzle\\.config\\.ts$"] },
      to: { path: "^(?:tools|infra)/" },
    },
    {
      name: "infra-stays-apart",
      comment:
        "infra/ prepares databases, broker and secrets, and goes into the image: it needs common and nothing else.",
      severity: "error",
      from: { path: "^infra/", pathNot: [tests, "^infra/operator/"] },
      to: { path: `^(?:${services}|tools|e2e)/` },
    },
    {
      name: "operators-use-doors",
      comment: "An operator's command calls the gateway, by its type, and replays with a listener's own appliers.",
      severity: "error",
      from: { path: "^infra/operator/", pathNot: tests },
      to: {
        path: `^(?:${services}|tools|e2e)/`,
        pathNot: ["^gateway/handlers/router\\.ts$", "^(?:notify|worker)/handlers/consumers\\.ts$"],
      },
    },
    {
      name: "client-runs-anywhere",
      comment: "What is published runs in browsers and knows the server by type only.",
      severity: "error",
      from: { path: "^client/", pathNot: [tests, "^client/packaging/"] },
      to: { path: `^(?:common|infra|tools|e2e|${services})/`, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "client-without-node",
      comment: "What is published runs in browsers, which have nothing of Node's or Bun's.",
      severity: "error",
      from: { path: "^client/", pathNot: [tests, "^client/packaging/"] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "resolvable",
      comment: "An import that leads nowhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^bun(?::|$)" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // What runs in other shops imports what is installed with them, elsewhere.
    exclude: { path: "node_modules/(?!@orderflow)|\\.orderflow|^bench/peers/[^/]+/app/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "bun", "import", "default"] },
  },
};
