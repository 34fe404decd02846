"""Image files without their metadata, for files whose metadata is damaged."""

from __future__ import annotations

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_JPEG_START_OF_SCAN = 0xDA
# JFIF's and Adobe's marker, which say how colours are stored → their smallest lengths.
_JPEG_COLOR_MARKERS = {0xE0: 16, 0xEE: 14}


def strip_metadata(data: bytes) -> bytes | None:
    """Remove everything but what the pixels need from a JPEG or PNG file; None for other formats.

    The checksums of PNG are left as they are: a file whose pixels are damaged stays damaged.
    """
    if data.startswith(b"\xff\xd8"):
        return _strip_jpeg(data)
    if data.startswith(_PNG_SIGNATURE):
        return _strip_png(data)
    return None


def _strip_jpeg(data: bytes) -> bytes:
    kept, position = [data[:2]], 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == _JPEG_START_OF_SCAN:
            break
        segment = data[position : position + 2 + length]
        is_metadata = 0xE0 <= marker <= 0xEF or marker == 0xFE
        if not is_metadata or length >= _JPEG_COLOR_MARKERS.get(marker, len(data)):
            kept.append(segment)
        position += 2 + length
    return b"".join([*kept, data[position:]])


def _strip_png(data: bytes) -> bytes:
    kept, position = [_PNG_SIGNATURE], len(_PNG_SIGNATURE)
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4], "big"), data[position + 4 : position + 8]
        end = position + 12 + length
        if kind in _PNG_PIXEL_CHUNKS:
            kept.append(data[position:end])
        position = end
    return b"".join(kept)
