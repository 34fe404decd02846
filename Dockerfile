# The studio and all commands, from what Debian and PyPI offer.
#
#     docker build -t scgan .
#     docker run --rm -p 8765:8765 scgan                        # prints the address of the studio, with a token
#     docker run --rm -v "$PWD:/work" scgan scgan generate faces --out images
#
# PyPI's torch brings CUDA (several gigabytes). A small image for processors only:
#     docker build -t scgan --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cpu .
FROM debian:bookworm-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates \
    && rm -rf /var/lib/apt/lists/*

ARG TORCH_INDEX=https://pypi.org/simple
ENV PATH=/opt/scgan/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY constraints.txt /opt/constraints.txt
RUN python3 -m venv /opt/scgan \
    && pip install -q -c /opt/constraints.txt --index-url "$TORCH_INDEX" --extra-index-url https://pypi.org/simple torch

COPY . /opt/source
RUN pip install -q -c /opt/constraints.txt "/opt/source[landmarks,eval,video,studio,plots,onnx,tensorboard]" \
    && rm -rf /opt/source

RUN useradd --create-home user && mkdir /work && chown user /work
USER user
WORKDIR /work
EXPOSE 8765
CMD ["scgan", "studio", "faces", "fashion", "--host", "0.0.0.0", "--no-browser"]
