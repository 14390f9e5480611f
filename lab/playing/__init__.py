"""`run` taken apart: a scenario is played somewhere, what was seen is judged, and told.

record       what was seen, whoever played it
simulated    played in the simulator, a program of its own
live         played to real programs: steps, users and looks side by side
doing        how each step is done to processes and to containers
looking      asking all nodes whom they believe alive
judge        a record goes in, promises with their figures come out
curves       the same over time, for charts
table  junit  page  compare      a verdict in words, for CI, as a page, beside another one
picture  charts                  what the page draws
"""
