import { parseAst } from "vite";

/**
 * @typedef {{ specifier: string, typeOnly: boolean, names: string[], line: number }} Import `names`: what of it is used as a
 *   value, as far as it is named
 * @typedef {object} ScannedModule
 * @property {Import[]} imports every form: static, re-export, dynamic, `import type`, `import("x").T`
 * @property {{ name: string, line: number }[]} environmentReads the variable's name, or `*` where it cannot be told
 * @property {{ name: string, line: number }[]} globalCalls functions called and classes constructed by a bare name
 * @property {number[]} sqlLines where a string begins like an SQL statement
 * @property {number} codeLines lines that are neither empty nor comment
 */

const SQL =
  /^\s*(SELECT\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|(CREATE|DROP|ALTER)\s+(UNIQUE\s+|VIRTUAL\s+|TEMP\s+)?(TABLE|INDEX|TRIGGER|VIEW)\s|PRAGMA\s|BEGIN\s+IMMEDIATE|WITH\s+\w+\s+AS\s*\()/;

/**
 * Reads what the structure rules ask about out of one source text. Throws where it does not parse.
 * @param {string} file its ending decides the language
 * @param {string} text
 * @returns {ScannedModule}
 */
export function scanModule(file, text) {
  const lineAt = createLineFinder(text);
  /** @type {ScannedModule} */
  const found = { imports: [], environmentReads: [], globalCalls: [], sqlLines: [], codeLines: countCodeLines(text) };
  const lang = file.endsWith(".tsx") ? "tsx" : file.endsWith(".ts") ? "ts" : "jsx";
  const program = asNode(parseAst(text, { lang }, file));
  if (program === undefined) throw new Error(`${file} did not parse to a tree.`);
  visit(program, undefined, (node, parent) => {
    const line = lineAt(node.start);
    const specifier = findSpecifier(node);
    if (specifier !== undefined)
      found.imports.push({ specifier, typeOnly: isTypeOnly(node), names: listNames(node), line });
    const variable = findEnvironmentRead(node, parent);
    if (variable !== undefined) found.environmentReads.push({ name: variable, line });
    const called = findGlobalCall(node);
    if (called !== undefined) found.globalCalls.push({ name: called, line });
    if (SQL.test(findText(node) ?? "")) found.sqlLines.push(line);
  });
  return found;
}

/** @typedef {{ type: string, start: number, [key: string]: unknown }} AnyNode */

/** @param {AnyNode} node @returns {string | undefined} */
function findGlobalCall(node) {
  if (node.type !== "CallExpression" && node.type !== "NewExpression") return undefined;
  const callee = asNode(node["callee"]);
  return callee?.type === "Identifier" ? String(callee["name"]) : undefined;
}

/** @param {AnyNode} node @returns {string | undefined} */
function findText(node) {
  if (node.type === "TemplateElement") return cooked(node);
  return node.type === "Literal" ? literal(node) : undefined;
}

/** @param {AnyNode} node @returns {string | undefined} */
function findSpecifier(node) {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return literal(node["source"]);
    case "TSExternalModuleReference":
      return literal(node["expression"]);
    case "CallExpression": {
      const callee = asNode(node["callee"]);
      const isRequire = callee?.type === "Identifier" && callee["name"] === "require";
      return isRequire && Array.isArray(node["arguments"]) ? literal(node["arguments"][0]) : undefined;
    }
    default:
      return undefined;
  }
}

/** @param {AnyNode} node */
function isTypeOnly(node) {
  if (node.type === "TSImportType") return true;
  if (node["importKind"] === "type" || node["exportKind"] === "type") return true;
  const specifiers = node["specifiers"];
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every((one) => one.importKind === "type" || one.exportKind === "type")
  );
}

/** @param {AnyNode} node @returns {string[]} `*` stands for all of it */
function listNames(node) {
  const specifiers = Array.isArray(node["specifiers"])
    ? node["specifiers"].filter((one) => one.importKind !== "type")
    : [];
  return specifiers.map((one) => String(one.imported?.name ?? "*"));
}

/**
 * `process.env.X`, `process.env["X"]`, `const { env } = process`; answers the variable's name, or `*`.
 * @param {AnyNode} node
 * @param {AnyNode | undefined} parent
 * @returns {string | undefined}
 */
function findEnvironmentRead(node, parent) {
  if (node.type === "VariableDeclarator" && isIdentifier(node["init"], "process")) return "*";
  if (!isEnvironment(node)) return undefined;
  if (parent?.type !== "MemberExpression" || parent["object"] !== node) return "*";
  return parent["computed"] === true
    ? (literal(parent["property"]) ?? "*")
    : String(asNode(parent["property"])?.["name"]);
}

/** @param {unknown} value */
function isEnvironment(value) {
  const node = asNode(value);
  return (
    node?.type === "MemberExpression" &&
    isIdentifier(node["object"], "process") &&
    (isIdentifier(node["property"], "env") || literal(node["property"]) === "env")
  );
}

/** @param {unknown} value @param {string} name */
function isIdentifier(value, name) {
  const node = asNode(value);
  return node?.type === "Identifier" && node["name"] === name;
}

/** @param {unknown} value @returns {string | undefined} */
function literal(value) {
  const node = asNode(value);
  if (node?.type === "Literal" && typeof node["value"] === "string") return node["value"];
  const quasis = node?.type === "TemplateLiteral" ? node["quasis"] : undefined;
  return Array.isArray(quasis) && quasis.length === 1 ? cooked(quasis[0]) : undefined;
}

/** @param {AnyNode} element @returns {string | undefined} */
function cooked(element) {
  const value = element["value"];
  return typeof value === "object" && value !== null && "cooked" in value ? String(value.cooked) : undefined;
}

/** @param {unknown} value @returns {AnyNode | undefined} */
function asNode(value) {
  const isNode = typeof value === "object" && value !== null && "type" in value && "start" in value;
  return isNode ? /** @type {AnyNode} */ (value) : undefined;
}

/**
 * @param {AnyNode} node
 * @param {AnyNode | undefined} parent
 * @param {(node: AnyNode, parent: AnyNode | undefined) => void} onNode
 */
function visit(node, parent, onNode) {
  onNode(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      const childNode = asNode(child);
      if (childNode !== undefined) visit(childNode, node, onNode);
    }
  }
}

/** @param {string} text @returns {(offset: number) => number} the line of an offset, from 1 */
function createLineFinder(text) {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (Number(starts[middle]) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}

/** @param {string} text */
function countCodeLines(text) {
  let inComment = false;
  let count = 0;
  for (const raw of text.split("\n")) {
    const line = raw.trim();
    if (inComment) {
      inComment = !line.includes("*/");
      continue;
    }
    if (line === "" || line.startsWith("//")) continue;
    if (line.startsWith("/*")) {
      inComment = !line.includes("*/");
      continue;
    }
    count++;
  }
  return count;
}
