"""`/openapi.json` and `/docs`: that they are right, whole, and what the programs really answer."""

import copy
import json
import re
import shlex
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from flask import Flask
from free_ports import free_port
from laboratory import Dashboard, Node, Program, network, until
from schemas import answer_of, faults, fits, operations, resolved

from bootstrap.api import create_app as bootstrap_app
from bootstrap.registry import Registry
from contract.described import described, description
from contract.docs_page import page
from contract.http import create_app as json_app
from contract.itself import Itself
from contract.limits import MAX_BODY, MAX_ID
from contract.openapi import UndescribedError, document
from dashboard.observer import Observer
from dashboard.recall import Recall
from dashboard.web import create_app as dashboard_app
from node.api import create_app as node_app
from node.api.shapes import FaultView
from node.faults.kinds import KINDS
from node.identity import Identity
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store

PATIENCE = 30
PROGRAMS = ("node", "bootstrap", "dashboard")


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Flask]]:
    """The three applications, with nothing behind them."""
    folder = tmp_path_factory.mktemp("apps")
    store = Store(folder / "node")
    settings = Settings(data=folder / "node", bootstrap=NO_BOOTSTRAP)
    peer = Peer(settings, Identity("node1", "http://node1:5000"), store)
    registry = Registry(folder / "registry.db")
    recall = Recall(folder / "runs", None)
    control: Any = None
    yield {
        "node": node_app(peer),
        "bootstrap": bootstrap_app(registry, Itself(5000, "bootstrap")),
        "dashboard": dashboard_app(Observer(None), control, recall=recall)[0],
    }
    store.close()
    registry.close()


@pytest.fixture(scope="module")
def documents(apps: dict[str, Flask]) -> dict[str, dict[str, Any]]:
    return {name: app.test_client().get("/openapi.json").json for name, app in apps.items()}


# --- the document --------------------------------------------------------------------------


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_document_keeps_the_rules(documents: dict[str, Any], program: str) -> None:
    assert faults(documents[program]) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_call_of_a_program_is_in_its_document(
    apps: dict[str, Flask], documents: dict[str, Any], program: str
) -> None:
    real = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in apps[program].url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(documents[program])} == real


def test_a_call_that_nobody_described_makes_no_document() -> None:
    app = json_app("a program")
    app.get("/forgotten")(lambda: "")
    with pytest.raises(UndescribedError, match="/forgotten"):
        document(app, "A program", "")


def test_options_are_documented_where_a_program_answers_them_itself() -> None:
    app = json_app("a program")
    view = described("May I?")(lambda: "")
    app.add_url_rule(
        "/hook", "hook.ask", view, methods=["OPTIONS"], provide_automatic_options=False
    )
    app.add_url_rule("/hook", "hook.post", described("Take it")(lambda: ""), methods=["POST"])
    found = {(path, method) for path, method, _ in operations(document(app, "A program", ""))}
    assert found == {("/hook", "options"), ("/hook", "post")}


def _id_twice(doc: Any) -> None:
    doc["paths"]["/status"]["get"]["operationId"] = doc["paths"]["/events"]["get"]["operationId"]


BREAKS: list[Callable[[Any], Any]] = [
    _id_twice,
    lambda doc: doc["components"]["schemas"].pop("Step"),
    lambda doc: doc["paths"]["/send/{message}"]["get"]["parameters"].clear(),
    lambda doc: doc["components"]["schemas"]["Inbox"]["required"].append("nothing"),
    lambda doc: doc["paths"]["/send"]["get"]["responses"].pop("200"),
    lambda doc: doc["components"]["responses"]["BadRequest"].pop("content"),
    lambda doc: doc["paths"]["/messages"]["get"]["parameters"][0]["schema"].update(default=0),
    lambda doc: doc["components"]["schemas"]["Inbox"].update(typ="object"),
    lambda doc: doc["paths"]["/send"]["post"]["requestBody"]["content"]["application/json"][
        "example"
    ].pop("msg"),
]


