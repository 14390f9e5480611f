"""A scenario: one file that says what happens to a network, when, and what it must stand.

The same file runs against the simulator, against processes and against containers, so it is
read here, by whoever runs it, and nothing here knows how anything is done.

    document     YAML as a tree whose every value knows its line and column
    grammar      kinds of values: each reads itself, and describes itself for the JSON Schema
    vocabulary   the words of a scenario: steps, workload, expectations, and their bounds
    reading      a file as a `Scenario`, whole, or an error that names line, column and field
    cast         who is struck when: drawn from the seed before anything runs
    schema       the JSON Schema, made of the vocabulary: `python -m scenario.schema`
"""
