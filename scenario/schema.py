"""The JSON Schema of a scenario, for editors: made of the vocabulary that reads one.

`python -m scenario.schema` prints it; it stands in docs/scenarios/scenario.schema.json, and a
test says when that is not what this prints. What needs a look at two places at a time (a step
after the end, a name that nobody has) is told by the reader alone.
"""

import json
from typing import Final

from scenario import vocabulary
from scenario.grammar import Schema, Table
from scenario.vocabulary import EXPECT, HEAD, NAME, STEPS, Bound, WhomKind, step_table

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> Schema:
    """All of it."""
    expect = Table({name: Bound(promise) for name, promise in EXPECT.items()})
    said = Table(HEAD, vocabulary.REQUIRED).schema()
    properties = said["properties"] | {
        "groups": {
            "description": "Names for nodes, to be used wherever nodes are meant",
            "type": "object",
            "propertyNames": {"pattern": f"^{NAME}$"},
            "additionalProperties": WhomKind().schema(),
        },
        "steps": {
            "description": "What happens, and when",
            "type": "array",
            "maxItems": 1_000,
            "items": {"oneOf": [step_table(name, doing).schema() for name, doing in STEPS.items()]},
        },
        "expect": {"description": "What the network must stand", **expect.schema()},
    }
    return {
        "$schema": DIALECT,
        "title": "A scenario of p2p-lab",
        **said,
        "properties": properties,
        "$defs": {"whom": WhomKind().definition()},
    }


def text() -> str:
    """As the file has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")
