# One image for the whole fleet: `docker run IMAGE fleet critic-agent`.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY hp_tui hp_tui
COPY widgets widgets
COPY consul/config consul/config
RUN python -m venv /opt/hp-tui \
 && /opt/hp-tui/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin hp-tui
COPY --from=build /opt/hp-tui /opt/hp-tui
ENV PATH=/opt/hp-tui/bin:$PATH PYTHONUNBUFFERED=1
USER hp-tui
# SIGTERM starts the graceful way out: not serving, deregister, drain.
STOPSIGNAL SIGTERM
ENTRYPOINT ["hp-tui"]
CMD ["--help"]
