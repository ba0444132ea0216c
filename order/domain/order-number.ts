/** "OF-00001234". Longer numbers keep all their digits. */
export function orderNumber(sequence: number): string {
  return `OF-${String(sequence).padStart(8, "0")}`;
}
