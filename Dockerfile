# One image for both commands: `serve` answers over HTTP, `worker` does what is due. Neither runs as root.
#
#   docker build -t rasad .
#   docker run --network host -v rasad:/var/lib/rasad rasad db upgrade
#   docker run --network host -v rasad:/var/lib/rasad rasad serve
#
# There is no HEALTHCHECK, since one image runs both: ask `/readyz` of the service; a worker that fails ends.
#
# Rasad listens on loopback only until it knows users, hence the host's network. Settings are RASAD_* variables;
# a database password comes from the environment of the container, never from the image.

FROM python:3.13-slim AS build
WORKDIR /source
RUN python -m venv /opt/rasad
COPY requirements.lock ./
RUN /opt/rasad/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY measurements measurements
COPY migrations migrations
COPY app app
RUN /opt/rasad/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/rasad --create-home rasad
COPY --from=build /opt/rasad /opt/rasad
ENV PATH=/opt/rasad/bin:$PATH PYTHONUNBUFFERED=1 RASAD_DATA_DIR=/var/lib/rasad RASAD_LOG_FORMAT=json
VOLUME /var/lib/rasad
EXPOSE 8000
USER rasad
ENTRYPOINT ["rasad"]
CMD ["serve"]
