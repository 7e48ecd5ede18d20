"""Generated pydantic models have the names of the types and accept all examples.

Usage: models.py BUNDLE MODULE
"""

import importlib.util
import json
import sys
from pathlib import Path

from pydantic import TypeAdapter

# Types of which the generated model refuses examples, with the reason.
KNOWN = {"Hints": "all keys must match the pattern of `patternProperties`"}


def main(bundle_path: str, module_path: str) -> None:
    bundle = json.loads(Path(bundle_path).read_text())
    spec = importlib.util.spec_from_file_location("models", module_path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["models"] = module
    spec.loader.exec_module(module)
    problems = []
    examples = 0
    for name, schema in bundle["$defs"].items():
        model = getattr(module, name, None)
        if model is None:
            problems.append(f"there is no class {name}")
            continue
        refused = []
        for example in schema.get("examples", []):
            examples += 1
            try:
                TypeAdapter(model).validate_json(json.dumps(example))
            except ValueError as error:
                refused.append(f"{name} refuses {example}: {error}")
        if name not in KNOWN:
            problems += refused
        elif not refused:
            problems.append(f"{name} is a known failure, but the model accepts all examples")
    if problems:
        sys.exit("\n".join(f"error: datamodel-code-generator: {problem}" for problem in problems))
    print(f"datamodel-code-generator: {len(bundle['$defs'])} named types, {examples} examples valid")


if __name__ == "__main__":
    main(*sys.argv[1:])
