"""For all tests: Ctrl-C is what it is in a person's terminal.

A shell that starts a command in the background (`make test &`) has it ignore SIGINT, and so
have all programs that it starts; then the tests that press Ctrl-C would wait in vain.
"""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
