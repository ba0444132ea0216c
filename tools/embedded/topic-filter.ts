/** True when an MQTT topic filter takes in the topic (`+` one level, a last `#` all that follow). */
export function matchesTopic(filter: string, topic: string): boolean {
  return coversFilter(filter, topic);
}

/** True when everything the second filter takes in, the first takes in too. */
export function coversFilter(allowed: string, requested: string): boolean {
  const [allowedLevels, requestedLevels] = [allowed.split("/"), requested.split("/")];
  for (const [index, level] of allowedLevels.entries()) {
    if (level === "#") return true;
    const other = requestedLevels[index];
    if (other === undefined || other === "#") return false;
    if (level !== "+" && level !== other) return false;
  }
  return allowedLevels.length === requestedLevels.length;
}
