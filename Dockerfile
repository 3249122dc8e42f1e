# docker build -t convscope .
# docker run --read-only -p 8000:8000 -v convscope-data:/data convscope

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt .
# The same hashed lock as `make run`; wheels only, so no compiler is needed.
RUN python -m venv /venv \
    && /venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps --only-binary :all: -r requirements.txt \
    && /venv/bin/python -m pip uninstall --yes --quiet pip

FROM python:3.13-slim
# The root file system may be read-only, so nothing is compiled at run time, and what a large upload spills
# over goes to the volume too.
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    CONVSCOPE_DATA_DIR=/data \
    TMPDIR=/data

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin convscope \
    && install -d -o convscope -g convscope /data
COPY --from=build /venv /venv
WORKDIR /srv/convscope
COPY . .
RUN python -m compileall -q app engine

USER convscope
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=2)"]
# The server reads HOST and PORT itself.
CMD ["python", "-m", "app", "serve"]
