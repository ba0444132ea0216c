import ts from "typescript";

/** What a type is written with: `named` are the generic types that stay as they are, each with its parameters. */
type Writing = { checker: ts.TypeChecker; named: ReadonlySet<string> };

const maxDepth = 30;
const identifier = /^[A-Za-z_$][\w$]*$/;

/**
 * TypeScript source of a type with everything that it refers to written out, so that it stands alone. For the shapes that
 * travel as JSON, and the generic types of `named` around them.
 *
 * @throws Error for a type that JSON cannot hold, such as a Date or a function, naming where it is.
 */
export function writeType(type: ts.Type, writing: Writing, path: string[] = []): string {
  if (path.length > maxDepth) throw new Error(`${path.join(".")} is nested deeper than ${maxDepth} levels`);
  const simple = writeSimple(type);
  if (simple !== undefined) return simple;
  if (type.isUnion()) return writeUnion(type, writing, path);
  const { name = "" } = type.aliasSymbol ?? {};
  if (writing.named.has(name)) {
    const given = (type.aliasTypeArguments ?? []).map((argument, index) =>
      writeType(argument, writing, [...path, `<${index}>`]),
    );
    return `${name}<${given.join(", ")}>`;
  }
  if (writing.checker.isTupleType(type) || writing.checker.isArrayType(type)) return writeArray(type, writing, path);
  return writeObject(type, writing, path);
}

function writeSimple(type: ts.Type): string | undefined {
  const { flags } = type;
  if (flags & ts.TypeFlags.Any) return "unknown";
  if (type.isStringLiteral()) return JSON.stringify(type.value);
  if (type.isNumberLiteral()) return String(type.value);
  if (flags & ts.TypeFlags.BooleanLiteral) return (type as ts.Type & { intrinsicName: string }).intrinsicName;
  const names: [ts.TypeFlags, string][] = [
    [ts.TypeFlags.Unknown, "unknown"],
    [ts.TypeFlags.String, "string"],
    [ts.TypeFlags.TemplateLiteral, "string"],
    [ts.TypeFlags.Number, "number"],
    [ts.TypeFlags.Boolean, "boolean"],
    [ts.TypeFlags.Null, "null"],
    [ts.TypeFlags.Undefined | ts.TypeFlags.Void, "undefined"],
    [ts.TypeFlags.Never, "never"],
  ];
  return names.find(([flag]) => flags & flag)?.[1];
}

function writeUnion(type: ts.UnionType, writing: Writing, path: string[]): string {
  const written = new Set(type.types.map((member) => writeType(member, writing, path)));
  if (written.delete("true") && written.delete("false")) written.add("boolean");
  return [...written].join(" | ");
}

function writeArray(type: ts.Type, writing: Writing, path: string[]): string {
  const items = writing.checker
    .getTypeArguments(type as ts.TypeReference)
    .map((item, index) => writeType(item, writing, [...path, `[${index}]`]));
  return writing.checker.isTupleType(type) ? `[${items.join(", ")}]` : `Array<${items.join(", ")}>`;
}

function writeObject(type: ts.Type, writing: Writing, path: string[]): string {
  const { checker } = writing;
  const place = path.join(".") || "it";
  if (type.getCallSignatures().length > 0) throw new Error(`${place} is a function, which JSON cannot hold`);
  if (type.symbol?.name === "Date") throw new Error(`${place} is a Date, which JSON cannot hold`);
  const index = checker.getIndexInfosOfType(type)[0];
  const members = checker.getPropertiesOfType(type).map((property) => {
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const written = writeType(checker.getTypeOfSymbol(property), writing, [...path, property.name]);
    const name = identifier.test(property.name) ? property.name : JSON.stringify(property.name);
    return `${comment(property, checker)}${name}${isOptional ? "?" : ""}: ${written};`;
  });
  if (index) members.push(`[name: string]: ${writeType(index.type, writing, [...path, "[name]"])};`);
  return members.length === 0 ? "Record<string, never>" : `{\n${members.join("\n").replaceAll(/^/gm, "  ")}\n}`;
}

function comment(property: ts.Symbol, checker: ts.TypeChecker): string {
  const words = ts.displayPartsToString(property.getDocumentationComment(checker)).replaceAll(/\s+/g, " ");
  return words === "" ? "" : `/** ${words} */\n`;
}
