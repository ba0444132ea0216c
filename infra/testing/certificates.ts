import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type KeyPair = { key: string; certificate: string };
export type Certificates = { ca: string; server: KeyPair; clientOf(user: string): KeyPair };

/** An authority of its own, as docs/deployment.md makes one with openssl. The server is 127.0.0.1. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "orderflow-certificates-"));
  const at = (name: string) => join(folder, name);
  try {
    openssl([
      "req",
      "-x509",
      ...newKey(at("ca.key")),
      "-out",
      at("ca.crt"),
      "-days",
      "2",
      "-subj",
      "/CN=orderflow test",
    ]);
    const caKey = readFileSync(at("ca.key"), "utf8");
    const ca = readFileSync(at("ca.crt"), "utf8");
    return { ca, server: issue({ ca, caKey, name: "broker" }), clientOf: (user) => issue({ ca, caKey, name: user }) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function issue({ ca, caKey, name }: { ca: string; caKey: string; name: string }): KeyPair {
  const folder = mkdtempSync(join(tmpdir(), "orderflow-certificate-"));
  const at = (file: string) => join(folder, file);
  try {
    writeFileSync(at("ca.crt"), ca);
    writeFileSync(at("ca.key"), caKey, { mode: 0o600 });
    writeFileSync(at("extensions"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    openssl(["req", ...newKey(at("own.key")), "-out", at("own.csr"), "-subj", `/CN=${name}`]);
    const signer = ["-CA", at("ca.crt"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at("extensions")];
    openssl(["x509", "-req", "-in", at("own.csr"), "-out", at("own.crt"), "-days", "2", ...signer]);
    return { key: readFileSync(at("own.key"), "utf8"), certificate: readFileSync(at("own.crt"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function newKey(path: string): string[] {
  return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path];
}

function openssl(args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr}`);
}