@pytest.mark.parametrize("broken", range(len(BREAKS)))
def test_a_document_that_breaks_a_rule_is_seen(documents: dict[str, Any], broken: int) -> None:
    spoilt = copy.deepcopy(documents["node"])
    assert faults(spoilt) == []
    BREAKS[broken](spoilt)
    try:
        seen = faults(spoilt)
    except KeyError:  # what is missing is asked for
        return
    assert seen


def test_bounds_are_those_of_the_code(documents: dict[str, Any]) -> None:
    node = documents["node"]
    by_name = {
        one["name"]: one["schema"] for one in node["paths"]["/messages"]["get"]["parameters"]
    }
    assert by_name["limit"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}
    (message,) = node["paths"]["/send/{message}"]["get"]["parameters"]
    assert message["schema"] == {"type": "string", "maxLength": MAX_ID}
    crash = node["components"]["schemas"]["FaultCrash"]["properties"]["down_seconds"]
    assert crash == {"type": "number", "minimum": 0.0, "maximum": 600.0, "default": 0.0}


def test_a_fault_is_shown_with_the_fields_that_its_kind_has() -> None:
    own = {field for fields in KINDS.values() for field in fields}
    always = {"id", "kind", "peers", "direction", "left_seconds", "by", "act"}
    assert FaultView.__required_keys__ | FaultView.__optional_keys__ == own | always


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs.css", "/docs.svg", "/metrics"])
def test_the_host_counts_and_heads_are_answered(
    apps: dict[str, Flask], program: str, path: str
) -> None:
    client = apps[program].test_client()
    assert client.get(path, headers={"Host": "evil.example"}).status_code == 403
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert client.delete(path).status_code == 405


# --- the page ------------------------------------------------------------------------------


