const { defineConfig } = require("@medusajs/framework/utils");

const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, WORKER_MODE: workerMode } = process.env;
const jobs = { age: 3600, count: 1000 };

function provider(module, id) {
  const options = { redisUrl };
  return {
    resolve: `@medusajs/medusa/${module}`,
    options: { providers: [{ resolve: `@medusajs/medusa/${id}`, id, is_default: true, options }] },
  };
}

/** The modules that Medusa's guide for production asks for. */
module.exports = defineConfig({
  projectConfig: {
    databaseUrl,
    databaseDriverOptions: { ssl: false, pool: { min: 4, max: 20 } },
    redisUrl,
    http: {
      storeCors: "http://127.0.0.1",
      adminCors: "http://127.0.0.1",
      authCors: "http://127.0.0.1",
      jwtSecret: process.env.JWT_SECRET,
      cookieSecret: process.env.COOKIE_SECRET,
    },
    workerMode,
  },
  admin: { disable: true },
  featureFlags: { caching: true },
  modules: [
    {
      resolve: "@medusajs/medusa/event-bus-redis",
      options: { redisUrl, jobOptions: { removeOnComplete: jobs, removeOnFail: jobs } },
    },
    { resolve: "@medusajs/medusa/workflow-engine-redis", options: { redis: { redisUrl } } },
    provider("locking", "locking-redis"),
    provider("caching", "caching-redis"),
  ],
});
