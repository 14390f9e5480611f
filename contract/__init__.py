"""What every program of the laboratory agrees on, and nothing else.

Limits, URLs, the shape of errors and events, and the HTTP server. The rule for this
package: whatever only one program needs does not belong here.

It stays import-light on purpose. `contract.server.patch()` has to run before any other
library is loaded, so this file imports nothing.
"""

__version__ = "0.1.0"
