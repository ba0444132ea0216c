import { join } from "node:path";
import { variableOf } from "@orderflow/infra/operator/database-urls";
import { stateFolder } from "../embedded/repository-root.ts";
import { serviceNames } from "../embedded/service-names.ts";
import { readEnvironmentFile } from "./environment-file.ts";
import { readRunFile } from "./run-file.ts";

type Environment = Record<string, string | undefined>;

/** The environment of an operator's command: what it does not name itself is that of the running `up`. */
export function withRunningUp(env: Environment, state = stateFolder): Environment {
  // Who names a server means its databases and no others.
  const isElsewhere = Boolean(env.DATABASE_URL || env.DATABASE_URL_FILE);
  const noted = { ...(isElsewhere ? {} : databasesOfUp(state)), ...operatorOfUp(state) };
  const unnamed = Object.entries(noted).filter(([name]) => !env[name] && !env[`${name}_FILE`]);
  return { ...env, ...Object.fromEntries(unnamed) };
}

function databasesOfUp(state: string): Environment {
  const urls = serviceNames.map((service) => {
    const noted = readEnvironmentFile(join(state, "env", `${service}.env`));
    return [variableOf(service), noted?.[variableOf(service)]];
  });
  return Object.fromEntries(urls);
}

function operatorOfUp(state: string): Environment {
  const run = readRunFile(join(state, "run.json"));
  if (!run) return {};
  return {
    GATEWAY_URL: run.services.find(({ name }) => name === "gateway")?.url,
    OPERATOR_EMAIL: run.demo.operator.email,
    OPERATOR_PASSWORD: run.demo.operator.password,
  };
}
