# The bootstrap alone, as the assignment builds it:
#
#   docker build -t bootstrap-node -f bootstrap.Dockerfile .
#   docker run -d --name bootstrap -p 5000:5000 bootstrap-node
#
# Its first stage is the `Dockerfile`'s own, so that Docker takes it from its cache.

FROM python:3.13-slim AS libraries
ENV PYTHONOPTIMIZE=2
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt \
    # What installs is not needed where nothing is installed, and 100 containers read no less of it.
    && rm -rf /opt/venv/lib/python3*/site-packages/pip /opt/venv/lib/python3*/site-packages/pip-*

FROM python:3.13-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONOPTIMIZE=2 \
    PYTHONDONTWRITEBYTECODE=1 \
    BOOTSTRAP_DATA=/data
RUN install -d -o 10001 -g 10001 /data
# The official image comes without compiled modules, and a read-only container cannot keep
# what it compiles: each of a hundred nodes would compile the same standard library again.
RUN python -m compileall -q -j 0 -x '/(test|idlelib|tkinter|turtledemo|ensurepip|site-packages|dist-packages)/' \
    "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
COPY --from=libraries /opt/venv /opt/venv
WORKDIR /app
COPY contract contract
COPY bootstrap bootstrap
RUN python -m compileall -q contract bootstrap
USER 10001:10001
VOLUME /data
EXPOSE 5000
CMD ["python", "-m", "bootstrap"]
