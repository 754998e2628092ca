# The service as a container: `docker build -t photochrom .`; for NVIDIA's GPUs `--target gpu`. See docs/containers.md.
#
# Names of images can be moved; digests cannot. Pin both before a release: docs/containers.md says how.
ARG NODE_IMAGE=docker.io/library/node:22-bookworm-slim
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm

# The studio's page: the only part that needs Node.
FROM ${NODE_IMAGE} AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm install --no-save --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN npm run build

# A virtual environment with everything, of the versions and hashes in requirements.lock.
FROM ${PYTHON_IMAGE} AS installed
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python3 -m venv /opt/photochrom
COPY requirements.lock /src/
RUN /opt/photochrom/bin/pip install --require-hashes --no-deps --only-binary :all: -r /src/requirements.lock
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE NOTICE ./
COPY docs/manual docs/manual
COPY src src
COPY --from=page /src/src/photochrom/web/static src/photochrom/web/static
RUN /opt/photochrom/bin/pip install --no-deps --no-build-isolation .

# ONNX Runtime for CUDA in place of the one for processors, never beside it; its wheels bring CUDA's libraries.
FROM installed AS installed-gpu
ARG ONNXRUNTIME_GPU=1.31.1
RUN /opt/photochrom/bin/pip uninstall --yes onnxruntime \
    && /opt/photochrom/bin/pip install --only-binary :all: "onnxruntime-gpu[cuda,cudnn]==${ONNXRUNTIME_GPU}"

FROM ${PYTHON_IMAGE} AS bare
RUN useradd --system --uid 10001 --user-group --home-dir /nonexistent --shell /usr/sbin/nologin photochrom \
    && install --directory --owner 10001 --group 10001 /models
ENV PATH=/opt/photochrom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PHOTOCHROM_MODELS=/models
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["photochrom"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]

FROM bare AS gpu
COPY --from=installed-gpu /opt/photochrom /opt/photochrom
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute

# The last stage is the one that is built unless --target names another.
FROM bare AS cpu
COPY --from=installed /opt/photochrom /opt/photochrom
