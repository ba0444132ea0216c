/** By service, the last migration of the first release: until then nobody's data was at stake, so they are not looked at. */
export const lastBeforeFirstRelease: Record<string, string> = {
  gateway: "0002_setting-versions",
  order: "0003_retention",
  inventory: "0003_retention",
  notify: "0002_retention",
  worker: "0002_retention",
};