class Reader(HTMLParser):
    """What is in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.codes: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in = tag

    def handle_data(self, data: str) -> None:
        if self._in == "code":
            self.codes.append(data)

    def handle_endtag(self, _: str) -> None:
        self._in = ""

    def all(self, attribute: str) -> list[str]:
        return [value for name, value in self.attributes if name == attribute]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_needs_nothing_but_its_style_sheet(apps: dict[str, Flask], program: str) -> None:
    answer = apps[program].test_client().get("/docs")
    read = Reader(answer.text)
    assert not {"script", "style", "img", "iframe", "object", "form"} & read.tags
    assert "style" not in {name for name, _ in read.attributes}
    assert not any(name.startswith("on") for name, _ in read.attributes)
    assert read.all("src") == []
    away = {href for href in read.all("href") if not href.startswith("#")}
    assert away == {"/docs.css", "/docs.svg", "/openapi.json"}
    ids = read.all("id")
    assert {href[1:] for href in read.all("href") if href.startswith("#")} <= set(ids)
    assert len(set(ids)) == len(ids)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_page_has_every_call_and_a_line_to_try_it(
    apps: dict[str, Flask], documents: dict[str, Any], program: str
) -> None:
    read = Reader(apps[program].test_client().get("/docs", base_url="http://localhost:5001").text)
    lines = [shlex.split(code) for code in read.codes if code.startswith("curl ")]
    assert len(lines) == len(list(operations(documents[program])))
    assert all(any(word.startswith("http://localhost:5001/") for word in line) for line in lines)
    assert set(read.all("id")) >= {one["operationId"] for *_, one in operations(documents[program])}


def test_nothing_in_the_page_is_taken_for_markup(documents: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>\"'&"
    spoilt = json.loads(json.dumps(documents["node"]).replace("Step", "S<b>tep"))
    spoilt["info"]["title"] = spoilt["info"]["description"] = evil
    for *_, operation in operations(spoilt):
        operation["summary"] = evil
        operation["tags"] = [evil]
    shown = page(spoilt, f"http://{evil}")
    assert not {"script", "b"} & Reader(shown).tags
    assert evil in "".join(Reader(shown).codes).replace("'\"'\"'", "'")


def test_ticks_are_code_and_no_more_than_that(documents: dict[str, Any]) -> None:
    spoilt = copy.deepcopy(documents["node"])
    spoilt["info"]["description"] = "a `b<i>` c `d` e ` f"
    shown = page(spoilt, "http://localhost")
    assert "<p>a <code>b&lt;i&gt;</code> c <code>d</code> e ` f</p>" in shown


# --- what real programs answer -------------------------------------------------------------


class Real:
    """A running program, its document, and values for what stands in its paths."""

    def __init__(
        self, url: str, values: dict[str, str], shown: dict[str, str] | None = None
    ) -> None:
        """`shown` are the headers of whoever may act."""
        self.url, self.values, self._shown = url, values, shown or {}
        self.document: dict[str, Any] = requests.get(url + "/openapi.json", timeout=PATIENCE).json()

    def path(self, template: str) -> str:
        return re.sub(r"{(.+?)}", lambda found: self.values[found[1]], template)

    def ask(self, method: str, template: str, query: str = "", **more: Any) -> requests.Response:
        url = self.url + self.path(template) + query
        headers = {**self._shown, **more.pop("headers", {})}
        return requests.request(method, url, timeout=PATIENCE, headers=headers, **more)

    def wrong(self, method: str, template: str, answer: requests.Response) -> list[str]:
        """What an answer has that its document has not."""
        operation = self.document["paths"][template][method]
        at = f"{method} {answer.url} {answer.status_code}"
        try:
            told = answer_of(self.document, operation, answer.status_code)
        except KeyError:
            return [f"{at}: nobody has heard of this status: {answer.text[:200]}"]
        media = answer.headers["Content-Type"].partition(";")[0]
        if media not in told["content"]:
            known = list(told["content"])
            return [] if known == ["application/octet-stream"] else [f"{at}: {media}, not {known}"]
        schema = told["content"][media].get("schema")
        if schema is None or media != "application/json":
            return []
        return [f"{at}: {one}" for one in fits(self.document, schema, answer.json())]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


def _post(url: str, body: Any) -> Any:
    answer = requests.post(url, json=body, timeout=PATIENCE)
    assert answer.ok, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, nodes: list[Node]) -> Iterator[dict[str, Real]]:
    """The three programs with something in them."""
    folder = tmp_path_factory.mktemp("programs")
    port = free_port()
    settings = {
        "BOOTSTRAP_HOST": "127.0.0.1",
        "BOOTSTRAP_PORT": str(port),
        "BOOTSTRAP_DATA": str(folder),
    }
    bootstrap = Program("bootstrap", folder / "bootstrap", settings)
    dashboard = Dashboard(folder / "dashboard", nodes[0].url)
    try:
        until(dashboard.sees(watched=2, coverage=1.0))
        until(lambda: "listens" in bootstrap.printed())
        node = nodes[0].url
        sent = _post(node + "/send", {"to": "node2", "msg": "one"})["id"]
        until(
            lambda: requests.get(f"{node}/send/{sent}", timeout=9).json()["status"] == "delivered"
        )
        _post(nodes[1].url + "/send", {"to": "node1", "msg": "two"})
        broadcast = _post(node + "/broadcast", {"msg": "all", "wait_seconds": 5})["id"]
        fault = _post(node + "/faults", {"kind": "drop", "peers": ["node2"], "probability": 0.01})
        until(lambda: len(dashboard.get("/api/messages")["messages"]) >= 3)
        until(lambda: dashboard.get("/api/runs")["runs"])
        until(lambda: dashboard.get("/api/history")["records"])
        run = dashboard.get("/api/runs")["runs"][0]["id"]
        yield {
            "node": Real(node, {"message": sent, "fault": fault["fault"]["id"], "hook": "none"}),
            "broadcast": Real(node, {"message": broadcast, "hook": "none"}),
            "bootstrap": Real(f"http://127.0.0.1:{port}", {}),
            "dashboard": Real(
                dashboard.url,
                {
                    "node": "node1",
                    "shown": sent,
                    "message": broadcast,
                    "wanted": run,
                    "fault": "none",
                    "act": "none",
                    "name": "graph.json",
                    "filename": "css/tokens.css",
                },
                dashboard.shown(),
            ),
        }
    finally:
        bootstrap.end()
        dashboard.end()


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_answers_is_what_its_document_says(
    real: dict[str, Real], program: str
) -> None:
    this = real[program]
    wrong: list[str] = []
    asked = 0
    for template, method, _ in operations(this.document):
        if method == "get":
            teller = real["broadcast"] if template == "/broadcast/{message}" else this
            answer = teller.ask(method, template)
            assert answer.status_code == 200, f"{template}: {answer.text}"
            wrong += this.wrong(method, template, answer)
            head = teller.ask("head", template)
            assert (head.status_code, head.content) == (200, b""), template
            asked += 1
    assert wrong == []
    assert asked >= 6


@pytest.mark.parametrize(
    ("program", "template", "query"),
    [
        ("node", "/peers", "?view=all&detail=1"),
        ("node", "/send", "?status=delivered"),
        ("node", "/messages", "?limit=1"),
        ("node", "/events", "?after=1&limit=3"),
        ("bootstrap", "/peers", "?limit=2"),
        ("dashboard", "/api/graph", "?at=8000000000000"),
        ("dashboard", "/api/analysis", "?at=8000000000000"),
        ("dashboard", "/api/analysis/series", "?from=0"),
        ("dashboard", "/api/history", "?types=message&limit=1"),
        ("dashboard", "/api/pulse", "?after=5"),
        ("dashboard", "/api/nodes/{node}/outbox", "?status=delivered&limit=1"),
    ],
)
def test_other_questions_get_what_the_document_says(
    real: dict[str, Real], program: str, template: str, query: str
) -> None:
    answer = real[program].ask("get", template, query)
    assert answer.status_code == 200, answer.text
    assert real[program].wrong("get", template, answer) == []


@pytest.mark.parametrize(
    ("program", "method", "template", "body"),
    [
        ("node", "post", "/register", {"url": "http://127.0.0.1:9"}),
        ("node", "post", "/message", {"sender": "s", "msg": "m"}),
        ("node", "post", "/send", {"to": "node2", "msg": "m"}),
        ("node", "post", "/broadcast", {"msg": "m", "wait_seconds": 1}),
        ("node", "post", "/faults", {"kind": "delay", "mean_ms": 1}),
        ("node", "delete", "/faults", None),
        ("node", "post", "/messages", {"from": "a", "to": "b", "messages": []}),
        ("node", "post", "/send/{message}/retry", None),
        ("bootstrap", "post", "/register", {"url": "http://127.0.0.1:9"}),
        ("bootstrap", "delete", "/register", {"url": "http://127.0.0.1:9"}),
        ("dashboard", "post", "/api/send", {"from": "node1", "to": "node2", "msg": "m"}),
        ("dashboard", "post", "/api/broadcast", {"from": "node1", "msg": "m"}),
        ("dashboard", "post", "/api/faults", {"kind": "freeze", "nodes": ["node2"]}),
        ("dashboard", "post", "/api/faults", {"kind": "partition", "groups": [["nobody"]]}),
        ("dashboard", "delete", "/api/faults", None),
        ("dashboard", "post", "/api/traffic", {"rate": 1, "for_seconds": 1}),
        ("dashboard", "delete", "/api/traffic", None),
        ("dashboard", "delete", "/api/nodes/{node}/faults/{fault}", None),
        ("dashboard", "post", "/api/runs/{wanted}", {"name": "a name"}),
        ("dashboard", "delete", "/api/runs/{wanted}", None),
        ("dashboard", "post", "/api/nodes/{node}/outbox/{shown}/retry", None),
        ("dashboard", "delete", "/api/nodes/{node}/outbox/{shown}", None),
    ],
)
def test_what_changes_something_answers_as_the_document_says(
    real: dict[str, Real], program: str, method: str, template: str, body: Any
) -> None:
    answer = real[program].ask(method, template, json=body)
    assert answer.status_code < 500, answer.text
    assert real[program].wrong(method, template, answer) == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_nonsense_is_refused_as_the_document_says(real: dict[str, Real], program: str) -> None:
    this = real[program]
    wrong: list[str] = []
    for template, method, operation in operations(this.document):
        said = [(415, {"data": b"{}", "headers": {"Content-Type": "text/plain"}})]
        if "application/json" in operation.get("requestBody", {}).get("content", {}):
            said += [(400, {"json": []}), (400, {"json": {}})]
            if template not in {"/overlay", "/messages"}:  # which take much more
                said.append((413, {"json": {"x": "y" * MAX_BODY}}))
        elif "requestBody" not in operation:
            said = []
        for status, body in said:
            answer = this.ask(method, template, **body)
            assert answer.status_code == status, f"{method} {template} {answer.text}"
            wrong += this.wrong(method, template, answer)
        numbers = [
            one for one in operation.get("parameters", ()) if one["schema"]["type"] == "integer"
        ]
        for one in numbers:
            for value, status in (("x", 400), (str(one["schema"]["minimum"] - 1), 422)):
                query = f"?{one['name']}={value}" + "&from=0" * template.endswith("/series")
                answer = this.ask(method, template, query)
                assert answer.status_code == status, f"{template}{query} {answer.text}"
                wrong += this.wrong(method, template, answer)
    assert wrong == []


def test_a_foreign_host_is_refused_as_the_document_says(real: dict[str, Real]) -> None:
    this = real["node"]
    for template, method, _ in operations(this.document):
        answer = this.ask(method, template, headers={"Host": "evil.example"})
        assert answer.status_code == 403
        assert this.wrong(method, template, answer) == []


def test_an_answer_without_a_field_or_with_one_too_many_is_seen(real: dict[str, Real]) -> None:
    this = real["node"]
    answer = this.ask("get", "/status").json()
    schema = resolved(this.document, "#/components/schemas/NodeStatus")
    assert fits(this.document, schema, answer) == []
    for field in answer:
        less = {name: value for name, value in answer.items() if name != field}
        assert fits(this.document, schema, less) == [f"$: '{field}' is missing"]
    assert fits(this.document, schema, {**answer, "new": 1}) == ["$: nobody has heard of 'new'"]
    assert fits(this.document, schema, {**answer, "epoch": "1"})
    assert fits(this.document, schema, {**answer, "durability": "none"})
    answer["members"][0].pop("state")
    assert fits(this.document, schema, answer) == ["$.members[0]: 'state' is missing"]


def test_a_fault_cuts_nobody_off_from_the_documents(
    real: dict[str, Real], nodes: list[Node]
) -> None:
    node = nodes[1].url
    for kind in ("freeze", "drop"):
        _post(node + "/faults", {"kind": kind})
    try:
        for path in ("/openapi.json", "/docs", "/docs.css", "/docs.svg"):
            assert requests.get(node + path, timeout=PATIENCE).status_code == 200
    finally:
        requests.delete(node + "/faults", timeout=PATIENCE)
    assert real["node"].document["info"]["title"] == "A node"


def test_what_is_said_of_a_call_stays_with_it(apps: dict[str, Flask]) -> None:
    said = description(apps["node"].view_functions["messages.send"])
    assert said is not None
    assert said.statuses() == [400, 403, 404, 409, 413, 415, 422, 429, 503]
