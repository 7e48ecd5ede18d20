// ajv in its strict mode compiles each type of the bundles and accepts all examples.
//
//     node ajv.mjs BUNDLE...

import addFormats from "ajv-formats";
import Ajv from "ajv/dist/2020.js";

import { fail, read, types } from "./bundle.mjs";

const problems = [];
let [compiled, accepted] = [0, 0];
for (const path of process.argv.slice(2)) {
  const bundle = read(path);
  const ajv = new Ajv.default({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const key = bundle.$id ?? "bundle";
  ajv.addSchema(bundle, key);
  for (const { name, examples } of types(bundle)) {
    try {
      const validate = ajv.getSchema(`${key}#/$defs/${name}`);
      compiled += 1;
      for (const example of examples) {
        accepted += 1;
        if (!validate(example)) {
          problems.push(`${path}: ${name} refuses ${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`);
        }
      }
    } catch (error) {
      problems.push(`${path}: ${name}: ${error.message}`);
    }
  }
}
fail(problems);
console.log(`ajv (strict): ${compiled} types compiled, ${accepted} examples valid`);
