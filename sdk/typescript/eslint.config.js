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
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
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
    // Generated code reads and writes deprecated members, and a reader grows with the members of its object.
    files: ["varpulis/src/protocol/**", "tests/src/generated/**"],
    rules: { "@typescript-eslint/no-deprecated": "off", complexity: "off", "max-lines-per-function": "off" },
  },
  {
    files: ["tests/**"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: ["describe", "test"] }] },
      ],
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines-per-function": "off",
    },
  },
  {
    files: ["examples/**"],
    rules: { "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }] },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
