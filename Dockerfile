# One image for all three programs. By default it runs a node:
#
#   docker build -t p2p-node .
#   docker run -d -p 5000:5000 --name node1 p2p-node
#
# `compose.yaml` starts the bootstrap and the dashboard from the same image, so that a
# hundred and two containers share one set of layers.

# The browser's libraries, copied from npm as they are: no build step.
FROM node:24-slim AS web
WORKDIR /web
COPY package.json package-lock.json .npmrc vendor.mjs ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm run vendor

# Python's libraries. A layer of its own: it changes only with the lock file.
FROM python:3.13-slim AS libraries
ENV PYTHONOPTIMIZE=2
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    # What installs is not needed where nothing is installed, and 100 containers read no less of it.
    && rm -rf /opt/venv/lib/python3*/site-packages/pip /opt/venv/lib/python3*/site-packages/pip-*

FROM python:3.13-slim
# Compiled once here, since the containers' own file systems are read-only; without docstrings
# and assertions, which a hundred nodes would read for nothing (7 ms of some 100, measured).
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONOPTIMIZE=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    NODE_DATA=/data \
    BOOTSTRAP_DATA=/data \
    DASHBOARD_DATA=/data
# A user without a name, a shell or a home; `/data` is all that he may write to.
RUN install -d -o 10001 -g 10001 /data
# The official image comes without compiled modules, and a read-only container cannot keep
# what it compiles: each of a hundred nodes would compile the same standard library again.
RUN python -m compileall -q -j 0 -x '/(test|idlelib|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /app
COPY contract contract
COPY node node
COPY bootstrap bootstrap
COPY dashboard dashboard
COPY static static
COPY templates templates
COPY --from=web /web/static/vendor static/vendor
# All that a node loads at its start in one file: a seventh of that start (contract/bundle.py).
RUN python -m compileall -q contract node bootstrap dashboard && python -m node.bundle node.bundle
USER 10001:10001
VOLUME /data
EXPOSE 5000
CMD ["python", "-m", "node"]
