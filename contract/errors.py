"""One shape for everything that a client did wrong.

An error is JSON, `{"error": "what is wrong and what to do", "field": "msg"}`, with the
status that RFC 9110 has for it. `field` is there only when one field is to blame.
"""


class ApiError(Exception):
    """A client's fault. Raised anywhere below a view, answered by `contract.http`.

    `status` is 4xx, `retry_after` seconds for 429 and 503 (RFC 9110, section 10.2.3).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field
        self.retry_after = retry_after

    def body(self) -> dict[str, str]:
        """The JSON object that goes out."""
        answer = {"error": self.message}
        if self.field is not None:
            answer["field"] = self.field
        return answer

    def headers(self) -> dict[str, str]:
        """What goes out with it."""
        found = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status == 401:
            found["WWW-Authenticate"] = "Bearer"  # the operator's token (RFC 6750, section 3)
        return found


def malformed(message: str, field: str | None = None) -> ApiError:
    """400: the body cannot be understood (syntax, a missing field, a wrong type)."""
    return ApiError(400, message, field=field)


def out_of_range(message: str, field: str | None = None) -> ApiError:
    """422: understood, but this value cannot be meant (RFC 9110, section 15.5.21)."""
    return ApiError(422, message, field=field)
