"""The Flask application: page, API and live stream on one port."""

from collections.abc import Collection
from pathlib import Path

from flask import Flask, Response

from contract import documents
from contract.errors import ApiError
from contract.http import create_app as create_json_app
from dashboard import acting as who_acts
from dashboard import (
    api,
    faults_api,
    history_api,
    metrics,
    outbox,
    pages,
    playback_api,
    pulse_api,
    runs_api,
    traffic_api,
)
from dashboard.acting import Acting
from dashboard.acts import Acts
from dashboard.control import Control
from dashboard.live import Live
from dashboard.observer import Observer
from dashboard.recall import Recall
from dashboard.series import Series
from dashboard.traffic import Traffic

_ABOUT = """It hears what all nodes tell, shows it, writes it down, and asks single nodes for \
the person at the page. Answers carry the header P2P-Dashboard.

Who changes something shows a token: the page's (`GET /api/token`) in the header `P2P-Page`, or \
the operator's.

A node's refusal (4xx) is passed on as it is; what a node answers is described by the node's own \
document. HEAD is answered as GET, without the body; 405 is what another method gets. The page's \
live stream is Socket.IO at /socket.io/, namespace /live, which docs/api.md tells about."""


def create_app(  # noqa: PLR0913 - what a program is made of
    observer: Observer,
    control: Control,
    *,
    hosts: Collection[str] = (),
    static: Path = pages.STATIC,
    templates: Path = pages.TEMPLATES,
    recall: Recall | None = None,
    series: Series | None = None,
    acting: Acting | None = None,
    no_faults: ApiError | None = None,
) -> tuple[Flask, Live]:
    """The application, and the stream that has yet to be started.

    `no_faults` says why nothing can be broken from here; None: it can.
    """
    app = create_json_app("dashboard", hosts=hosts, static_folder=str(static))

    def sign(response: Response) -> Response:
        response.headers["P2P-Dashboard"] = "1"  # so that nobody takes it for a plain node
        return response

    acting = acting or Acting()
    app.after_request(sign)
    acting.protect(app)
    pages.protect(app)
    pages.describe_files(app)
    app.register_blueprint(pages.blueprint(templates, static))
    app.register_blueprint(who_acts.blueprint(acting))
    app.register_blueprint(api.blueprint(observer, control))
    app.register_blueprint(outbox.blueprint(control))
    app.register_blueprint(
        faults_api.blueprint(Acts(observer, control), control, acting, no_faults)
    )
    series = Series(observer) if series is None else series
    app.register_blueprint(history_api.blueprint(observer, recall, series))
    app.register_blueprint(pulse_api.blueprint(series.pulse))
    if recall is not None:
        app.register_blueprint(runs_api.blueprint(recall))
        app.register_blueprint(playback_api.blueprint(recall))
    app.register_blueprint(documents.blueprint("The dashboard", _ABOUT))
    live = Live(app, observer, hosts, pages.fingerprint(static, templates))
    traffic = Traffic(observer, control, live)
    live.gone.append(traffic.closed)
    app.register_blueprint(traffic_api.blueprint(traffic))
    app.register_blueprint(metrics.blueprint(observer, live, recall))
    return app, live
