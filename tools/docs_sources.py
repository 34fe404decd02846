"""MkDocs hook: makes pages of the site from files of the repository that the documentation links to.

The same link then works on disk, where it leads to the file, and on the site, which stands alone.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parents[1]
_LINK = re.compile(r"\]\(\.\./([^)#\s]+)")
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file that is linked to, and for the files of each folder."""
    linked_paths = {
        path.rstrip("/")
        for file in files.documentation_pages()
        if "/" not in file.src_uri
        for path in _LINK.findall(file.content_string)
    }
    for path in sorted(linked_paths):
        target = _ROOT / path
        if target.is_dir():
            sources = sorted(file for file in target.iterdir() if file.suffix in _LANGUAGES)
            links = "".join(f"- [{file.name}]({target.name}/{file.name}.md)\n" for file in sources)
            _add(files, config, path, links)
        else:
            sources = [target]
        for file in sources:
            if file.is_file():  # MkDocs warns of links to missing files
                code = f"````{_LANGUAGES.get(file.suffix, 'text')}\n{file.read_text(encoding='utf-8')}````\n"
                _add(files, config, file.relative_to(_ROOT).as_posix(), code)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Redirect links to files of the repository to their pages."""
    return _LINK.sub(lambda match: f"]({_page_of(match[1].rstrip('/'))}", markdown)


def _page_of(path: str) -> str:
    return str(PurePosixPath("sources") / f"{path}.md")


def _add(files: Files, config: MkDocsConfig, path: str, text: str) -> None:
    if files.get_file_from_path(_page_of(path)) is None:
        content = f"---\ntitle: {path}\nsearch: {{exclude: true}}\n---\n\n# `{path}`\n\n{text}"
        files.append(File.generated(config, _page_of(path), content=content))
