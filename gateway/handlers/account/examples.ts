/** For the documents. */
export const exampleUserId = "0197f1e4-7c1a-7c3e-9d5e-2f4b6a8c0d1e";
export const exampleKeyId = "0197f1e5-3b2c-7a4d-8e6f-1a2b3c4d5e6f";
export const exampleSessionId = "0197f1e5-9d8e-7f6a-b5c4-d3e2f1a0b9c8";
