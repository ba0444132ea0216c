// By path: `up --help` reads it before anything is installed.
export { isServiceName, type ServiceName, serviceNames } from "../../infra/service-names.ts";
