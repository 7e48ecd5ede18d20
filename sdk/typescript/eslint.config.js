import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/", "**/node_modules/"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-empty-object-type": ["error", { allowObjectTypes: "always" }],
      "@typescript-eslint/consistent-type-imports": "error",
      complexity: ["error", 15],
      "max-lines-per-function": ["error", { max: 70, skipComments: true }],
    },
  },
  {
    files: ["runtime/src/**"],
    ignores: ["runtime/src/node.ts"],
    rules: {
      "no-restricted-imports": ["error", { patterns: ["node:*", "@nats-io/transport-node"] }],
    },
  },
  {
    // Generated code reads and writes deprecated members.
    files: ["varpulis/src/protocol/**", "**/golden/**"],
    rules: { "@typescript-eslint/no-deprecated": "off", "max-lines-per-function": "off" },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
