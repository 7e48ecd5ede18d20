// The language service of Visual Studio Code accepts the documents of a schema directory and marks misspelt words.
//
//     node editor.mjs DIRECTORY

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import languageService from "vscode-json-languageservice";

import { fail } from "./bundle.mjs";

const { getLanguageService, TextDocument } = languageService;

/** Documents with a word, its misspelling, and the number of the occurrence. */
const MISSPELT = [
  ["manifest.json", "prefix", "prefx"],
  ["manifest.json", "status", "statu"],
  ["worker/deploy.json", "errors", "erors"],
  ["worker/deploy.json", "timeout", "timeot"],
  ["worker/deploy.json", "maxLength", "maxLenght"],
  ["coordinator/heartbeat.json", "delivery", "delivry"],
  ["coordinator/heartbeat.json", "maxItems", "maxItem"],
  ["types/nats.json", "maxLength", "maxLenght"],
  ["types/nats.json", "sensitive", "sensitiv"],
];

const root = resolve(process.argv[2]);
const service = getLanguageService({
  schemaRequestService: async (uri) => {
    if (!uri.startsWith("file:")) {
      throw new Error(`the meta-schemas must not need the network, but the editor asks for ${uri}`);
    }
    return readFileSync(fileURLToPath(uri), "utf8");
  },
  workspaceContext: { resolveRelativePath: (path, document) => new URL(path, document).href },
});
service.configure({ validate: true });

/** The texts that the editor marks, each with the message. */
async function marks(path, text) {
  const uri = pathToFileURL(`${root}/${path}`).href;
  const document = TextDocument.create(uri, "json", 1, text);
  const parsed = service.parseJSONDocument(document);
  const found = await service.doValidation(document, parsed, { schemaValidation: "error", schemaRequest: "error" });
  return found.map(({ range, message }) => ({ text: document.getText(range), message }));
}

const problems = [];
const paths = readdirSync(root, { recursive: true }).filter((path) => path.endsWith(".json") && !path.startsWith("meta"));
for (const path of paths) {
  const found = await marks(path, readFileSync(`${root}/${path}`, "utf8"));
  problems.push(...found.map(({ text, message }) => `${path}: ${text}: ${message}`));
}
const examples = MISSPELT.filter(([path]) => paths.includes(path));
for (const [path, word, misspelt] of examples) {
  const text = readFileSync(`${root}/${path}`, "utf8");
  const edited = text.replace(`"${word}":`, `"${misspelt}":`);
  const found = await marks(path, edited);
  if (text === edited || !found.some(({ text }) => text === `"${misspelt}"`)) {
    problems.push(`${path}: the editor does not mark ${misspelt}`);
  }
}
fail(problems);
console.log(`vscode-json-languageservice: ${paths.length} documents valid, ${examples.length} misspelt words marked`);
