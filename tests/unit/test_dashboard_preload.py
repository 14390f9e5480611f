"""The page's modules, told at once: `dashboard.preload`."""

import re
from pathlib import Path

from dashboard.pages import STATIC
from dashboard.preload import header, modules


def test_what_main_needs_is_named_and_is_there() -> None:
    named = modules(STATIC)
    assert named[0] == "js/main.js"
    assert {"js/model.js", "js/panel/dom.js", "js/render.js"} <= set(named)
    assert len(named) == len(set(named))
    assert "js/workbench.js" not in named  # it comes when the picture is there, with all it needs
    assert "js/workbench.js" in [
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")
    ]
    for name in named:
        assert name.startswith("vendor/") or (STATIC / name).is_file()


def test_imports_are_followed_into_folders_and_never_out_of_them(tmp_path: Path) -> None:
    (tmp_path / "js" / "deep").mkdir(parents=True)
    (tmp_path / "outside.js").write_text("")
    static = tmp_path / "js"
    (static / "main.js").write_text(
        'import { a } from "./a.js";\nimport {\n  b,\n} from "./deep/b.js";\n'
        'import { x } from "../outside.js";\nimport { y } from "./missing.js";\n'
    )
    (static / "a.js").write_text('export * from "./main.js";\n')
    (static / "deep" / "b.js").write_text('import { a } from "../a.js";\n// from "./no.js"\n')
    assert modules(static, "main.js") == ["main.js", "a.js", "deep/b.js"]


def test_the_header_is_a_list_of_links() -> None:
    links = header(STATIC).split(", ")
    assert all(re.fullmatch(r"</static/[\w./-]+>; rel=modulepreload", link) for link in links)
