/** The mail server answers every recipient with this code, 4yz or 5yz, until it is told otherwise. */
export async function refuseRecipients(mailbox: string, code: number): Promise<void> {
  const body = JSON.stringify({ code, message: code < 500 ? "4.3.0 Try again later" : "5.1.1 No such mailbox" });
  const answer = await fetch(`${mailbox}/refusal`, { method: "PUT", body });
  if (!answer.ok) throw new Error(`the mailbox answered ${answer.status}`);
}

export async function acceptRecipients(mailbox: string): Promise<void> {
  await fetch(`${mailbox}/refusal`, { method: "DELETE" });
}
