"""The Flask application: page, API and live stream on one port."""

from collections.abc import Collection
from pathlib import Path

from flask import Flask, Response

from contract.http import create_app as create_json_app
from dashboard import api, faults_api, history_api, metrics, outbox, pages, runs_api
from dashboard.acts import Acts
from dashboard.control import Control
from dashboard.live import Live
from dashboard.observer import Observer
from dashboard.recall import Recall
from dashboard.series import Series
from dashboard.subscriptions import Subscriptions


def create_app(
    observer: Observer,
    control: Control,
    *,
    hosts: Collection[str] = (),
    static: Path = pages.STATIC,
    templates: Path = pages.TEMPLATES,
    recall: Recall | None = None,
    series: Series | None = None,
    token: str | None = None,
    subscriptions: Subscriptions | None = None,
) -> tuple[Flask, Live]:
    """The application, and the stream that has yet to be started."""
    app = create_json_app("dashboard", hosts=hosts, static_folder=str(static))

    def sign(response: Response) -> Response:
        response.headers["P2P-Dashboard"] = "1"  # so that nobody takes it for a plain node
        return response

    app.after_request(sign)
    pages.protect(app)
    app.register_blueprint(pages.blueprint(templates))
    app.register_blueprint(api.blueprint(observer, control))
    app.register_blueprint(outbox.blueprint(control))
    app.register_blueprint(faults_api.blueprint(Acts(observer, control), control, token))
    app.register_blueprint(history_api.blueprint(observer, recall, series or Series(observer)))
    if recall is not None:
        app.register_blueprint(runs_api.blueprint(recall))
    live = Live(app, observer, hosts)
    app.register_blueprint(metrics.blueprint(observer, live, subscriptions, recall))
    return app, live
